import { DataSourceInstanceSettings } from '@grafana/data';
import { config, setDataSourceSrv } from '@grafana/runtime';
import { RingsideDataSource } from '../datasource';
import { KindInfo, Macro, Named, Settings, Table } from '../types';
import { Answer, Backend } from './backend';
import { templatesOf, Values } from './templates';

export const sales = '11111111-1111-4111-8111-111111111111';
export const support = '22222222-2222-4222-8222-222222222222';
export const acme = '99999999-9999-4999-8999-999999999999';
export const ann = '33333333-3333-4333-8333-333333333333';

const queues: Named[] = [
  { value: sales, text: 'Sales', organization: acme },
  { value: support, text: 'Support', organization: acme },
];

export const kinds: KindInfo[] = [
  {
    kind: 'queueStatus',
    views: [
      {
        view: 'now',
        metrics: [
          { name: 'nbr_of_queuing_requesters', title: 'Waiting', unit: 'none', description: 'Callers who wait', default: true, type: 'number' },
          { name: 'max_wait_time', title: 'Longest wait', unit: 'dthms', description: 'The longest current wait', default: true, type: 'number' },
          { name: 'stale_agents', title: 'Stale agents', unit: 'none', description: 'Not heard of for long', type: 'number' },
        ],
      },
    ],
  },
];

export const tables: Table[] = [
  { name: 'calls', description: 'visits', columns: [{ name: 'wait_sec', type: 'Nullable(Float64)' }, { name: 'queue_id', type: 'UUID' }] },
  { name: 'queues', columns: [{ name: 'queue_id', type: 'UUID' }, { name: 'queue_name', type: 'String' }] },
];

export const macros: Macro[] = [{ name: '$__timeFilter', usage: '$__timeFilter(column)', description: 'within the time range' }];

const searched =
  (list: Named[]): Answer =>
  ({ params }) =>
    list.filter(({ text }) => text.toLowerCase().includes(String(params?.search ?? '').toLowerCase()));

export interface Setup {
  values?: Values;
  answers?: Record<string, Answer | object>;
  settings?: Settings;
}

/** A data source with a backend that knows two queues, an agent and an organization. */
export function setUp({ values = {}, answers = {}, settings = {} }: Setup = {}) {
  const backend = new Backend({
    'resources/kinds': kinds,
    'resources/schema': tables,
    'resources/macros': macros,
    'resources/queues': searched(queues),
    'resources/groups': searched([]),
    'resources/agents': searched([{ value: ann, text: 'Ann', organization: acme }]),
    'resources/organizations': searched([{ value: acme, text: acme, organization: acme }]),
    'resources/callLists': searched([]),
    ...answers,
  });
  const instance = { id: 1, uid: 'ringside', type: 'ringside-queues-datasource', name: 'Ringside', jsonData: settings } as DataSourceInstanceSettings<Settings>;
  setDataSourceSrv({ getInstanceSettings: () => instance } as never);
  config.liveEnabled = true;
  config.publicDashboardAccessToken = '';
  const datasource = new RingsideDataSource(instance, templatesOf(values));
  return { datasource, backend };
}
