import { FieldSet } from '@grafana/ui';
import { NumberSetting } from './NumberSetting';
import { SectionProps } from './types';

export function LimitSettings({ options, onSettings }: SectionProps) {
  const { dialTimeoutSec, queryTimeoutSec, maxRows } = options.jsonData;
  return (
    <FieldSet label="Limits">
      <NumberSetting
        label="Connection timeout"
        description="How long to wait for ClickHouse to take a connection."
        unit="s"
        value={dialTimeoutSec}
        standard={5}
        min={1}
        max={300}
        onChange={(value) => onSettings({ dialTimeoutSec: value })}
      />
      <NumberSetting
        label="Query timeout"
        description="A query that takes longer is stopped, in ClickHouse too."
        unit="s"
        value={queryTimeoutSec}
        standard={30}
        min={1}
        max={3600}
        onChange={(value) => onSettings({ queryTimeoutSec: value })}
      />
      <NumberSetting
        label="Row limit"
        description="The most rows that a query may return."
        unit="rows"
        value={maxRows}
        standard={100_000}
        min={1}
        max={1_000_000}
        onChange={(value) => onSettings({ maxRows: value })}
      />
    </FieldSet>
  );
}
