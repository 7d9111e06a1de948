import { InlineSwitch } from '@grafana/ui';
import { LabeledField } from '../query/LabeledField';
import { PartProps } from '../query/types';

export function StreamField({ query, onQuery }: PartProps) {
  return (
    <LabeledField label="Live" tooltip="The panel follows the present by Grafana Live. Off: it is as current as the dashboard's refresh. Explore and alert rules never follow">
      {(id) => <InlineSwitch id={id} value={query.stream !== false} onChange={(e) => onQuery({ stream: e.currentTarget.checked ? undefined : false })} />}
    </LabeledField>
  );
}
