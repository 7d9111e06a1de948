import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { QueryEditor } from '../components/QueryEditor';
import { RingsideQuery } from '../types';
import { setUp, Setup } from './datasource';

/** The query editor as a panel holds it: it gets back what it changes. */
export function editorOf(query: Partial<RingsideQuery>, setup: Setup = {}) {
  const { datasource, backend } = setUp(setup);
  const onChange = jest.fn<void, [RingsideQuery]>();
  const onRunQuery = jest.fn();
  function Panel() {
    const [held, setHeld] = useState({ refId: 'A', ...query } as RingsideQuery);
    const change = (next: RingsideQuery) => {
      onChange(next);
      setHeld(next);
    };
    return <QueryEditor datasource={datasource} query={held} onChange={change} onRunQuery={onRunQuery} />;
  }
  render(<Panel />);
  const last = () => onChange.mock.lastCall?.[0];
  return { datasource, backend, onChange, onRunQuery, last, user: userEvent.setup() };
}

/** Chooses from a list by what it shows. */
export async function choose(user: ReturnType<typeof userEvent.setup>, field: string, option: RegExp | string) {
  await user.click(screen.getByRole('combobox', { name: field }));
  await user.click(await screen.findByRole('option', { name: option }));
}

/** Types something that no list offers. */
export async function typeInto(user: ReturnType<typeof userEvent.setup>, field: string, text: string) {
  const input = screen.getByRole('combobox', { name: field });
  await user.click(input);
  // userEvent reads { and [ as names of keys.
  await user.type(input, text.replace(/[{[]/g, '$&$&'));
  await user.click((await screen.findAllByRole('option')).find((option) => within(option).queryByText(text))!);
}
