import { FieldSet } from '@grafana/ui';
import { NumberSetting } from './NumberSetting';
import { SwitchSetting } from './SwitchSetting';
import { SectionProps } from './types';

export function LiveSettings({ options, onSettings }: SectionProps) {
  const live = options.jsonData.live ?? true;
  return (
    <FieldSet label="Live">
      <SwitchSetting
        label="Live updates"
        description="Panels of the present follow Grafana Live: all viewers of a query share one poll of ClickHouse. Off: they are as current as the dashboard's refresh."
        value={live}
        onChange={(on) => onSettings({ live: on })}
      />
      {live && (
        <NumberSetting
          label="Poll interval"
          description="How often ClickHouse is asked for each distinct query that somebody looks at."
          unit="ms"
          value={options.jsonData.pollIntervalMs}
          standard={500}
          min={100}
          max={600_000}
          onChange={(value) => onSettings({ pollIntervalMs: value })}
        />
      )}
    </FieldSet>
  );
}
