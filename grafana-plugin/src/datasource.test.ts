import { CoreApp, DataQueryRequest, dateTime } from '@grafana/data';
import { lastValueFrom } from 'rxjs';
import { plugin } from './module';
import { RingsideDataSource } from './datasource';
import { acme, ann, sales, setUp, support } from './test/datasource';
import { answer, waiting } from './test/frames';
import { RingsideQuery, VariableQuery } from './types';
import { Variables } from './variables';

it('offers the data source with its editors', () => {
  expect(plugin.DataSourceClass).toBe(RingsideDataSource);
  expect(Object.keys(plugin.components)).toEqual(expect.arrayContaining(['ConfigEditor', 'QueryEditor', 'QueryEditorHelp']));
});

async function asked(query: Partial<RingsideQuery>, more: Partial<DataQueryRequest> = {}, values = {}): Promise<RingsideQuery> {
  const { datasource, backend } = setUp({ values, answers: { '/api/ds/query': () => answer({ A: [waiting(1)] }) } });
  const range = { from: dateTime(0), to: dateTime(1), raw: { from: 'now-1h', to: 'now' } };
  const targets = [{ refId: 'A', kind: 'dailyMetrics', ...query }];
  await lastValueFrom(datasource.query({ requestId: 'Q', range, scopedVars: {}, timezone: 'Europe/Oslo', app: CoreApp.Dashboard, targets, ...more } as never));
  return backend.to('/api/ds/query')[0].data.queries[0];
}

describe('query', () => {
  it.each([
    ['Europe/Oslo', 'Europe/Oslo'],
    ['browser', 'UTC'], // that of the tests
    ['utc', 'UTC'],
  ])('sends the dashboard\u2019s zone %s as %s', async (timezone, want) => {
    expect(await asked({ timeZone: 'dashboard' }, { timezone })).toMatchObject({ timeZone: 'dashboard', dashboardTimeZone: want });
    expect(await asked({}, { timezone })).toMatchObject({ dashboardTimeZone: want });
  });

  it('sends no zone with what streams, so that viewers in several zones ask the same', async () => {
    expect(await asked({ kind: 'queueStatus' }, { app: CoreApp.Explore })).not.toHaveProperty('dashboardTimeZone');
  });

  it('fills in variables, those of a repeated panel before the dashboard\u2019s', async () => {
    const scopedVars = { queue: { value: support, text: 'Support' } };
    expect(await asked({ queues: ['$queue'] }, { scopedVars }, { queue: [sales, support] })).toMatchObject({ queues: [support] });
  });

  it('makes values in SQL literals', async () => {
    expect(await asked({ kind: 'sql', sql: 'SELECT $v' }, {}, { v: "'; DROP TABLE calls" })).toMatchObject({ sql: "SELECT '\\'; DROP TABLE calls'" });
  });

  it('fills in variables for expressions, which cannot follow a stream', () => {
    const { datasource } = setUp({ values: { queue: sales } });
    expect(datasource.interpolateVariablesInQueries([{ refId: 'A', kind: 'queueStatus', queues: ['$queue'] }], {})).toEqual([
      { refId: 'A', kind: 'queueStatus', queues: [sales], stream: false },
    ]);
  });

  it.each([
    [{ kind: 'queueStatus' }, true],
    [{ kind: 'queueStatus', hide: true }, false],
    [{}, false],
    [{ kind: 'sql' }, false],
    [{ kind: 'sql', sql: ' ' }, false],
    [{ kind: 'sql', sql: 'SELECT 1' }, true],
    [{ kind: 'calls', view: 'events' }, false],
    [{ kind: 'calls', view: 'events', callId: '$call' }, true],
    [{ kind: 'calls', view: 'list' }, true],
  ])('%j is complete: %s', (query, complete) => {
    expect(setUp().datasource.filterQuery({ refId: 'A', ...query } as RingsideQuery)).toBe(complete);
  });

  it('starts with the queues now, and marks graphs with openings', () => {
    const { datasource } = setUp();
    // Grafana adds these members to every query that lacks them.
    expect(datasource.getDefaultQuery()).toEqual({ kind: 'queueStatus' });
    expect(datasource.annotations.getDefaultQuery?.()).toEqual({ kind: 'annotations', view: 'opening' });
  });
});

describe('variables', () => {
  const values = async (query: Partial<VariableQuery>, variables = {}) => {
    const { datasource, backend } = setUp({ values: variables });
    const request = { targets: [{ refId: 'V', ...query }], scopedVars: {} } as unknown as DataQueryRequest<VariableQuery>;
    const { data } = await lastValueFrom((datasource.variables as Variables).query(request));
    return { data, params: backend.requests[0]?.params, url: backend.requests[0]?.url };
  };

  it('are names with ids', async () => {
    const { data, url } = await values({ lookup: 'agents' });
    expect(data).toEqual([{ text: 'Ann', value: ann }]);
    expect(url).toBe('/api/datasources/uid/ringside/resources/agents');
  });

  it('depend on other variables', async () => {
    const { data, params } = await values({ lookup: 'queues', organizations: ['$org'], groups: ['$group'], search: '$text' }, { org: [acme], group: '$__all', text: 'sal' });
    expect(data).toEqual([{ text: 'Sales', value: sales }]);
    expect(params).toEqual({ organizations: acme, search: 'sal', limit: 20_000 });
  });

  it('are empty for a query that says nothing', async () => {
    expect(await values({})).toEqual({ data: [], params: undefined, url: undefined });
  });
});

it('asks for the events of a call once there is a call', () => {
  const chosen: Record<string, string> = { $call: '', $other: '8a9b1c2d-0000-4000-8000-000000000001' };
  const templates = { replace: (text?: string) => chosen[text ?? ''] ?? text ?? '' };
  const datasource = new RingsideDataSource({ jsonData: {}, meta: {} } as any, templates as any);
  const events = (callId?: string) => datasource.filterQuery({ refId: 'A', kind: 'calls', view: 'events', callId });
  expect([events(), events(''), events('$call'), events('$other')]).toEqual([false, false, false, true]);
});
