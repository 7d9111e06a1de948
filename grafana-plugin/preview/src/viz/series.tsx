import { FieldType } from '@grafana/data';
import { TimeSeries } from '@grafana/ui';
import type { VizProps } from './index';

export function Series({ frames, options, range, width, height }: VizProps) {
  const usable = frames.filter((f) => f.length && f.fields.some((x) => x.type === FieldType.time) && f.fields.some((x) => x.type === FieldType.number));
  if (!usable.length) {
    return <div>No data</div>;
  }
  for (const field of usable.flatMap((f) => f.fields)) {
    field.config.custom = { drawStyle: 'line', lineWidth: 1, axisPlacement: 'auto', showPoints: 'never', ...field.config.custom };
  }
  const legend = { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [], ...options.legend };
  return <TimeSeries frames={usable} timeRange={range} timeZone="browser" width={width} height={height} legend={legend} options={options} {...({ structureRev: 1 } as any)} />;
}
