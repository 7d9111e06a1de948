import { ComponentType } from 'react';
import { DataFrame, GrafanaTheme2, TimeRange } from '@grafana/data';
import { Bars } from './bars';
import { Heatmap } from './heatmap';
import { Series } from './series';
import { Stat } from './stat';
import { StateTimeline } from './stateTimeline';
import { DataTable } from './table';

export interface VizProps {
  frames: DataFrame[];
  options: any;
  range: TimeRange;
  width: number;
  height: number;
  theme: GrafanaTheme2;
}

export const visualizations: Record<string, ComponentType<VizProps & any>> = {
  stat: Stat,
  table: DataTable,
  timeseries: Series,
  'state-timeline': StateTimeline,
  barchart: Bars,
  heatmap: Heatmap,
};
