import { screen } from '@testing-library/react';
import { choose, editorOf, typeInto } from '../test/editor';
import { sales, support } from '../test/datasource';

describe('what is asked', () => {
  it('changes the kind, and keeps the filters', async () => {
    const { user, last, onRunQuery } = editorOf({ kind: 'queueStatus', view: 'now', metrics: ['max_wait_time'], queues: [sales] });
    await choose(user, 'Ask for', /Waits/);
    expect(last()).toEqual({ refId: 'A', kind: 'waits', queues: [sales] });
    expect(onRunQuery).toHaveBeenCalledTimes(1);
  });

  it('changes the view', async () => {
    const { user, last } = editorOf({ kind: 'waits' });
    await choose(user, 'View', /Heatmap/);
    expect(last()).toEqual({ refId: 'A', kind: 'waits', view: 'heatmap' });
  });

  it('shows the metrics by title, and keeps them by name', async () => {
    const { user, last } = editorOf({ kind: 'queueStatus' });
    await choose(user, 'Metrics', /Longest wait/);
    await choose(user, 'Metrics', /Stale agents/);
    expect(last()).toEqual({ refId: 'A', kind: 'queueStatus', metrics: ['max_wait_time', 'stale_agents'] });
  });
});

describe('filters', () => {
  it('finds queues by name and keeps their ids', async () => {
    const { user, last, backend } = editorOf({ kind: 'queueStatus' });
    await user.type(screen.getByRole('combobox', { name: 'Queues' }), 'supp');
    await user.click(await screen.findByRole('option', { name: /Support/ }));
    expect(last()).toEqual({ refId: 'A', kind: 'queueStatus', queues: [support] });
    expect(backend.to('resources/queues').at(-1)?.params).toMatchObject({ search: 'supp' });
  });

  it('takes template variables as they are typed', async () => {
    const { user, last } = editorOf({ kind: 'queueStatus' });
    await typeInto(user, 'Queues', '${queue}');
    expect(last()).toEqual({ refId: 'A', kind: 'queueStatus', queues: ['${queue}'] });
  });

  it('names the queues of a saved query', async () => {
    editorOf({ kind: 'queueStatus', queues: [sales] });
    expect(await screen.findByText('Sales')).toBeInTheDocument();
  });
});
