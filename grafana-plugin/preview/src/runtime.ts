// What Grafana gives to a plugin at run time, as far as a dashboard that is only looked at needs it.
import { Observable, from } from 'rxjs';
import {
  DataSourceInstanceSettings,
  EventBusSrv,
  PluginType,
  ScopedVars,
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  standardTransformers,
  standardTransformersRegistry,
} from '@grafana/data';
import { config, setBackendSrv, setDataSourceSrv, setTemplateSrv, setAppEvents } from '@grafana/runtime';
import { standardOptions } from './fieldConfig';

export interface Variable {
  name: string;
  type: string;
  multi?: boolean;
  allValue?: string;
  values: string[];
}

export const variables = new Map<string, Variable>();

function format(name: string, values: string[], how: unknown): string {
  if (typeof how === 'function') {
    return how(values.length === 1 ? values[0] : values, { name, multi: true, includeAll: true });
  }
  switch (how) {
    case 'json':
      return JSON.stringify(values);
    case 'csv':
      return values.join(',');
    case 'queryparam':
      return values.map((v) => `var-${name}=${encodeURIComponent(v)}`).join('&');
    default:
      return values.length === 1 ? values[0] : `{${values.join(',')}}`;
  }
}

const pattern = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;

/** ${__data.fields.NAME}: the value of another field in the same row. */
function dataField(path: string | undefined, { frame, rowIndex }: any): string | undefined {
  const name = path?.replace(/^fields(\.|\[")/, '').replace(/"\]$/, '');
  const field = frame?.fields.find((f: any) => f.name === name || f.state?.displayName === name);
  return field && rowIndex !== undefined ? String(field.values[rowIndex]) : undefined;
}

function replace(target?: string, scoped?: ScopedVars, how?: unknown): string {
  return (target ?? '').replace(pattern, (match, a, b, bFormat, c, fieldPath, cFormat) => {
    const name = a ?? b ?? c;
    if (name === '__field' && scoped?.__dataContext) {
      const { field } = scoped.__dataContext.value as any;
      return (fieldPath?.startsWith('labels.') ? field.labels?.[fieldPath.slice(7)] : field.name) ?? match;
    }
    if (name === '__data' && scoped?.__dataContext) {
      return dataField(fieldPath, scoped.__dataContext.value) ?? match;
    }
    if (scoped?.[name]) {
      const value = fieldPath ? String(fieldPath).split('.').reduce((v: any, k) => v?.[k], scoped[name]!.value) : scoped[name]!.value;
      return typeof how === 'function' ? how(value, { name }) : String(value);
    }
    const v = variables.get(name);
    return v ? format(name, v.values.includes('$__all') ? [v.allValue ?? '*'] : v.values, bFormat ?? cFormat ?? how) : match;
  });
}

const settings: DataSourceInstanceSettings = {
  id: 1,
  uid: 'ringside',
  type: 'ringside-queues-datasource',
  name: 'Ringside',
  url: '/api/datasources/proxy/uid/ringside',
  access: 'proxy',
  readOnly: true,
  jsonData: {},
  meta: { id: 'ringside-queues-datasource', name: 'Ringside', type: PluginType.datasource, info: { links: [] }, module: '', baseUrl: '' } as any,
};

async function request(options: { url: string; method?: string; data?: unknown; params?: Record<string, unknown>; headers?: Record<string, string> }) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options.params ?? {})) {
    for (const v of Array.isArray(value) ? value : [value]) {
      if (v !== undefined) {
        query.append(name, String(v));
      }
    }
  }
  const answer = await fetch(options.url + (query.size ? `?${query}` : ''), {
    method: options.method ?? 'GET',
    headers: { 'Content-Type': 'application/json' },
    body: options.data ? JSON.stringify(options.data) : undefined,
  });
  const data = await answer.json();
  if (!answer.ok && !data.results) {
    throw { status: answer.status, statusText: answer.statusText, data };
  }
  return { data, status: answer.status, statusText: answer.statusText, ok: answer.ok, headers: answer.headers, url: answer.url, config: options };
}

export function start(): DataSourceInstanceSettings {
  standardEditorsRegistry.setInit(() => []);
  standardFieldConfigEditorRegistry.setInit(() => standardOptions);
  standardTransformersRegistry.setInit(() =>
    [...new Map(Object.values(standardTransformers).map((t: any) => [t.id, t])).values()].map((t: any) => ({ id: t.id, aliasIds: t.aliasIds, name: t.name, transformation: t, description: t.description, editor: () => null, imageDark: '', imageLight: '' }))
  );
  setAppEvents(new EventBusSrv());
  setBackendSrv({
    fetch: (options: any): Observable<any> => from(request(options)),
    get: async (url: string, params?: any) => (await request({ url, params })).data,
    post: async (url: string, data?: any) => (await request({ url, method: 'POST', data })).data,
    datasourceRequest: async (options: any) => request(options),
    request: async (options: any) => (await request(options)).data,
    resolveCancelerIfExists: () => undefined,
  } as any);
  setTemplateSrv({
    replace,
    getVariables: () => [...variables.values()] as any,
    containsTemplate: (s?: string) => new RegExp(pattern.source).test(s ?? ''),
    updateTimeRange: () => undefined,
  } as any);
  setDataSourceSrv({
    get: async () => ({}),
    getList: () => [settings],
    getInstanceSettings: () => settings,
    reload: () => undefined,
    registerRuntimeDataSource: () => undefined,
  } as any);
  config.liveEnabled = false;
  config.featureToggles = {} as any;
  config.bootData = { user: { orgId: 1, timezone: 'browser' }, settings: {}, navTree: [] } as any;
  return settings;
}

export { replace };
