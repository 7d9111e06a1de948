import { TableNG } from '@grafana/ui/unstable';
import type { VizProps } from './index';

export function DataTable({ frames, options, width, height }: VizProps) {
  const frame = frames[0];
  if (!frame?.fields.length) {
    return <div>No data</div>;
  }
  return <TableNG data={frame} width={width} height={height} noHeader={options.showHeader === false} initialSortBy={options.sortBy} cellHeight={options.cellHeight} {...({ structureRev: 1, timeRange: undefined } as any)} />;
}
