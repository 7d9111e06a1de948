import { InlineFieldRow } from '@grafana/ui';
import { KindEntry, kinds as allKinds, kindOf, viewOf } from '../../catalogue';
import { Kind } from '../../types';
import { ChoiceField } from './ChoiceField';
import { PartProps } from './types';

interface Props extends PartProps {
  kinds?: KindEntry[];
}

/** What is asked, and in which view. A change leaves filters as they are: they mean the same everywhere. */
export function KindFields({ query, onQuery, kinds = allKinds }: Props) {
  const kind = kindOf(query.kind);
  const views = kind?.views ?? [];
  const first = views[0]?.name;
  return (
    <InlineFieldRow>
      <ChoiceField
        label="Ask for"
        tooltip={kind?.description ?? 'What is asked'}
        value={query.kind}
        options={kinds.map((k) => ({ value: k.kind, label: k.label, description: k.description }))}
        width={32}
        onChange={(value) => value !== query.kind && onQuery({ kind: value as Kind, view: undefined, metrics: undefined, format: undefined })}
      />
      {views.length > 1 && (
        <ChoiceField
          label="View"
          tooltip={viewOf(query.kind, query.view)?.description ?? 'How it is asked'}
          value={query.view}
          standard={first}
          options={views.map((v) => ({ value: v.name, label: v.label, description: v.description }))}
          onChange={(view) => view !== (query.view || first) && onQuery({ view, metrics: undefined, format: undefined })}
        />
      )}
    </InlineFieldRow>
  );
}
