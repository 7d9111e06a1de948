import { Field, Switch } from '@grafana/ui';
import { ReactNode, useId } from 'react';

interface Props {
  label: string;
  description: ReactNode;
  value: boolean;
  onChange: (value: boolean) => void;
}

export function SwitchSetting({ label, description, value, onChange }: Props) {
  const id = useId();
  return (
    <Field label={label} description={description}>
      <Switch id={id} value={value} onChange={(e) => onChange(e.currentTarget.checked)} />
    </Field>
  );
}
