import { DataFrameJSON, LiveChannelAddress, LiveChannelConnectionState, LiveChannelEvent, LiveChannelEventType } from '@grafana/data';
import { GrafanaLiveSrv, setGrafanaLiveSrv } from '@grafana/runtime';
import { BehaviorSubject, finalize, Observable, Subject } from 'rxjs';

/** Stands for Grafana's Live service, which only a running Grafana has. */
export class Live {
  readonly connected = new BehaviorSubject(true);
  readonly addresses: LiveChannelAddress[] = [];
  private readonly channels = new Map<string, Subject<LiveChannelEvent<DataFrameJSON>>>();
  private readonly viewers = new Map<string, number>();

  constructor() {
    setGrafanaLiveSrv({
      getConnectionState: () => this.connected,
      getStream: (address: LiveChannelAddress) => this.join(address),
    } as unknown as GrafanaLiveSrv);
  }

  viewersOf(path: string): number {
    return this.viewers.get(path) ?? 0;
  }

  send(path: string, message: DataFrameJSON) {
    this.channels.get(path)?.next({ type: LiveChannelEventType.Message, message });
  }

  status(path: string, state: LiveChannelConnectionState, error?: string) {
    this.channels.get(path)?.next({ type: LiveChannelEventType.Status, id: path, timestamp: Date.now(), state, error });
  }

  end(path: string) {
    this.channels.get(path)?.complete();
  }

  private join(address: LiveChannelAddress): Observable<LiveChannelEvent<DataFrameJSON>> {
    this.addresses.push(address);
    const { path } = address;
    const channel = new Subject<LiveChannelEvent<DataFrameJSON>>();
    this.channels.set(path, channel);
    this.viewers.set(path, this.viewersOf(path) + 1);
    return channel.pipe(finalize(() => this.viewers.set(path, this.viewersOf(path) - 1)));
  }
}
