import { Kind } from '../../types';
import { ChoiceField } from '../query/ChoiceField';
import { PartProps } from '../query/types';

const automatic = { value: 'auto', label: 'Automatic', description: 'By the width of the panel' };

const quarters = [
  { value: '15m', label: '15 minutes' },
  { value: '30m', label: '30 minutes' },
  { value: '1h', label: '1 hour' },
  { value: '2h', label: '2 hours' },
  { value: '1d', label: '1 day', description: 'Local days, of 23 and 25 hours too' },
  { value: '7d', label: '7 days' },
];

const fine = [{ value: '10s', label: '10 seconds' }, { value: '1m', label: '1 minute' }, ...quarters];

// What is known at any instant; the others are kept by quarters of an hour.
const observed: Kind[] = ['queueStatusHistory', 'callbacks', 'reconciliation', 'engine'];

export function IntervalField({ query, onQuery }: PartProps) {
  const anyLength = observed.includes(query.kind);
  const standard = anyLength ? 'auto' : '15m';
  return (
    <ChoiceField
      label="Interval"
      tooltip={anyLength ? 'The length of a step' : 'The length of a step: a multiple of 15 minutes, counted from local midnight'}
      value={query.interval}
      standard={standard}
      options={[automatic, ...(anyLength ? fine : quarters)]}
      custom
      onChange={(interval) => onQuery({ interval: interval === standard ? undefined : interval })}
    />
  );
}
