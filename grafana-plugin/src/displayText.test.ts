import { displayText } from './displayText';
import { RingsideQuery } from './types';

it.each([
  [{ kind: 'queueStatus' }, 'Queue status'],
  [{ kind: 'waits' }, 'Waits: Percentiles'],
  [{ kind: 'serviceLevel', view: 'rolling', rolling: '30m', queues: ['a', 'b', '$queue'] }, 'Service level: Rolling \u00b7 last 30m \u00b7 $queue \u00b7 2 queues'],
  [{ kind: 'queueStatus', metrics: ['max_wait_time'], organizations: ['a'] }, 'Queue status \u00b7 max_wait_time \u00b7 1 organization'],
  [{ kind: 'sql', sql: 'SELECT 1\n  FROM t ' }, 'SELECT 1 FROM t'],
  [{ kind: 'later' }, 'later'],
])('%j reads %s', (query, want) => {
  expect(displayText({ refId: 'A', ...query } as RingsideQuery)).toBe(want);
});
