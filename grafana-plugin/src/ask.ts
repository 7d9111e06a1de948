import { DataQueryRequest, DataQueryResponse, DataSourceRef } from '@grafana/data';
import { getBackendSrv, toDataQueryResponse } from '@grafana/runtime';
import { catchError, map, Observable, of } from 'rxjs';
import { RingsideQuery } from './types';

/**
 * Asks the backend, and gives its answer as it is. DataSourceWithBackend would subscribe to the channels in it, without the
 * query, which the backend has to see before it lets anybody in.
 */
export function ask(source: DataSourceRef, queries: RingsideQuery[], request: DataQueryRequest<RingsideQuery>): Observable<DataQueryResponse> {
  const { requestId, hideFromInspector, range, intervalMs, maxDataPoints } = request;
  const sent = queries.map((query) => ({ ...query, datasource: source, intervalMs, maxDataPoints }));
  return getBackendSrv()
    .fetch({
      url: `/api/ds/query?ds_type=${source.type}${requestId ? `&requestId=${encodeURIComponent(requestId)}` : ''}`,
      method: 'POST',
      requestId,
      hideFromInspector,
      headers: headersOf(source, request),
      data: { queries: sent, from: range?.from.valueOf().toString(), to: range?.to.valueOf().toString() },
    })
    .pipe(
      map((raw) => toDataQueryResponse(raw as Parameters<typeof toDataQueryResponse>[0], sent)),
      catchError((error) => of(toDataQueryResponse(error)))
    );
}

/** What Grafana's log and its access checks go by. */
function headersOf(source: DataSourceRef, request: DataQueryRequest): Record<string, string> {
  const headers: Record<string, string | undefined> = {
    ...request.headers,
    'X-Plugin-Id': source.type,
    'X-Datasource-Uid': source.uid,
    'X-Dashboard-Uid': request.dashboardUID,
    'X-Panel-Id': request.panelId?.toString(),
    'X-Panel-Plugin-Id': request.panelPluginId,
    'X-Query-Group-Id': request.queryGroupId,
    'X-Cache-Skip': request.skipQueryCache ? 'true' : undefined,
  };
  return Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => Boolean(entry[1])));
}
