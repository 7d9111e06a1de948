import { FieldType } from '@grafana/data';
import type { VizProps } from './index';

// A stand-in for Grafana's State timeline: a row per field, a bar per state.
export function StateTimeline({ frames, options, range, width, height }: VizProps) {
  const all = frames.flatMap((f) => {
    const time = f.fields.find((x) => x.type === FieldType.time);
    return time ? f.fields.filter((x) => x !== time).map((field) => ({ time, field })) : [];
  });
  const rows = options.perPage ? all.slice(0, options.perPage) : all;
  const left = 330;
  const from = range.from.valueOf();
  const scale = (width - left) / (range.to.valueOf() - from);
  const line = Math.max(6, Math.min(28, height / Math.max(rows.length, 1)));
  return (
    <svg width={width} height={height}>
      {rows.map(({ time, field }, i) => (
        <g key={i} transform={`translate(0 ${i * line})`} fontSize={Math.min(13, line - 2)}>
          <text x={0} y={line * 0.7} fill="currentColor">
            {field.state?.displayName ?? field.config.displayNameFromDS ?? field.name}
          </text>
          {Array.from({ length: time.values.length }, (_, k) => {
            const value = field.values[k];
            if (value === null || value === undefined) {
              return null;
            }
            let next = k + 1;
            while (next < time.values.length && (field.values[next] === null || field.values[next] === undefined)) {
              next++;
            }
            const end = next < time.values.length ? time.values[next] : range.to.valueOf();
            const begin = Math.max(time.values[k], from);
            return <rect key={k} x={left + (begin - from) * scale} width={Math.max(0, (end - begin) * scale)} height={line - 2} fill={field.display?.(value).color ?? 'grey'} />;
          })}
        </g>
      ))}
    </svg>
  );
}
