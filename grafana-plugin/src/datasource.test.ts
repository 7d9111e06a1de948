import { plugin } from './module';
import { RingsideDataSource } from './datasource';

it('offers the data source', () => {
  expect(plugin.DataSourceClass).toBe(RingsideDataSource);
});

it('asks for the events of a call once there is a call', () => {
  const chosen: Record<string, string> = { $call: '', $other: '8a9b1c2d-0000-4000-8000-000000000001' };
  const templates = { replace: (text?: string) => chosen[text ?? ''] ?? text ?? '' };
  const datasource = new RingsideDataSource({ jsonData: {}, meta: {} } as any, templates as any);
  const events = (callId?: string) => datasource.filterQuery({ refId: 'A', kind: 'calls', view: 'events', callId });
  expect([events(), events(''), events('$call'), events('$other')]).toEqual([false, false, false, true]);
});
