import { fillQuery, nobody } from './interpolate';
import { templatesOf } from './test/templates';
import { RingsideQuery } from './types';

const a = '11111111-1111-4111-8111-111111111111';
const b = '22222222-2222-4222-8222-222222222222';

const fill = (query: Partial<RingsideQuery>, values: Record<string, string | string[]>) =>
  fillQuery({ refId: 'A', kind: 'queueStatus', ...query }, templatesOf(values));

describe('lists of ids', () => {
  it.each([
    ['ids as they are', [a], {}, [a]],
    ['a variable with one value', ['$queue'], { queue: a }, [a]],
    ['a variable with several values', ['$queue'], { queue: [a, b] }, [a, b]],
    ['all ways to write a variable', ['${queue}', '[[other]]'], { queue: a, other: b }, [a, b]],
    ['a variable beside an id, each once', [a, '$queue'], { queue: [b, a] }, [a, b]],
    ['everything', ['$queue'], { queue: '$__all' }, []],
    ['everything among others', [a, '$queue'], { queue: ['All'] }, []],
    ['a star', ['*'], {}, []],
    ['nothing chosen: nothing, not everything', ['$queue'], { queue: [] }, [nobody]],
    ['an empty value: nothing, not everything', ['$queue'], { queue: '' }, [nobody]],
    ['an unknown variable stays, for the backend to name it', ['$queue'], {}, ['$queue']],
    ['a value with commas and quotes stays one value', ['$queue'], { queue: ["x', 'y", 'a,b'] }, ["x', 'y", 'a,b']],
    ['a value that looks like a variable is not filled in again', ['$queue'], { queue: '$other', other: b }, ['$other']],
  ])('%s', (_, queues, values, want) => {
    expect(fill({ queues }, values as Record<string, string | string[]>).queues).toEqual(want);
  });

  it('fills in every one of them', () => {
    const list = ['$v'];
    const filled = fill({ organizations: list, groups: list, queues: list, agents: list, callLists: list }, { v: [a, b] });
    expect(filled).toMatchObject({ organizations: [a, b], groups: [a, b], queues: [a, b], agents: [a, b], callLists: [a, b] });
  });

  it('takes a text for a list of one', () => {
    expect(fill({ queues: '$queue' as never }, { queue: [a, b] }).queues).toEqual([a, b]);
  });
});

describe('other members', () => {
  it('fills in single values, the first of several', () => {
    const filled = fill({ variant: '$variant' as never, rolling: '$window', timeZone: '${zone}', callId: '$call' }, { variant: ['all_offered', 'all'], window: '30m', zone: 'Europe/Berlin', call: b });
    expect(filled).toMatchObject({ variant: 'all_offered', rolling: '30m', timeZone: 'Europe/Berlin', callId: b });
  });

  it.each([
    ['30', 30],
    ['0.5', 0.5],
    ['soon', 'soon'],
    ['', ''],
  ])('takes the threshold %j for %j', (value, want) => {
    expect(fill({ threshold: '$t' }, { t: value }).threshold).toBe(want);
  });

  it('fills in names, of which none chosen are the usual ones', () => {
    expect(fill({ metrics: ['$metric'], outcomes: ['$outcome'] }, { metric: ['max_wait_time', 'open_status'], outcome: '' })).toMatchObject({
      metrics: ['max_wait_time', 'open_status'],
      outcomes: [],
    });
  });

  it('leaves alone what it does not know, and the query it was given', () => {
    const query = { refId: 'A', kind: 'queueStatus', queues: ['$queue'], limit: 5, stream: false, later: { is: '$queue' } } as unknown as RingsideQuery;
    const before = JSON.parse(JSON.stringify(query));
    expect(fillQuery(query, templatesOf({ queue: a }))).toEqual({ ...before, queues: [a] });
    expect(query).toEqual(before);
  });
});
