import { useEffect, useState } from 'react';
import { dateMath, dateTime, TimeRange } from '@grafana/data';
import { RingsideDataSource } from '../../src/datasource';
import { Panel } from './panel';
import { Variable, variables } from './runtime';

// Grafana's grid: 24 columns, rows of 30 pixels, gaps of 8.
const cell = 30;
const gap = 8;

interface Props {
  model: any;
  datasource: RingsideDataSource;
  asked: URLSearchParams;
}

export function Dashboard({ model, datasource, asked }: Props) {
  const [ready, setReady] = useState(false);
  const [width, setWidth] = useState(document.documentElement.clientWidth);
  const range = timeRange(asked.get('from') ?? model.time.from, asked.get('to') ?? model.time.to);
  useEffect(() => {
    chooseVariables(model, datasource, asked).then(() => setReady(true));
    const resize = () => setWidth(document.documentElement.clientWidth);
    addEventListener('resize', resize);
    return () => removeEventListener('resize', resize);
  }, [model, datasource, asked]);
  if (!ready) {
    return null;
  }
  const margin = 16;
  const column = (width - 2 * margin - 23 * gap) / 24;
  const panels = model.panels.flatMap((p: any) => (p.type === 'row' && p.panels?.length ? [p, ...p.panels] : [p]));
  const rows = Math.max(...panels.map((p: any) => p.gridPos.y + p.gridPos.h));
  return (
    <div style={{ position: 'relative', height: rows * (cell + gap) + 2 * margin }} data-rows={rows}>
      {panels.map((p: any) => {
        const { x, y, w, h } = p.gridPos;
        const size = { width: w * column + (w - 1) * gap, height: h * cell + (h - 1) * gap };
        return (
          <div key={p.id} style={{ position: 'absolute', left: margin + x * (column + gap), top: margin + y * (cell + gap), ...size }}>
            {p.type === 'row' ? <h4 style={{ padding: 4 }}>{p.title}</h4> : <Panel panel={p} datasource={datasource} range={p.timeFrom ? timeRange(`now-${p.timeFrom}`, 'now') : range} {...size} />}
          </div>
        );
      })}
    </div>
  );
}

function timeRange(from: string, to: string): TimeRange {
  const parse = (text: string, up: boolean) => (/^\d+$/.test(text) ? dateTime(Number(text)) : dateMath.toDateTime(text, { roundUp: up })!);
  return { from: parse(from, false), to: parse(to, true), raw: { from, to } };
}

/** Fills the variables from the address, else from what the dashboard keeps, else with the first value there is. */
async function chooseVariables(model: any, datasource: RingsideDataSource, asked: URLSearchParams) {
  for (const v of model.templating?.list ?? []) {
    const given = asked.getAll(`var-${v.name}`);
    const kept = [v.current?.value ?? []].flat().filter((s: string) => s !== '');
    let values: string[] = given.length ? given : kept;
    if (v.type === 'datasource') {
      values = ['ringside'];
    } else if (v.type === 'query' && !values.length) {
      values = (await (datasource as any).metricFindQuery(v.query, {})).slice(0, 1).map((o: any) => String(o.value));
    } else if (!values.length && v.query && v.type !== 'query') {
      values = [String(v.query).split(',')[0].trim()];
    }
    variables.set(v.name, { name: v.name, type: v.type, multi: v.multi, allValue: v.allValue, values } satisfies Variable);
  }
}
