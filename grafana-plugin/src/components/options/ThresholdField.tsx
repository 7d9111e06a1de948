import { TextField } from '../query/TextField';
import { PartProps } from '../query/types';

export function ThresholdField({ query, onQuery }: PartProps) {
  return (
    <TextField
      label="Threshold"
      tooltip="Within how many seconds an answer counts as in time; empty: as configured for each queue. Another one than configured is counted from the single calls"
      value={query.threshold ? String(query.threshold) : ''}
      placeholder="as configured"
      suffix="s"
      problem={(text) => (text === '' || text.includes('$') || positive(text) ? undefined : 'Seconds, more than 0, at most 86400; or a variable')}
      onChange={(text) => onQuery({ threshold: text === '' ? undefined : text.includes('$') ? text : Number(text) })}
    />
  );
}

function positive(text: string): boolean {
  const seconds = Number(text);
  return Number.isFinite(seconds) && seconds > 0 && seconds <= 86_400;
}
