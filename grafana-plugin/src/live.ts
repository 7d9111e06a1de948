import {
  DataFrameJSON,
  DataQueryResponse,
  isLiveChannelMessageEvent,
  isLiveChannelStatusEvent,
  LiveChannelAddress,
  LiveChannelConnectionState,
  LiveChannelEvent,
  parseLiveChannelAddress,
} from '@grafana/data';
import { GrafanaLiveSrv } from '@grafana/runtime';
import { catchError, concat, defer, EMPTY, endWith, filter, fromEvent, map, merge, mergeMap, NEVER, Observable, of, repeat, switchMap, take, takeWhile, timeout, timer } from 'rxjs';
import { failed, Shown } from './shown';
import { RingsideQuery } from './types';

/** How long things may take, in ms. */
export interface Patience {
  /** Between two questions where there is no stream. */
  poll: number;
  /** For the connection to Grafana Live to come, or to come back. */
  connect: number;
  /** Between two messages of a stream: the backend sends one at least every 10 s, or with every poll. */
  silence: number;
}

/** What fits a data source that polls ClickHouse every so many ms. */
export function patienceOf(pollIntervalMs = 500): Patience {
  return { poll: Math.max(5_000, pollIntervalMs), connect: 3_000, silence: Math.max(30_000, 3 * pollIntervalMs) };
}

export interface Source {
  /** Asks the backend. Frames of the answer that can be followed name their channel. */
  ask: () => Observable<DataQueryResponse>;
  /** The query behind a refId, as the backend was asked: whoever subscribes must show it. */
  query: (refId: string | undefined) => RingsideQuery | undefined;
  /** Absent where Live is not available. */
  live?: GrafanaLiveSrv;
  patience: Patience;
}

/**
 * Keeps an answer up to date: by Grafana Live, where all viewers of a query share one stream, or else by asking again.
 * The figures that were there stay while something is wrong.
 *
 * It goes in rounds: ask, show, follow the channels until one of them is lost, wait, and again. Without Live a round ends at
 * once, which makes it polling. Grafana's own getDataStream is not used: it empties the panel at an error, and cuts
 * answers at its own limit of rows.
 */
export function keepCurrent(source: Source): Observable<DataQueryResponse> {
  const limits = source.patience;
  const shown = new Shown();
  let again = true;
  const round = defer(source.ask).pipe(
    mergeMap((answer) => {
      const response = shown.take(answer);
      const channels = shown.channels();
      again = channels.length > 0 || failed(answer);
      return failed(answer) ? of(response) : concat(of(response), follow(channels, shown, source, limits));
    })
  );
  return round.pipe(repeat({ delay: () => (again ? pause(limits.poll) : EMPTY) }));
}

/** What the streams of channels make of the frames that are shown. Completes when one of them is lost. */
function follow(channels: string[], shown: Shown, { live, query }: Source, limits: Patience): Observable<DataQueryResponse> {
  if (!live || channels.length === 0) {
    return EMPTY;
  }
  const disconnected = live.getConnectionState().pipe(
    switchMap((up) => (up ? NEVER : timer(limits.connect))),
    map(() => undefined)
  );
  const streams = channels.map((channel) =>
    messages(live, { ...parseLiveChannelAddress(channel)!, data: query(shown.refIdOf(channel)) }, limits.silence).pipe(
      map((message) => shown.replace(channel, message)),
      endWith(undefined)
    )
  );
  return merge(disconnected, ...streams).pipe(takeWhile((response) => response !== undefined));
}

/** The messages of a channel. Completes when it breaks, ends, or falls silent. */
function messages(live: GrafanaLiveSrv, address: LiveChannelAddress, silence: number): Observable<DataFrameJSON> {
  return defer(() => live.getStream<DataFrameJSON>(address)).pipe(
    takeWhile((event) => !broken(event)),
    timeout({ each: silence, with: () => EMPTY }),
    map(messageOf),
    filter((message) => message !== undefined),
    catchError(() => EMPTY)
  );
}

function broken(event: LiveChannelEvent): boolean {
  if (!isLiveChannelStatusEvent(event)) {
    return false;
  }
  const { Disconnected, Shutdown, Invalid } = LiveChannelConnectionState;
  return Boolean(event.error) || [Disconnected, Shutdown, Invalid].includes(event.state);
}

function messageOf(event: LiveChannelEvent<DataFrameJSON>): DataFrameJSON | undefined {
  const message = isLiveChannelMessageEvent(event) || isLiveChannelStatusEvent(event) ? event.message : undefined;
  // Who joins a stream that runs may be sent the schema alone.
  return message?.data ? message : undefined;
}

/**
 * A wait, and on until somebody looks. It varies: all the screens of a room lose the same server at the same moment and
 * must not come back at the same one.
 */
function pause(poll: number): Observable<unknown> {
  const seen = defer(() => (document.hidden ? fromEvent(document, 'visibilitychange').pipe(filter(() => !document.hidden), take(1)) : of(true)));
  return timer(poll * (0.75 + Math.random() / 2)).pipe(switchMap(() => seen));
}
