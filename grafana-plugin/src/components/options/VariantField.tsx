import { Variant } from '../../types';
import { ChoiceField } from '../query/ChoiceField';
import { PartProps } from '../query/types';

const variants: Array<{ value: Variant; label: string; description: string }> = [
  { value: 'ignore_short_abandons', label: 'Without short abandons', description: 'met / (answered + abandoned \u2212 short abandons + failed)' },
  { value: 'all_offered', label: 'All offered', description: 'met / (answered + abandoned + failed)' },
  { value: 'answered_only', label: 'Answered only', description: 'met / answered' },
  { value: 'short_abandons_met', label: 'Short abandons met', description: '(met + short abandons) / (answered + abandoned + failed)' },
  { value: 'all', label: 'All side by side', description: 'A column for each of the four' },
];

export function VariantField({ query, onQuery }: PartProps) {
  return (
    <ChoiceField
      label="Service level"
      tooltip="How the percentage is counted: what was answered within the threshold, out of what. Where nobody called there is none, never 0 or 100"
      value={query.variant}
      standard="ignore_short_abandons"
      options={variants}
      custom
      width={32}
      onChange={(variant) => onQuery({ variant: variant === 'ignore_short_abandons' ? undefined : (variant as Variant | undefined) })}
    />
  );
}
