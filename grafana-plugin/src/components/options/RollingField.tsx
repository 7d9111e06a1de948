import { TextField } from '../query/TextField';
import { PartProps } from '../query/types';
import { secondsOf } from './durations';

export function RollingField({ query, onQuery }: PartProps) {
  return (
    <TextField
      label="Last"
      tooltip="The last so long, up to the end of the dashboard's time range: one row instead of intervals. Waits and service level count when the wait ended"
      value={query.rolling ?? ''}
      placeholder="30m, 2h"
      width={16}
      problem={(text) => (text === '' || text.includes('$') || within(text) ? undefined : 'A time up to 7 days: 45s, 30m, 2h')}
      onChange={(rolling) => onQuery({ rolling: rolling || undefined })}
    />
  );
}

function within(text: string): boolean {
  const seconds = secondsOf(text);
  return seconds !== undefined && seconds > 0 && seconds <= 7 * 86_400;
}
