import { Combobox, ComboboxOption } from '@grafana/ui';
import { LabeledField } from './LabeledField';

interface Props {
  label: string;
  tooltip: string;
  /** Undefined: the one that `standard` names. */
  value: string | undefined;
  standard?: string;
  options: ComboboxOption[];
  /** Other values, template variables among them, may be typed. */
  custom?: boolean;
  clearable?: boolean;
  placeholder?: string;
  width?: number;
  onChange: (value: string | undefined) => void;
}

export function ChoiceField({ label, tooltip, value, standard, options, custom, clearable, placeholder, width = 28, onChange }: Props) {
  const shown = value || standard || '';
  // A value that nobody offers, written by hand, is shown as it is.
  const selected = shown ? (options.find((option) => option.value === shown) ?? { value: shown, label: shown }) : null;
  const common = { options, value: selected, createCustomValue: custom, placeholder, width };
  return (
    <LabeledField label={label} tooltip={tooltip}>
      {(id) =>
        clearable ? (
          <Combobox id={id} {...common} isClearable onChange={(option) => onChange(option?.value.trim() || undefined)} />
        ) : (
          <Combobox id={id} {...common} onChange={(option) => onChange(option.value.trim() || undefined)} />
        )
      }
    </LabeledField>
  );
}
