import { useEffect, useState } from 'react';
import { Observable, of, switchMap } from 'rxjs';
import {
  applyFieldOverrides,
  cacheFieldDisplayNames,
  CoreApp,
  DataFrame,
  DataQueryResponse,
  LoadingState,
  TimeRange,
  toDataFrame,
  transformDataFrame,
} from '@grafana/data';
import { PanelChrome, useTheme2 } from '@grafana/ui';
import { RingsideDataSource } from '../../src/datasource';
import { registry } from './fieldConfig';
import { replace } from './runtime';
import { visualizations } from './viz';

interface Props {
  panel: any;
  datasource: RingsideDataSource;
  range: TimeRange;
  width: number;
  height: number;
}

// Grafana's graphs give each series a colour of its own where nothing else is said.
const graphs = new Set(['timeseries', 'barchart']);

/** One panel: its queries asked, its transformations and overrides applied by Grafana's code, drawn. */
export function Panel({ panel, datasource, range, width, height }: Props) {
  const theme = useTheme2();
  const [frames, setFrames] = useState<DataFrame[]>();
  const [error, setError] = useState<string>();
  useEffect(() => {
    const answers = ask(panel, datasource, range, width).pipe(
      switchMap((response) => {
        if (response.errors?.length || response.error) {
          throw new Error((response.errors?.[0] ?? response.error)?.message ?? 'the query failed');
        }
        return transformDataFrame(panel.transformations ?? [], response.data.map((f) => toDataFrame(f)), { interpolate: replace } as any);
      })
    );
    const subscription = answers.subscribe({
      next: (data) => {
        const fieldConfig = panel.fieldConfig ?? { defaults: {}, overrides: [] };
        const defaults = graphs.has(panel.type) ? { color: { mode: 'palette-classic' }, ...fieldConfig.defaults } : fieldConfig.defaults;
        const drawn = applyFieldOverrides({ data, fieldConfig: { ...fieldConfig, defaults }, fieldConfigRegistry: registry(), replaceVariables: replace as any, theme, timeZone: 'browser' });
        cacheFieldDisplayNames(drawn);
        setFrames(drawn);
      },
      error: (e) => setError(e?.data?.message ?? e?.message ?? JSON.stringify(e)),
    });
    return () => subscription.unsubscribe();
  }, [panel, datasource, range.raw.from, range.raw.to, width, theme]); // eslint-disable-line react-hooks/exhaustive-deps
  const Visualization = visualizations[panel.type];
  const empty = frames?.every((f) => !f.length);
  const state = error ? 'error' : frames ? 'done' : 'loading';
  return (
    <section data-panel={panel.id} data-type={panel.type} data-state={state} data-error={error} data-rows={frames?.reduce((n, f) => n + f.length, 0)}>
      <PanelChrome hoverHeader={!panel.title} title={replace(panel.title)} description={panel.description} width={width} height={height} loadingState={error ? LoadingState.Error : LoadingState.Done} statusMessage={error}>
        {(innerWidth, innerHeight) =>
          error ? (
            <div style={{ color: theme.colors.error.text, padding: 8 }}>{error}</div>
          ) : !frames ? null : empty && panel.type !== 'stat' ? (
            <div style={{ height: innerHeight, display: 'grid', placeItems: 'center', fontSize: 18 }}>{panel.fieldConfig?.defaults?.noValue ?? 'No data'}</div>
          ) : Visualization ? (
            <Visualization frames={frames} options={panel.options ?? {}} range={range} width={innerWidth} height={innerHeight} theme={theme} />
          ) : (
            <pre>no picture of {panel.type}</pre>
          )
        }
      </PanelChrome>
    </section>
  );
}

/** Streams go on until the panel is left. */
function ask(panel: any, datasource: RingsideDataSource, range: TimeRange, width: number): Observable<DataQueryResponse> {
  const intervalMs = Math.max(1000, (range.to.valueOf() - range.from.valueOf()) / Math.max(width, 100));
  // Grafana leaves out what a data source would not ask.
  const targets = (panel.targets ?? []).filter((t: any) => !t.hide && datasource.filterQuery(t));
  if (!targets.length) {
    return of({ data: [] });
  }
  return datasource.query({
    requestId: `P${panel.id}`,
    app: CoreApp.Dashboard,
    interval: `${Math.ceil(intervalMs / 1000)}s`,
    intervalMs,
    maxDataPoints: Math.round(width),
    panelId: panel.id,
    range,
    scopedVars: { __interval: { text: '', value: `${intervalMs}ms` } },
    startTime: Date.now(),
    targets: targets.map((t: any) => ({ ...t, datasource: { uid: 'ringside', type: 'ringside-queues-datasource' } })),
    timezone: 'browser',
  } as any);
}
