import { ComboboxOption, MultiCombobox } from '@grafana/ui';
import { LabeledField } from './LabeledField';

interface Props {
  label: string;
  tooltip: string;
  values: string[];
  options: ComboboxOption[];
  placeholder: string;
  /** Other values, template variables among them, may be typed. */
  custom?: boolean;
  minWidth?: number;
  onChange: (values: string[]) => void;
}

export function ListField({ label, tooltip, values, options, placeholder, custom, minWidth = 28, onChange }: Props) {
  const selected = values.map((value) => options.find((option) => option.value === value) ?? { value, label: value });
  return (
    <LabeledField label={label} tooltip={tooltip}>
      {(id) => (
        <MultiCombobox
          id={id}
          width="auto"
          minWidth={minWidth}
          maxWidth={120}
          options={options}
          value={selected}
          createCustomValue={custom}
          isClearable
          placeholder={placeholder}
          onChange={(chosen) => onChange(chosen.map((option) => option.value.trim()).filter(Boolean))}
        />
      )}
    </LabeledField>
  );
}
