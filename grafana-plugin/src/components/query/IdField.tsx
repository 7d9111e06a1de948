import { ComboboxOption, MultiCombobox } from '@grafana/ui';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { RingsideDataSource } from '../../datasource';
import { LookupFilter, variableLimit } from '../../lookups';
import { LookupName, Named } from '../../types';
import { isUuid } from '../../uuid';
import { LabeledField } from './LabeledField';

export const idLabels: Record<LookupName, { label: string; one: string; tooltip: string }> = {
  organizations: { label: 'Organizations', one: 'organization', tooltip: 'Only these organizations; none chosen: all that the data source shows' },
  groups: { label: 'Queue groups', one: 'queue group', tooltip: 'Only queues of these groups' },
  queues: { label: 'Queues', one: 'queue', tooltip: 'Only these queues' },
  agents: { label: 'Agents', one: 'agent', tooltip: 'Only these agents' },
  callLists: { label: 'Callback lists', one: 'callback list', tooltip: 'Only these lists of callbacks. The vendor gives them no names: the beginning of the id stands for one' },
};

interface Props {
  datasource: RingsideDataSource;
  member: LookupName;
  ids: string[];
  /** What the offered ones are narrowed to. */
  filter: LookupFilter;
  onChange: (ids: string[]) => void;
}

/** Ids chosen by name. Variables are offered first; any text may be typed, "*" and UUIDs too. */
export function IdField({ datasource, member, ids, filter, onChange }: Props) {
  const { label, tooltip, one } = idLabels[member];
  const names = useNames(datasource, member, ids);
  const offer = async (search: string): Promise<ComboboxOption[]> => {
    const variables = datasource.variableNames().filter((name) => name.toLowerCase().includes(search.toLowerCase()));
    const found = search.startsWith('$') ? [] : await datasource.lookUp(member, { ...filter, search });
    names.learn(found);
    return [...variables.map((name) => ({ value: name, label: name, description: 'Template variable' })), ...found.map(optionOf)];
  };
  return (
    <LabeledField label={label} tooltip={tooltip}>
      {(id) => (
        <MultiCombobox
          id={id}
          width="auto"
          minWidth={28}
          maxWidth={120}
          options={offer}
          value={ids.map((value) => ({ value, label: names.of(value) }))}
          createCustomValue
          customValueDescription={`Template variable or UUID of a${one.startsWith('a') || one.startsWith('o') ? 'n' : ''} ${one}`}
          isClearable
          placeholder="All"
          onChange={(chosen) => onChange([...new Set(chosen.map((option) => option.value.trim()).filter(Boolean))])}
        />
      )}
    </LabeledField>
  );
}

function optionOf({ value, text }: Named): ComboboxOption {
  return { value, label: text, description: text === value ? undefined : value };
}

/** The names of ids. Those of a saved query are looked up once, when the editor opens. */
function useNames(datasource: RingsideDataSource, member: LookupName, ids: string[]) {
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  const learn = useCallback((found: Named[]) => setNames((known) => new Map([...known, ...found.map((f) => [f.value, f.text] as const)])), []);
  const unnamed = ids.some((id) => isUuid(id) && !names.has(id.toLowerCase()));
  const asked = useRef(false);
  useEffect(() => {
    if (!unnamed || asked.current) {
      return;
    }
    asked.current = true;
    // Without names the ids are shown, which work as well.
    datasource.lookUp(member, { limit: variableLimit }).then(learn, () => undefined);
  }, [datasource, member, unnamed, learn]);
  return { of: (id: string) => names.get(id.toLowerCase()) ?? id, learn };
}
