/** A list of a query; one that was written by hand may be a single text. */
export function asList(list: string[] | string | undefined): string[] {
  return list === undefined || list === '' ? [] : Array.isArray(list) ? list : [list];
}
