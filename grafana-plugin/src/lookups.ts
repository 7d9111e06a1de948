import { LookupName, Named } from './types';

/** Asks a resource of the backend. */
export type GetResource = <T>(path: string, params?: Record<string, string | number>) => Promise<T>;

export interface LookupFilter {
  organizations?: string[];
  groups?: string[];
  queues?: string[];
  search?: string;
  limit?: number;
}

/** What an editor's list offers at once; whoever has more queues than that types a part of the name. */
export const listLimit = 200;

/** A variable may stand for all queues of an installation. */
export const variableLimit = 20_000;

/** Things by name. Lists of ids go to the backend as one text with commas. */
export async function lookUp(get: GetResource, name: LookupName, filter: LookupFilter = {}): Promise<Named[]> {
  const params: Record<string, string | number> = { limit: filter.limit ?? listLimit };
  for (const member of ['organizations', 'groups', 'queues'] as const) {
    if (filter[member]?.length) {
      params[member] = filter[member].join(',');
    }
  }
  if (filter.search) {
    params.search = filter.search;
  }
  return get<Named[]>(name, params);
}

/** What does not change while an editor is open is asked for once. A failure is forgotten, so that it is tried again. */
export class Once<T> {
  private promise?: Promise<T>;

  constructor(private readonly ask: () => Promise<T>) {}

  get(): Promise<T> {
    this.promise ??= this.ask().catch((error) => {
      this.promise = undefined;
      throw error;
    });
    return this.promise;
  }
}
