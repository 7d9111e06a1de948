import { TextField } from '../query/TextField';
import { PartProps } from '../query/types';

export function LimitField({ query, onQuery }: PartProps) {
  return (
    <TextField
      label="Rows"
      tooltip="At most so many rows"
      value={query.limit ? String(query.limit) : ''}
      placeholder="1000"
      width={12}
      problem={(text) => (text === '' || (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 10_000) ? undefined : '1 to 10000')}
      onChange={(text) => onQuery({ limit: text === '' ? undefined : Number(text) })}
    />
  );
}
