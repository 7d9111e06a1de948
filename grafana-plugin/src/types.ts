import { DataSourceJsonData } from '@grafana/data';
import { DataQuery } from '@grafana/schema';

/** What is asked; the views of each are in the backend's catalogue (resource /kinds). */
export type Kind =
  | 'queueStatus'
  | 'queueStatusHistory'
  | 'dailyMetrics'
  | 'intervalMetrics'
  | 'serviceLevel'
  | 'waits'
  | 'calls'
  | 'callbacks'
  | 'agents'
  | 'reconciliation'
  | 'engine'
  | 'annotations'
  | 'sql';

export type GroupBy = 'queue' | 'group' | 'total';

/** The readings of the service level in docs/METRICS.md, section 4. */
export type Variant = 'ignore_short_abandons' | 'all_offered' | 'answered_only' | 'short_abandons_met' | 'all';

/** A query as panels keep it. Lists of ids may hold template variables; the backend gets them filled in. */
export interface RingsideQuery extends DataQuery {
  kind: Kind;
  view?: string;
  metrics?: string[];
  groupBy?: GroupBy;
  organizations?: string[];
  groups?: string[];
  queues?: string[];
  agents?: string[];
  callLists?: string[];
  attribution?: 'begin' | 'end';
  /** "30m": the last so long instead of intervals. */
  rolling?: string;
  variant?: Variant;
  /** Seconds; 0: as configured for each queue. A text is a template variable that stands for them. */
  threshold?: number | string;
  percentiles?: number[];
  /** "15m", "1h", "1d", or "auto". */
  interval?: string;
  /** "queue", "dashboard", or an IANA name. */
  timeZone?: string;
  dashboardTimeZone?: string;
  outcomes?: string[];
  directions?: string[];
  callId?: string;
  limit?: number;
  sql?: string;
  format?: '' | 'table' | 'timeseries';
  stream?: boolean;
}

export type LookupName = 'organizations' | 'groups' | 'queues' | 'agents' | 'callLists';

/** The members of a query that hold ids, and what looks them up. */
export const idMembers: readonly LookupName[] = ['organizations', 'groups', 'queues', 'agents', 'callLists'];

/** One thing that has an id, as the lookups of the backend name it. */
export interface Named {
  value: string;
  text: string;
  organization?: string;
}

/** What the resource /kinds tells of a column. */
export interface Metric {
  name: string;
  title: string;
  unit?: string;
  description?: string;
  /** Shown where a query names no metrics. */
  default?: boolean;
  type?: string;
}

export interface ViewInfo {
  view: string;
  title?: string;
  description?: string;
  metrics: Metric[];
}

export interface KindInfo {
  kind: string;
  title?: string;
  description?: string;
  views: ViewInfo[];
}

/** What the resource /schema tells, for the completion of SQL. */
export interface Table {
  name: string;
  description?: string;
  columns: Array<{ name: string; type: string; description?: string }>;
}

/** What the resource /macros tells. */
export interface Macro {
  name: string;
  /** How it is called: "$__queueFilter(column)". */
  usage: string;
  description?: string;
}

/** A query of a dashboard variable. */
export interface VariableQuery extends DataQuery {
  lookup: LookupName;
  organizations?: string[];
  groups?: string[];
  queues?: string[];
  search?: string;
}

export interface Settings extends DataSourceJsonData {
  url?: string;
  username?: string;
  database?: string;
  dialTimeoutSec?: number;
  queryTimeoutSec?: number;
  maxRows?: number;
  /** The only organizations that may be seen; none: all. */
  organizations?: string[];
  /** The administrator declares that row policies of ClickHouse pin the user too, so that SQL may be allowed. */
  rowPolicies?: boolean;
  tlsAuth?: boolean;
  tlsAuthWithCACert?: boolean;
  tlsSkipVerify?: boolean;
  tlsServerName?: string;
  pollIntervalMs?: number;
  live?: boolean;
}

export interface SecureSettings {
  password?: string;
  tlsCACert?: string;
  tlsClientCert?: string;
  tlsClientKey?: string;
}
