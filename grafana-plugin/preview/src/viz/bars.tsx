import { FieldType, formattedValueToString } from '@grafana/data';
import type { VizProps } from './index';

// A stand-in for Grafana's Bar chart: the first text or number field names the bars, the numbers after it are their heights.
export function Bars({ frames, options, width, height, theme }: VizProps) {
  const frame = frames[0];
  const names = frame?.fields.find((f) => f.name === options.xField) ?? frame?.fields[0];
  const bars = frame?.fields.filter((f) => f !== names && f.type === FieldType.number && !f.config.custom?.hideFrom?.viz) ?? [];
  if (!frame?.length || !bars.length) {
    return <div>No data</div>;
  }
  const most = Math.max(1, ...bars.flatMap((b) => b.values.map(Number)));
  const slot = width / frame.length;
  return (
    <svg width={width} height={height} fontSize={11}>
      {Array.from({ length: frame.length }, (_, i) => (
        <g key={i} transform={`translate(${i * slot} 0)`}>
          {bars.map((b, k) => {
            const h = (Number(b.values[i]) / most) * (height - 24);
            return <rect key={k} x={2 + (k * (slot - 4)) / bars.length} width={Math.max(1, (slot - 4) / bars.length - 1)} y={height - 18 - h} height={h} fill={theme.visualization.getColorByName(theme.visualization.palette[k % 8])} />;
          })}
          <text x={slot / 2} y={height - 4} textAnchor="middle" fill="currentColor">
            {names!.display ? formattedValueToString(names!.display(names!.values[i])) : String(names!.values[i])}
          </text>
        </g>
      ))}
    </svg>
  );
}
