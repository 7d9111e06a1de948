import { CoreApp, DataFrame, DataQueryRequest, DataQueryResponse, dateTime, LiveChannelConnectionState, LoadingState } from '@grafana/data';
import { config } from '@grafana/runtime';
import { Subscription } from 'rxjs';
import { setUp, Setup, sales, support } from './test/datasource';
import { answer, waiting } from './test/frames';
import { Live } from './test/live';
import { RingsideQuery } from './types';

const channel = 'ds/ringside/q/abc';
const path = 'q/abc';

const requestOf = (targets: Array<Partial<RingsideQuery>>, more: Partial<DataQueryRequest> = {}) =>
  ({
    requestId: 'Q1',
    interval: '15s',
    intervalMs: 15_000,
    range: { from: dateTime(0), to: dateTime(1), raw: { from: 'now-1h', to: 'now' } },
    scopedVars: {},
    timezone: 'browser',
    app: CoreApp.Dashboard,
    startTime: 0,
    targets: targets.map((target, i) => ({ refId: String.fromCharCode(65 + i), kind: 'queueStatus', ...target })),
    ...more,
  }) as DataQueryRequest<RingsideQuery>;

/** What a panel gets. */
class Panel {
  readonly responses: DataQueryResponse[] = [];
  readonly subscription: Subscription;
  complete = false;

  constructor(
    readonly setup: ReturnType<typeof setUp>,
    request: DataQueryRequest<RingsideQuery>
  ) {
    this.subscription = setup.datasource.query(request).subscribe({ next: (r) => this.responses.push(r), complete: () => (this.complete = true) });
  }

  get last(): DataQueryResponse {
    return this.responses[this.responses.length - 1];
  }

  /** The counts of all frames. */
  get counts(): number[] {
    return this.last.data.flatMap((frame: DataFrame) => frame.fields.find((field) => field.name === 'nbr_of_queuing_requesters')!.values);
  }

  get asked(): number {
    return this.setup.backend.to('/api/ds/query').length;
  }
}

let open: Panel | undefined;
const panelOf = (setup: Setup, ...args: Parameters<typeof requestOf>) => (open = new Panel(setUp(setup), requestOf(...args)));
const streamed = { '/api/ds/query': () => answer({ A: [waiting(1, channel)] }) };

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  open?.subscription.unsubscribe();
  jest.useRealTimers();
});

describe('a stream', () => {
  it('shows the answer at once, and what the stream sends in its place', () => {
    const live = new Live();
    const panel = panelOf({ answers: streamed }, [{}]);
    expect(panel.counts).toEqual([1]);
    expect(panel.last.state).toBe(LoadingState.Streaming);
    live.send(path, waiting(2, channel));
    expect(panel.counts).toEqual([2]);
    // The schema is not always sent again.
    live.send(path, { data: { values: [['Sales', 'Support'], [3, 4]] } });
    expect(panel.counts).toEqual([3, 4]);
    const [frame] = panel.last.data;
    expect(frame).toMatchObject({ refId: 'A', length: 2, meta: { channel } });
    expect(frame.fields[1].config).toMatchObject({ displayName: 'Waiting', unit: 'none' });
    expect(panel.asked).toBe(1);
    expect(new Set(panel.responses.map((response) => response.key)).size).toBe(1);
  });

  it('is subscribed with the query as the backend was asked it', () => {
    const live = new Live();
    const panel = panelOf({ answers: streamed, values: { queue: [sales, support] } }, [{ queues: ['$queue'] }]);
    expect(live.addresses).toEqual([expect.objectContaining({ scope: 'ds', path, data: expect.objectContaining({ kind: 'queueStatus', queues: [sales, support] }) })]);
    expect(live.addresses[0].data).toMatchObject(withoutIds(panel.setup.backend.to('/api/ds/query')[0].data.queries[0]));
  });

  it('leaves the other frames of the panel in their places', () => {
    const live = new Live();
    const panel = panelOf({ answers: { '/api/ds/query': () => answer({ A: [waiting(10)], B: [waiting(1, channel)], C: [waiting(20)] }) } }, [{ stream: false }, {}, { kind: 'dailyMetrics' }]);
    live.send(path, waiting(2, channel));
    expect(panel.last.data.map((frame) => frame.refId)).toEqual(['A', 'B', 'C']);
    expect(panel.counts).toEqual([10, 2, 20]);
  });

  it('feeds all queries of a panel that share it', () => {
    const live = new Live();
    const panel = panelOf({ answers: { '/api/ds/query': () => answer({ A: [waiting(1, channel)], B: [waiting(1, channel)] }) } }, [{}, {}]);
    live.send(path, waiting(2, channel));
    expect(panel.counts).toEqual([2, 2]);
    expect(panel.last.data.map((frame) => frame.refId)).toEqual(['A', 'B']);
    expect(live.viewersOf(path)).toBe(1);
  });

  it('is left when the panel goes', () => {
    const live = new Live();
    const panel = panelOf({ answers: streamed }, [{}]);
    expect(live.viewersOf(path)).toBe(1);
    panel.subscription.unsubscribe();
    expect(live.viewersOf(path)).toBe(0);
    jest.advanceTimersByTime(120_000);
    expect(panel.asked).toBe(1);
  });

  it('does not end of being quiet for less than half a minute', () => {
    const live = new Live();
    const panel = panelOf({ answers: streamed }, [{}]);
    for (let i = 0; i < 10; i++) {
      jest.advanceTimersByTime(25_000);
      live.send(path, waiting(i, channel));
    }
    expect(panel.asked).toBe(1);
    expect(panel.counts).toEqual([9]);
  });
});

describe('a stream that is lost', () => {
  it.each([
    ['is broken', (live: Live) => live.status(path, LiveChannelConnectionState.Connected, 'permission denied')],
    ['is disconnected', (live: Live) => live.status(path, LiveChannelConnectionState.Disconnected)],
    ['ends', (live: Live) => live.end(path)],
    ['is silent', () => jest.advanceTimersByTime(30_000)],
    ['has no connection', (live: Live) => (live.connected.next(false), jest.advanceTimersByTime(3_000), live.connected.next(true))],
  ])('because it %s: its figures stay, and it is asked for again', (_, lose) => {
    const live = new Live();
    let count = 1;
    const panel = panelOf({ answers: { '/api/ds/query': () => answer({ A: [waiting(count, channel)] }) } }, [{}]);
    live.send(path, waiting(2, channel));
    lose(live);
    expect(panel.counts).toEqual([2]);
    expect(live.viewersOf(path)).toBe(0);
    count = 7;
    jest.advanceTimersByTime(7_000);
    expect(panel.counts).toEqual([7]);
    expect(panel.asked).toBe(2);
    live.send(path, waiting(8, channel));
    expect(panel.counts).toEqual([8]);
  });

  it('is not lost for a connection that comes back soon', () => {
    const live = new Live();
    const panel = panelOf({ answers: streamed }, [{}]);
    live.connected.next(false);
    jest.advanceTimersByTime(2_000);
    live.connected.next(true);
    jest.advanceTimersByTime(20_000);
    live.send(path, waiting(5, channel));
    expect(panel.counts).toEqual([5]);
    expect(panel.asked).toBe(1);
  });

  it('keeps the figures while the backend is away, and says of when they are', () => {
    jest.setSystemTime(new Date('2026-03-02T12:03:05Z'));
    const live = new Live();
    let away = false;
    const panel = panelOf({ answers: { '/api/ds/query': () => (away ? new Error('the plugin is away') : answer({ A: [waiting(1, channel)] })) } }, [{}]);
    away = true;
    live.end(path);
    jest.advanceTimersByTime(20_000);
    expect(panel.last.state).toBe(LoadingState.Error);
    expect(panel.last.error?.message).toMatch(/the plugin is away\. The figures shown are of 12:03:05/);
    expect(panel.counts).toEqual([1]);
    expect(panel.asked).toBeGreaterThanOrEqual(3);
    away = false;
    jest.advanceTimersByTime(7_000);
    expect(panel.last.state).toBe(LoadingState.Streaming);
    expect(panel.last.error).toBeUndefined();
    expect(panel.last.errors ?? []).toEqual([]);
  });

  it('keeps the figures of the query that fails, and shows those of the others', () => {
    const live = new Live();
    let failing = false;
    const panel = panelOf(
      { answers: { '/api/ds/query': () => answer({ A: failing ? new Error('no') : [waiting(1, channel)], B: [waiting(failing ? 20 : 10)] }) } },
      [{}, { stream: false }]
    );
    failing = true;
    live.end(path);
    jest.advanceTimersByTime(7_000);
    expect(panel.counts).toEqual([1, 20]);
    expect(panel.last.state).toBe(LoadingState.Error);
  });
});

describe('without a stream', () => {
  const polls = (panel: Panel) => {
    jest.advanceTimersByTime(31_000);
    return panel.asked;
  };

  it.each([
    ['Live is turned off in Grafana', () => (config.liveEnabled = false)],
    ['the dashboard is public', () => (config.publicDashboardAccessToken = 'token')],
  ])('it asks again every 5 s where %s', (_, arrange) => {
    const live = new Live();
    let count = 0;
    const setup = setUp({ answers: { '/query': () => answer({ A: [waiting(++count, channel)] }) } });
    arrange();
    open = new Panel(setup, requestOf([{}]));
    jest.advanceTimersByTime(31_000);
    expect(count).toBeGreaterThanOrEqual(4);
    expect(count).toBeLessThanOrEqual(9);
    expect(open.counts).toEqual([count]);
    expect(live.addresses).toEqual([]);
  });

  it('it does not ask while nobody looks', () => {
    new Live();
    const setup = setUp({ answers: streamed });
    config.liveEnabled = false;
    const hidden = jest.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    open = new Panel(setup, requestOf([{}]));
    expect(polls(open)).toBe(1);
    hidden.mockReturnValue(false);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(open.asked).toBe(2);
    hidden.mockRestore();
  });

  it.each<[string, Partial<RingsideQuery>, Partial<DataQueryRequest>, unknown]>([
    ['in Explore', {}, { app: CoreApp.Explore }, false],
    ['in alert rules', {}, { app: CoreApp.UnifiedAlerting }, false],
    ['where the query does not want it', { stream: false }, {}, false],
    ['of kinds that have no present', { kind: 'dailyMetrics' }, {}, undefined],
  ])('it asks once %s', (_, query, more, stream) => {
    const live = new Live();
    const panel = panelOf({ answers: { '/api/ds/query': () => answer({ A: [waiting(1)] }) } }, [query], more);
    expect(panel.complete).toBe(true);
    expect(polls(panel)).toBe(1);
    expect(live.addresses).toEqual([]);
    expect(panel.setup.backend.to('/api/ds/query')[0].data.queries[0].stream).toBe(stream);
  });

  it('it asks once where the backend names no channel', () => {
    new Live();
    const panel = panelOf({ answers: { '/api/ds/query': () => answer({ A: [waiting(1)] }) } }, [{}]);
    expect(panel.complete).toBe(true);
    expect(polls(panel)).toBe(1);
    expect(panel.last.state).toBe(LoadingState.Done);
  });

  it('it asks once where the question is wrong', () => {
    new Live();
    const wrong = { results: { A: { status: 400, error: 'metrics: "x" is no column', frames: [] } } };
    const panel = panelOf({ answers: { '/api/ds/query': () => wrong } }, [{}]);
    expect(panel.last.error?.message).toBe('metrics: "x" is no column');
    expect(panel.complete).toBe(true);
    expect(polls(panel)).toBe(1);
  });

  it('it asks again where the first answer is an error', () => {
    new Live();
    let away = true;
    const panel = panelOf({ answers: { '/api/ds/query': () => (away ? new Error('away') : answer({ A: [waiting(1, channel)] })) } }, [{}]);
    expect(panel.last.state).toBe(LoadingState.Error);
    away = false;
    jest.advanceTimersByTime(7_000);
    expect(panel.counts).toEqual([1]);
    expect(panel.last.state).toBe(LoadingState.Streaming);
  });
});

function withoutIds(query: RingsideQuery): Partial<RingsideQuery> {
  const { kind, queues } = query;
  return { kind, queues };
}
