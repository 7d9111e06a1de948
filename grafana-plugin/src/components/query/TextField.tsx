import { Input } from '@grafana/ui';
import { useState } from 'react';
import { LabeledField } from './LabeledField';

interface Props {
  label: string;
  tooltip: string;
  value: string;
  placeholder?: string;
  suffix?: string;
  width?: number;
  /** What is wrong with a text; such a one is shown, and not taken. */
  problem?: (text: string) => string | undefined;
  onChange: (text: string) => void;
}

/** A text that is taken when it is finished: on Enter, or when the field is left. */
export function TextField({ label, tooltip, value, placeholder, suffix, width = 20, problem, onChange }: Props) {
  const [draft, setDraft] = useState<string>();
  const text = draft ?? value;
  const error = draft === undefined ? undefined : problem?.(draft.trim());
  const finish = () => {
    if (draft === undefined || error) {
      return;
    }
    setDraft(undefined);
    if (draft.trim() !== value) {
      onChange(draft.trim());
    }
  };
  return (
    <LabeledField label={label} tooltip={tooltip} error={error}>
      {(id) => (
        <Input
          id={id}
          width={width}
          placeholder={placeholder}
          suffix={suffix}
          value={text}
          onChange={(e) => setDraft(e.currentTarget.value)}
          onBlur={finish}
          onKeyDown={(e) => e.key === 'Enter' && finish()}
        />
      )}
    </LabeledField>
  );
}
