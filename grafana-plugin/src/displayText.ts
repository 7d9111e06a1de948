import { kindOf, viewOf } from './catalogue';
import { idMembers, LookupName, RingsideQuery } from './types';

const nouns: Record<LookupName, string> = { organizations: 'organization', groups: 'group', queues: 'queue', agents: 'agent', callLists: 'list' };

/** A query in a line, for a collapsed editor. */
export function displayText(query: RingsideQuery): string {
  if (query.kind === 'sql') {
    return query.sql?.replace(/\s+/g, ' ').trim() ?? '';
  }
  const kind = kindOf(query.kind);
  if (!kind) {
    return query.kind ?? '';
  }
  const view = kind.views.length > 1 ? viewOf(query.kind, query.view)?.label : undefined;
  const filters = idMembers.flatMap((member) => chosen(query[member] ?? [], nouns[member]));
  const metrics = query.metrics?.length ? [query.metrics.join(', ')] : [];
  const rolling = query.rolling ? [`last ${query.rolling}`] : [];
  return [view ? `${kind.label}: ${view}` : kind.label, ...metrics, ...rolling, ...filters].join(' \u00b7 ');
}

function chosen(list: string[], noun: string): string[] {
  const variables = list.filter((entry) => entry.includes('$'));
  const ids = list.length - variables.length;
  return [...variables, ...(ids ? [`${ids} ${noun}${ids > 1 ? 's' : ''}`] : [])];
}
