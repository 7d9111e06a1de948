import { ComboboxOption } from '@grafana/ui';
import { ChoiceField } from '../query/ChoiceField';
import { PartProps } from '../query/types';

const ofQueues: ComboboxOption = { value: 'queue', label: 'Of each queue', description: 'Days as the queue has them: those of the vendor\u2019s reports' };

const zones: ComboboxOption[] = [
  { value: 'dashboard', label: 'Of the dashboard', description: 'Days as the viewer has them' },
  { value: 'UTC', label: 'UTC' },
  ...Intl.supportedValuesOf('timeZone')
    .filter((zone) => zone !== 'UTC')
    .map((zone) => ({ value: zone, label: zone })),
];

export function TimeZoneField({ query, onQuery }: PartProps) {
  // SQL has no queue whose zone it could be.
  const [standard, options] = query.kind === 'sql' ? ['UTC', zones] : ['queue', [ofQueues, ...zones]];
  return (
    <ChoiceField
      label="Time zone"
      tooltip={query.kind === 'sql' ? 'Of the macros: whose midnight begins a day' : 'Whose midnight begins a day'}
      value={query.timeZone}
      standard={standard}
      options={options}
      custom
      onChange={(zone) => onQuery({ timeZone: zone === standard ? undefined : zone })}
    />
  );
}
