import { ScopedVars } from '@grafana/data';
import { TemplateSrv } from '@grafana/runtime';
import { idMembers, RingsideQuery } from './types';

/** No queue, agent or organization has this id: a list that holds nothing else matches nothing. */
export const nobody = '00000000-0000-0000-0000-000000000000';

// A character that no value holds: values may hold commas, and must stay whole.
const separator = '\u001f';

const asOne = (value: unknown) => (Array.isArray(value) ? value.join(separator) : String(value ?? ''));

const single = ['view', 'groupBy', 'attribution', 'rolling', 'variant', 'interval', 'timeZone', 'callId', 'format'] as const;
const lists = ['metrics', 'outcomes', 'directions', ...idMembers] as const;

/** A list with its variables filled in, one entry for each value of a variable that has several. */
export function fillList(list: string[], templates: TemplateSrv, scoped?: ScopedVars): string[] {
  const values = list.flatMap((entry) => templates.replace(entry, scoped, asOne).split(separator));
  return [...new Set(values.map((value) => value.trim()).filter((value) => value !== ''))];
}

/**
 * Ids with variables filled in. A list whose variables all turned out empty stands for nothing, never for everything: a
 * panel titled with the chosen queue must not show the sum of all of them because none is chosen.
 */
export function fillIds(list: string[] | undefined, templates: TemplateSrv, scoped?: ScopedVars): string[] {
  if (!list?.length) {
    return [];
  }
  const values = fillList(list, templates, scoped);
  if (values.some(standsForAll)) {
    return [];
  }
  return values.length ? values : [nobody];
}

export function standsForAll(value: string): boolean {
  return value === '*' || value === '$__all' || value === 'All' || value === 'all';
}

/** A query with its variables filled in. What it does not know, it leaves as it is. */
export function fillQuery(query: RingsideQuery, templates: TemplateSrv, scoped?: ScopedVars): RingsideQuery {
  const filled: Record<string, unknown> = { ...query };
  for (const member of single) {
    if (typeof query[member] === 'string') {
      filled[member] = templates.replace(query[member], scoped, asFirst).trim();
    }
  }
  for (const member of lists) {
    const list = query[member];
    if (list === undefined) {
      continue;
    }
    const entries = Array.isArray(list) ? list : [list];
    filled[member] = idMembers.some((id) => id === member) ? fillIds(entries, templates, scoped) : fillNames(entries, templates, scoped);
  }
  if (typeof query.threshold === 'string') {
    filled.threshold = seconds(templates.replace(query.threshold, scoped, asFirst));
  }
  return filled as unknown as RingsideQuery;
}

function fillNames(list: string[], templates: TemplateSrv, scoped?: ScopedVars): string[] {
  const values = fillList(list, templates, scoped);
  return values.some(standsForAll) ? [] : values;
}

/** Where one value is wanted, a variable with several gives its first. */
const asFirst = (value: unknown) => String((Array.isArray(value) ? value[0] : value) ?? '');

/** A text that is no number goes on as it is: the backend says what is wrong with it. */
function seconds(text: string): number | string {
  const trimmed = text.trim();
  return trimmed !== '' && Number.isFinite(Number(trimmed)) ? Number(trimmed) : text;
}
