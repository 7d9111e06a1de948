import { RadioField } from '../query/RadioField';
import { PartProps } from '../query/types';

type Format = '' | 'table' | 'timeseries';

export function FormatField({ query, onQuery }: PartProps) {
  return (
    <RadioField<Format>
      label="Format"
      tooltip="The shape of the answer. Automatic: the one that fits what is asked"
      value={query.format}
      standard=""
      options={[
        { value: '', label: 'Automatic' },
        { value: 'table', label: 'Table' },
        { value: 'timeseries', label: 'Time series' },
      ]}
      onChange={(format) => onQuery({ format })}
    />
  );
}
