import { Kind, LookupName } from './types';

/** What a query may choose besides metrics and filters; the editor shows the ones that its view heeds. */
export type Option =
  | 'groupBy'
  | 'attribution'
  | 'rolling'
  | 'variant'
  | 'threshold'
  | 'percentiles'
  | 'interval'
  | 'timeZone'
  | 'outcomes'
  | 'directions'
  | 'callId'
  | 'limit'
  | 'format';

export interface View {
  /** "" for kinds that have one view only. */
  name: string;
  label: string;
  description: string;
  /** Grafana Live keeps it current. */
  streams?: boolean;
  options: Option[];
  filters: LookupName[];
}

export interface KindEntry {
  kind: Kind;
  label: string;
  description: string;
  views: [View, ...View[]];
}

const ofQueues: LookupName[] = ['organizations', 'groups', 'queues'];
const ofLists: LookupName[] = ['organizations', 'callLists'];
const ofAgents: LookupName[] = ['organizations', 'groups', 'queues', 'agents'];
const ofFigures: LookupName[] = [...ofQueues, 'callLists'];
const ofOrganizations: LookupName[] = ['organizations'];

const view = (name: string, label: string, description: string, filters: LookupName[], options: Option[], streams?: boolean): View => ({
  name,
  label,
  description,
  filters,
  options,
  streams,
});

/** The kinds in the order in which the editor offers them. Their columns come from the backend. */
export const kinds: [KindEntry, ...KindEntry[]] = [
  {
    kind: 'queueStatus',
    label: 'Queue status',
    description: 'Who waits, who is free, how today goes: now, for each queue',
    views: [view('now', 'Now', 'One row for each queue, with its figures of today', ofQueues, ['groupBy', 'variant', 'timeZone', 'format'], true)],
  },
  {
    kind: 'queueStatusHistory',
    label: 'Queue status over time',
    description: 'What the queue status was at each moment of the time range',
    views: [view('', 'History', 'Calls waiting, agents free and so on, over time', ofQueues, ['groupBy', 'format'])],
  },
  {
    kind: 'serviceLevel',
    label: 'Service level',
    description: 'Percentage answered in time, in any reading and for any threshold',
    views: [
      view('live', 'Live', 'Today so far, calls that wait too long already included', ofQueues, ['groupBy', 'variant', 'threshold', 'timeZone', 'format'], true),
      view('intervals', 'By interval', 'Over time, by quarters of an hour or longer', ofQueues, ['groupBy', 'variant', 'threshold', 'attribution', 'interval', 'timeZone', 'format']),
      view('days', 'By day', 'One point for each local day', ofQueues, ['groupBy', 'variant', 'threshold', 'timeZone', 'format']),
      view('rolling', 'Rolling', 'The last so many minutes', ofQueues, ['groupBy', 'variant', 'threshold', 'rolling', 'format']),
    ],
  },
  {
    kind: 'intervalMetrics',
    label: 'Interval metrics',
    description: 'Volumes, waits and handling times by interval, or over the last so many minutes',
    views: [view('', 'Intervals', 'Quarters of an hour or longer, in local time', ofQueues, ['groupBy', 'attribution', 'interval', 'rolling', 'variant', 'threshold', 'timeZone', 'format'])],
  },
  {
    kind: 'dailyMetrics',
    label: 'Daily metrics',
    description: 'The figures of each queue and local date, as reports have them',
    views: [view('', 'Days', 'One row for each queue and local date', ofQueues, ['groupBy', 'variant', 'timeZone', 'format'])],
  },
  {
    kind: 'waits',
    label: 'Waits',
    description: 'How waits are distributed, right within 1 % over any queues and times',
    views: [
      view('percentiles', 'Percentiles', 'How long 50, 90, 95, 99 percent waited at most', ofQueues, ['groupBy', 'percentiles', 'interval', 'timeZone', 'format']),
      view('histogram', 'Histogram', 'How many waited how long', ofQueues, ['groupBy']),
      view('heatmap', 'Heatmap', 'How many waited how long, over time', ofQueues, ['interval', 'timeZone']),
    ],
  },
  {
    kind: 'calls',
    label: 'Calls',
    description: 'The calls behind the numbers, and the events behind a call',
    views: [
      view('list', 'List', 'Visits of the time range, or the parts of one call', ofAgents, ['outcomes', 'directions', 'attribution', 'callId', 'limit']),
      view('events', 'Events of a call', 'What the contact centre sent about one call, in order', ofOrganizations, ['callId', 'limit']),
    ],
  },
  {
    kind: 'callbacks',
    label: 'Callbacks',
    description: 'Lists of callbacks, single requests, and lost calls that were reached after all',
    views: [
      view('lists', 'Lists now', 'Open, free, overdue requests of each list', ofLists, ['format'], true),
      view('history', 'Lists over time', 'What the lists looked like at each moment', ofLists, ['format']),
      view('requests', 'Requests', 'Single requests of the time range', [...ofLists, 'queues'], ['limit']),
      view('recovered', 'Recovered calls', 'Unanswered calls whose callback was answered', [...ofLists, 'groups', 'queues'], ['limit']),
      view('overview', 'Overview', 'Attempts, closed in due time, and times, by list', ofLists, ['timeZone', 'format']),
    ],
  },
  {
    kind: 'agents',
    label: 'Agents',
    description: 'What agents do, and what came of it',
    views: [
      view('now', 'Now', 'The state of each agent; in total: how many in each state', ofAgents, ['groupBy', 'limit', 'format'], true),
      view('timeline', 'State timeline', 'State changes, for Grafana\u2019s State timeline', ofAgents, ['limit']),
      view('intervals', 'By interval', 'Occupancy, handling time and seconds in each state', ofAgents, ['interval', 'timeZone', 'format']),
      view('queues', 'By agent and queue', 'Offers, answers and handling times over the time range', ofAgents, ['limit']),
    ],
  },
  {
    kind: 'reconciliation',
    label: 'Reconciliation',
    description: 'Whether these figures are the vendor\u2019s own',
    views: [
      view('fields', 'Agreement by field', 'The share of published figures that agree', ofFigures, ['format']),
      view('drift', 'Agreement over time', 'The share that agrees, by time of publication', ofFigures, ['interval', 'format']),
      view('differences', 'Differences', 'Single differences, the largest first, with what explains them', ofFigures, ['limit']),
    ],
  },
  {
    kind: 'engine',
    label: 'Engine',
    description: 'How current the figures are, and what was not counted',
    views: [
      view('lag', 'Lag', 'Seconds since the last event, for each organization', ofOrganizations, ['format'], true),
      view('accounting', 'Accounting', 'Received, accepted, duplicate, late, rejected, orphan', ofOrganizations, ['format']),
      view('rejects', 'Rejects', 'Events that were not accepted, by reason', ofOrganizations, ['format']),
      view('late', 'Late events', 'Events that came too late, by reason, over time', ofOrganizations, ['interval', 'format']),
    ],
  },
  {
    kind: 'annotations',
    label: 'Annotations',
    description: 'Moments and spans to mark in graphs',
    views: [
      view('opening', 'Opened and closed', 'When queues opened and closed', ofQueues, ['limit']),
      view('serviceLevelMissed', 'Service level missed', 'Intervals whose service level was below its target', ofQueues, ['variant', 'limit']),
    ],
  },
  {
    kind: 'sql',
    label: 'SQL',
    description: 'A query of your own, with macros for the dashboard\u2019s time and filters',
    views: [view('', 'SQL', 'Reads only; limited in rows and time', ofAgents, ['format', 'timeZone'])],
  },
];

export function kindOf(kind: Kind | undefined): KindEntry | undefined {
  return kinds.find((entry) => entry.kind === kind);
}

/** The view of a kind; its first where none is named, none where it is not known here. */
export function viewOf(kind: Kind | undefined, name: string | undefined): View | undefined {
  const entry = kindOf(kind);
  return name ? entry?.views.find((v) => v.name === name) : entry?.views[0];
}
