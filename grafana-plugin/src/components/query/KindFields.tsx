import { InlineFieldRow } from '@grafana/ui';
import { KindEntry, kinds as allKinds, kindOf, optionNames, viewOf } from '../../catalogue';
import { Kind } from '../../types';
import { ChoiceField } from './ChoiceField';
import { PartProps, QueryChange } from './types';

interface Props extends PartProps {
  kinds?: KindEntry[];
}

/** What is asked, and in which view. A change leaves filters and what else means the same there as they are. */
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
        width={44}
        onChange={(value) => value !== query.kind && onQuery({ ...without(value as Kind), kind: value as Kind, view: undefined })}
      />
      {views.length > 1 && (
        <ChoiceField
          label="View"
          tooltip={viewOf(query.kind, query.view)?.description ?? 'How it is asked'}
          value={query.view}
          standard={first}
          options={views.map((v) => ({ value: v.name, label: v.label, description: v.description }))}
          onChange={(view) => view !== (query.view || first) && onQuery({ ...without(query.kind, view), view })}
        />
      )}
    </InlineFieldRow>
  );
}

/** Takes away what the next view does not heed, or may even refuse. */
function without(kind: Kind, view?: string): QueryChange {
  const heeded = viewOf(kind, view)?.options ?? [];
  const gone = optionNames.filter((option) => !heeded.includes(option));
  return { metrics: undefined, format: undefined, ...Object.fromEntries(gone.map((option) => [option, undefined])) };
}
