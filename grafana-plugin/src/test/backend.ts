import { BackendSrvRequest, FetchResponse, setBackendSrv } from '@grafana/runtime';
import { defer, Observable, of, throwError } from 'rxjs';

export type Answer = (request: BackendSrvRequest) => unknown;

/**
 * Stands for Grafana's server: requests whose address ends as one of these paths get what is given for it, an Error as a
 * failure. What was asked is noted.
 */
export class Backend {
  readonly requests: BackendSrvRequest[] = [];

  constructor(readonly answers: Record<string, Answer | object>) {
    setBackendSrv({ fetch: (request: BackendSrvRequest) => this.fetch(request) } as never);
  }

  to(path: string): BackendSrvRequest[] {
    return this.requests.filter((request) => request.url.split('?')[0].endsWith(path));
  }

  private fetch(request: BackendSrvRequest): Observable<FetchResponse<unknown>> {
    return defer(() => {
      this.requests.push(request);
      const path = Object.keys(this.answers).find((end) => request.url.split('?')[0].endsWith(end));
      const answer = path === undefined ? new Error(`nothing answers ${request.url}`) : this.answers[path];
      const data = typeof answer === 'function' ? (answer as Answer)(request) : answer;
      return data instanceof Error ? throwError(() => ({ status: 500, data: { message: data.message } })) : of({ status: 200, ok: true, data } as FetchResponse<unknown>);
    });
  }
}
