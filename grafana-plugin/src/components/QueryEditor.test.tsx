import { screen, waitFor } from '@testing-library/react';
import { sales, support } from '../test/datasource';
import { choose, editorOf, field, option, typeInto } from '../test/editor';
import { RingsideQuery } from '../types';

describe('what is asked', () => {
  it('changes the kind and the view, and keeps the filters', async () => {
    const { user, last, onRunQuery } = editorOf({ kind: 'queueStatus', view: 'now', metrics: ['max_wait_time'], queues: [sales] });
    await choose(user, 'Ask for', 'Waits');
    expect(last()).toEqual({ refId: 'A', kind: 'waits', queues: [sales] });
    expect(onRunQuery).toHaveBeenCalledTimes(1);
    await choose(user, 'View', 'Heatmap');
    expect(last()).toEqual({ refId: 'A', kind: 'waits', view: 'heatmap', queues: [sales] });
  });

  it('takes away what the next view does not heed', async () => {
    const { user, last } = editorOf({ kind: 'serviceLevel', view: 'intervals', threshold: 30, groupBy: 'total', interval: '1h', agents: [sales] });
    await choose(user, 'View', 'Live');
    expect(last()).toEqual({ refId: 'A', kind: 'serviceLevel', view: 'live', groupBy: 'total', agents: [sales] });
  });

  it('shows the metrics by title, and keeps them by name', async () => {
    const { user, last } = editorOf({ kind: 'queueStatus' });
    await choose(user, 'Metrics', 'Longest wait');
    await choose(user, 'Metrics', 'Stale agents');
    expect(last()).toEqual({ refId: 'A', kind: 'queueStatus', metrics: ['max_wait_time', 'stale_agents'] });
  });

  it('can be typed where the list of metrics is not to be had', async () => {
    const { user, last } = editorOf({ kind: 'queueStatus' }, { answers: { 'resources/kinds': new Error('away') } });
    await typeInto(user, 'Metrics', 'max_wait_time');
    expect(last()?.metrics).toEqual(['max_wait_time']);
  });
});

describe('filters', () => {
  it('finds queues by name and keeps their ids', async () => {
    const { user, last, backend } = editorOf({ kind: 'queueStatus', organizations: ['$org'] }, { values: { org: 'x' } });
    await user.click(field('Queues'));
    await user.paste('supp');
    await user.click(await option('Support'));
    expect(last()).toEqual({ refId: 'A', kind: 'queueStatus', organizations: ['$org'], queues: [support] });
    expect(backend.to('resources/queues').at(-1)?.params).toEqual({ search: 'supp', organizations: 'x', limit: 200 });
  });

  it('offers template variables, and takes what is typed', async () => {
    const { user, last } = editorOf({ kind: 'queueStatus' }, { values: { queue: [] } });
    await choose(user, 'Queues', '$queue');
    expect(last()?.queues).toEqual(['$queue']);
    await typeInto(user, 'Queues', "x'; DROP TABLE calls");
    expect(last()?.queues).toEqual(['$queue', "x'; DROP TABLE calls"]);
  });

  it('names the queues of a saved query', async () => {
    editorOf({ kind: 'queueStatus', queues: [sales] });
    expect(await screen.findByText('Sales')).toBeInTheDocument();
  });
});

describe('options', () => {
  it('are those that the view heeds', async () => {
    const { backend } = editorOf({ kind: 'waits', view: 'percentiles' });
    await waitFor(() => expect(backend.to('resources/kinds')).toHaveLength(1));
    const labels = [...document.querySelectorAll('label')].map((label) => label.textContent);
    expect(labels).toEqual(expect.arrayContaining(['Percentiles', 'Interval', 'Time zone', 'For each']));
    for (const other of ['Threshold', 'Outcomes', 'Call', 'Live', 'Agents']) {
      expect(labels).not.toContain(other);
    }
  });

  it('change the query; the usual ones are kept as nothing', async () => {
    const { user, last } = editorOf({ kind: 'serviceLevel', view: 'intervals' });
    await user.click(screen.getByLabelText('Total'));
    expect(last()).toEqual({ refId: 'A', kind: 'serviceLevel', view: 'intervals', groupBy: 'total' });
    await user.click(screen.getByLabelText('Queue'));
    expect(last()).toEqual({ refId: 'A', kind: 'serviceLevel', view: 'intervals' });
    await choose(user, 'Service level', 'All offered');
    await choose(user, 'Interval', '1 hour');
    await user.click(screen.getByLabelText('End'));
    expect(last()).toEqual({ refId: 'A', kind: 'serviceLevel', view: 'intervals', variant: 'all_offered', interval: '1h', attribution: 'end' });
  });

  it('take numbers when they are finished, and only sound ones', async () => {
    const { user, last, onChange } = editorOf({ kind: 'serviceLevel', view: 'rolling' });
    await user.click(field('Threshold'));
    await user.paste('-3');
    await user.tab();
    expect(onChange).not.toHaveBeenCalled();
    expect(screen.getByText(/Seconds, more than 0/)).toBeInTheDocument();
    await user.clear(field('Threshold'));
    await user.click(field('Threshold'));
    await user.paste('30');
    expect(onChange).not.toHaveBeenCalled();
    await user.keyboard('{Enter}');
    expect(last()?.threshold).toBe(30);
    await user.clear(field('Threshold'));
    await user.tab();
    expect(last()).not.toHaveProperty('threshold');
  });

  it('choose percentiles as numbers', async () => {
    const { user, last } = editorOf({ kind: 'waits', percentiles: [99] });
    await choose(user, 'Percentiles', 'P90');
    await typeInto(user, 'Percentiles', '99.9');
    expect(last()?.percentiles).toEqual([90, 99, 99.9]);
  });

  it('turn the stream off and on', async () => {
    const { user, last } = editorOf({ kind: 'queueStatus' });
    await user.click(field('Live'));
    expect(last()?.stream).toBe(false);
    await user.click(field('Live'));
    expect(last()).not.toHaveProperty('stream');
  });
});

it('leaves alone what was written by hand', async () => {
  const written = {
    kind: 'queueStatus',
    view: 'now',
    groupBy: '$by',
    variant: '$variant',
    queues: '$queue',
    agents: [sales],
    threshold: '$threshold',
    timeZone: 'Mars/Olympus',
    later: { any: 'thing' },
  } as unknown as RingsideQuery;
  const { user, last } = editorOf(written);
  expect(screen.getByDisplayValue('$by')).toBeInTheDocument();
  expect(screen.getByDisplayValue('$variant')).toBeInTheDocument();
  expect(screen.getByDisplayValue('Mars/Olympus')).toBeInTheDocument();
  expect(screen.getByText('$queue')).toBeInTheDocument();
  await user.click(field('Live'));
  expect(last()).toEqual({ ...written, refId: 'A', stream: false });
});
