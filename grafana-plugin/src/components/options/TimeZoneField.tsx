import { ComboboxOption } from '@grafana/ui';
import { ChoiceField } from '../query/ChoiceField';
import { PartProps } from '../query/types';

const zones: ComboboxOption[] = [
  { value: 'queue', label: 'Of each queue', description: 'Days as the queue has them: those of the vendor\u2019s reports' },
  { value: 'dashboard', label: 'Of the dashboard', description: 'Days as the viewer has them' },
  { value: 'UTC', label: 'UTC' },
  ...Intl.supportedValuesOf('timeZone')
    .filter((zone) => zone !== 'UTC')
    .map((zone) => ({ value: zone, label: zone })),
];

export function TimeZoneField({ query, onQuery }: PartProps) {
  return (
    <ChoiceField
      label="Time zone"
      tooltip="Whose midnight begins a day"
      value={query.timeZone}
      standard="queue"
      options={zones}
      custom
      onChange={(zone) => onQuery({ timeZone: zone === 'queue' ? undefined : zone })}
    />
  );
}
