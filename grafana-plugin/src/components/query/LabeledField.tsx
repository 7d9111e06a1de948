import { InlineField } from '@grafana/ui';
import { ReactElement, useId } from 'react';
import { labelWidth } from './types';

interface Props {
  label: string;
  tooltip: string;
  error?: string;
  grow?: boolean;
  children: (id: string) => ReactElement<Record<string, unknown>>;
}

/** A field of the editor: what it is is explained by the pointer, and said to screen readers. */
export function LabeledField({ label, tooltip, error, grow, children }: Props) {
  const id = useId();
  return (
    <InlineField label={label} tooltip={tooltip} labelWidth={labelWidth} htmlFor={id} invalid={Boolean(error)} error={error} grow={grow} shrink={grow}>
      {children(id)}
    </InlineField>
  );
}
