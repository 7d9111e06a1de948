import { QueryEditorProps } from '@grafana/data';
import { InlineFieldRow } from '@grafana/ui';
import type { RingsideDataSource } from '../datasource';
import { idMembers, LookupName, RingsideQuery, Settings, VariableQuery } from '../types';
import { ChoiceField } from './query/ChoiceField';
import { IdField, idLabels } from './query/IdField';
import { TextField } from './query/TextField';

// What each of them can be narrowed to.
const narrowing: Record<LookupName, Array<'organizations' | 'groups' | 'queues'>> = {
  organizations: [],
  groups: ['organizations'],
  queues: ['organizations', 'groups'],
  agents: ['organizations', 'groups', 'queues'],
  callLists: ['organizations'],
};

type Props = QueryEditorProps<RingsideDataSource, RingsideQuery, Settings, VariableQuery>;

/** What a dashboard variable offers: names to choose from, whose values are ids. */
export function VariableEditor({ datasource, query, onChange }: Props) {
  const lookup = query.lookup ?? 'queues';
  const change = (members: Partial<VariableQuery>) => onChange({ ...query, refId: query.refId ?? 'Variable', lookup, ...members });
  return (
    <InlineFieldRow>
      <ChoiceField
        label="Values"
        tooltip="What the variable offers. Its texts are names, its values are the ids that queries filter by"
        value={lookup}
        options={idMembers.map((member) => ({ value: member, label: idLabels[member].label }))}
        onChange={(next) => change({ lookup: next as LookupName })}
      />
      {narrowing[lookup].map((member) => (
        <IdField
          key={`${lookup}-${member}`}
          datasource={datasource}
          member={member}
          ids={query[member] ?? []}
          filter={member === 'organizations' ? {} : { organizations: query.organizations }}
          onChange={(ids) => change({ [member]: ids.length ? ids : undefined })}
        />
      ))}
      <TextField
        label="Name contains"
        tooltip="Only those whose name contains this text, in whatever case"
        value={query.search ?? ''}
        placeholder="any"
        onChange={(search) => change({ search: search || undefined })}
      />
    </InlineFieldRow>
  );
}
