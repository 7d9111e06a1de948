import { ChoiceField } from '../query/ChoiceField';
import { PartProps } from '../query/types';

const intervals = [
  { value: 'auto', label: 'Automatic', description: 'By the width of the panel, a quarter of an hour at least' },
  { value: '15m', label: '15 minutes' },
  { value: '30m', label: '30 minutes' },
  { value: '1h', label: '1 hour' },
  { value: '2h', label: '2 hours' },
  { value: '1d', label: '1 day', description: 'Local days, of 23 and 25 hours too' },
  { value: '7d', label: '7 days' },
];

export function IntervalField({ query, onQuery }: PartProps) {
  return (
    <ChoiceField
      label="Interval"
      tooltip="The length of a step: a multiple of 15 minutes, counted from local midnight"
      value={query.interval}
      standard="15m"
      options={intervals}
      custom
      onChange={(interval) => onQuery({ interval })}
    />
  );
}
