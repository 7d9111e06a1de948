import { RadioField } from '../query/RadioField';
import { PartProps } from '../query/types';

export function AttributionField({ query, onQuery }: PartProps) {
  return (
    <RadioField<'begin' | 'end'>
      label="Counted when"
      tooltip="A call that goes over the border of an interval belongs to the one in which it began, or to the one in which it ended"
      value={query.attribution}
      standard="begin"
      options={[
        { value: 'begin', label: 'Begun' },
        { value: 'end', label: 'Ended' },
      ]}
      onChange={(attribution) => onQuery({ attribution })}
    />
  );
}
