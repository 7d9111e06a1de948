import { RingsideQuery } from '../types';

export interface Example {
  title: string;
  text: string;
  query: Omit<RingsideQuery, 'refId'>;
}

/** What people ask first. */
export const examples: Example[] = [
  {
    title: 'The wallboard',
    text: 'All queues now: callers waiting, longest wait, agents free, service level of today. Follows the present.',
    query: { kind: 'queueStatus', view: 'now' },
  },
  {
    title: 'Longest wait of all queues',
    text: 'One number, for a Stat panel.',
    query: { kind: 'queueStatus', view: 'now', metrics: ['max_wait_time'], groupBy: 'total' },
  },
  {
    title: 'The last half hour',
    text: 'Calls, answers, abandons and waits of each queue over a window that moves along.',
    query: { kind: 'intervalMetrics', rolling: '30m' },
  },
  {
    title: 'Service level over the day',
    text: 'By quarters of an hour, for all queues together, within 30 seconds instead of the configured threshold.',
    query: { kind: 'serviceLevel', view: 'intervals', groupBy: 'total', threshold: 30, interval: '15m' },
  },
  {
    title: 'The service level in its four readings',
    text: 'Side by side: which one a contract means makes points of difference.',
    query: { kind: 'serviceLevel', view: 'live', variant: 'all' },
  },
  {
    title: 'How long callers waited',
    text: 'Percentiles over the time range; they are right over any set of queues and days.',
    query: { kind: 'waits', view: 'percentiles', groupBy: 'total' },
  },
  {
    title: 'The calls behind the abandons',
    text: 'Each of them, with its wait and its id.',
    query: { kind: 'calls', view: 'list', outcomes: ['abandoned'], directions: ['inbound'] },
  },
  {
    title: 'What agents do',
    text: 'Over time, for the State timeline panel.',
    query: { kind: 'agents', view: 'timeline' },
  },
  {
    title: 'Do the figures agree with the vendor\u2019s?',
    text: 'The share of published figures that agree, field by field.',
    query: { kind: 'reconciliation', view: 'fields' },
  },
  {
    title: 'SQL of your own',
    text: 'Abandons by hour, of the queues chosen on the dashboard.',
    query: {
      kind: 'sql',
      format: 'timeseries',
      sql: "SELECT $__timeInterval(begun_at) AS time, queue_name, countIf(outcome = 'abandoned') AS abandoned\nFROM calls\nWHERE $__timeFilter(begun_at) AND $__queueFilter(queue_id) AND direction = 'inbound'\nGROUP BY time, queue_name\nORDER BY time",
    },
  },
];
