import { Field, Input } from '@grafana/ui';
import { useId, useState } from 'react';
import { wide } from './types';

interface Props {
  label: string;
  description: string;
  unit: string;
  value: number | undefined;
  standard: number;
  min: number;
  max: number;
  onChange: (value: number | undefined) => void;
}

/** A whole number within limits; empty: the standard one. What is out of its limits is said, and not kept. */
export function NumberSetting({ label, description, unit, value, standard, min, max, onChange }: Props) {
  const id = useId();
  const [text, setText] = useState(value?.toString() ?? '');
  const wrong = text !== '' && !within(text, min, max);
  const change = (next: string) => {
    setText(next);
    if (next === '') {
      onChange(undefined);
    } else if (within(next, min, max)) {
      onChange(Number(next));
    }
  };
  return (
    <Field label={label} description={description} invalid={wrong} error={`A whole number from ${min} to ${max}`}>
      <Input
        id={id}
        type="text"
        inputMode="numeric"
        width={wide / 2}
        placeholder={String(standard)}
        suffix={unit}
        value={text}
        onChange={(e) => change(e.currentTarget.value.trim())}
      />
    </Field>
  );
}

function within(text: string, min: number, max: number): boolean {
  return /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max;
}
