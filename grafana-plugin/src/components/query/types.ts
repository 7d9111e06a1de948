import { RingsideQuery } from '../../types';

export type QueryChange = Partial<RingsideQuery>;

export interface PartProps {
  query: RingsideQuery;
  /** Changes members of the query; undefined takes a member away. */
  onQuery: (change: QueryChange) => void;
}

export const labelWidth = 16;

export function withChange(query: RingsideQuery, change: QueryChange): RingsideQuery {
  const all = Object.entries({ ...query, ...change });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined)) as unknown as RingsideQuery;
}
