import { asList } from '../query/asList';
import { ListField } from '../query/ListField';
import { TextField } from '../query/TextField';
import { PartProps } from '../query/types';
import { isUuid } from '../../uuid';

const outcomes = [
  ['answered', 'Answered', 'An agent was connected'],
  ['abandoned', 'Abandoned', 'The caller hung up while waiting'],
  ['overflowed', 'Overflowed', 'The queue sent it elsewhere'],
  ['rejected', 'Rejected', 'The system ended it'],
  ['callback', 'Callback', 'The caller asked to be called back'],
  ['service_closed', 'Service closed', 'Outside of opening hours'],
  ['left_early', 'Left early', 'Ended before it was accepted'],
  ['transferred', 'Transferred', 'Sent on by the queue, unanswered'],
  ['passed_through', 'Passed through', 'An IVR on the way'],
  ['lost', 'Lost', 'Its end was never heard of'],
  ['open', 'Open', 'Still going on'],
].map(([value, label, description]) => ({ value, label, description }));

const directions = [
  { value: 'inbound', label: 'Inbound' },
  { value: 'outbound', label: 'Outbound' },
  { value: 'callback', label: 'Callback' },
  { value: 'direct', label: 'Direct', description: 'To an agent, past all queues' },
];

export function OutcomesField({ query, onQuery }: PartProps) {
  return (
    <ListField
      label="Outcomes"
      tooltip="Only calls that ended so"
      values={asList(query.outcomes)}
      options={outcomes}
      placeholder="All"
      custom
      onChange={(list) => onQuery({ outcomes: list.length ? list : undefined })}
    />
  );
}

export function DirectionsField({ query, onQuery }: PartProps) {
  return (
    <ListField
      label="Directions"
      tooltip="Only calls in these directions"
      values={asList(query.directions)}
      options={directions}
      placeholder="All"
      custom
      onChange={(list) => onQuery({ directions: list.length ? list : undefined })}
    />
  );
}

export function CallIdField({ query, onQuery }: PartProps) {
  return (
    <TextField
      label="Call"
      tooltip="The id of one call: all of its parts, or its events"
      value={query.callId ?? ''}
      placeholder="UUID or variable"
      width={40}
      problem={(text) => (text === '' || text.includes('$') || isUuid(text) ? undefined : 'A UUID, or a variable')}
      onChange={(callId) => onQuery({ callId: callId || undefined })}
    />
  );
}
