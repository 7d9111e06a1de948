import { FieldType } from '@grafana/data';
import type { VizProps } from './index';

// A stand-in for Grafana's Heatmap of frames in the heatmap-rows shape: a time field, and a number field per bucket.
export function Heatmap({ frames, width, height }: VizProps) {
  const frame = frames[0];
  const time = frame?.fields.find((f) => f.type === FieldType.time);
  const buckets = frame?.fields.filter((f) => f.type === FieldType.number) ?? [];
  if (!time || !frame.length || !buckets.length) {
    return <div>No data</div>;
  }
  const most = Math.max(1, ...buckets.flatMap((b) => b.values.map(Number)));
  const left = 60;
  const w = (width - left) / frame.length;
  const h = height / buckets.length;
  return (
    <svg width={width} height={height} fontSize={10}>
      {buckets.map((b, k) => (
        <g key={k} transform={`translate(0 ${height - (k + 1) * h})`}>
          <text x={0} y={h * 0.8} fill="currentColor">
            {b.name}
          </text>
          {Array.from({ length: frame.length }, (_, i) => (
            <rect key={i} x={left + i * w} width={Math.max(w - 1, 1)} height={h - 1} fill="#ff9f1c" opacity={b.values[i] ? 0.15 + (0.85 * Number(b.values[i])) / most : 0} />
          ))}
        </g>
      ))}
    </svg>
  );
}
