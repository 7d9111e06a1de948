import { GroupBy } from '../../types';
import { RadioField } from '../query/RadioField';
import { PartProps } from '../query/types';

const ofQueues: Array<{ value: GroupBy; label: string; description: string }> = [
  { value: 'queue', label: 'Queue', description: 'One row or series for each queue' },
  { value: 'group', label: 'Queue group', description: 'One for each queue group: counts added, percentages made anew from their sums' },
  { value: 'total', label: 'Total', description: 'One for all of them' },
];

const ofAgents: typeof ofQueues = [
  { value: 'queue', label: 'Agent', description: 'One row for each agent' },
  { value: 'total', label: 'Total', description: 'How many agents are in each state' },
];

export function GroupByField({ query, onQuery }: PartProps) {
  const options = query.kind === 'agents' ? ofAgents : ofQueues;
  return (
    <RadioField<GroupBy>
      label="For each"
      tooltip="What a row or a series is of"
      value={query.groupBy}
      standard="queue"
      options={options}
      onChange={(groupBy) => onQuery({ groupBy })}
    />
  );
}
