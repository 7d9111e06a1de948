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
  /** Seconds; 0: as configured for each queue. */
  threshold?: number;
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
