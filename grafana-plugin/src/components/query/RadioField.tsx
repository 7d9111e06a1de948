import { SelectableValue } from '@grafana/data';
import { RadioButtonGroup } from '@grafana/ui';
import { ChoiceField } from './ChoiceField';
import { LabeledField } from './LabeledField';

interface Props<T extends string> {
  label: string;
  tooltip: string;
  value: T | undefined;
  /** The one that an absent value stands for. */
  standard: T;
  options: Array<SelectableValue<T> & { value: T; label: string }>;
  onChange: (value: T | undefined) => void;
}

/** A few choices side by side. The standard one is kept as an absent value. */
export function RadioField<T extends string>({ label, tooltip, value, standard, options, onChange }: Props<T>) {
  const shown = value || standard;
  if (!options.some((option) => option.value === shown)) {
    // A variable, or something written by hand: no button would be down, and what is there could not be seen.
    return <ChoiceField label={label} tooltip={tooltip} value={shown} options={options} custom onChange={(next) => onChange(next as T | undefined)} />;
  }
  return (
    <LabeledField label={label} tooltip={tooltip}>
      {(id) => <RadioButtonGroup<T> id={id} aria-label={label} options={options} value={shown} onChange={(next) => onChange(next === standard ? undefined : next)} />}
    </LabeledField>
  );
}
