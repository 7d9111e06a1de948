import { render, screen, waitFor } from '@testing-library/react';
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
  return { datasource, backend, onChange, onRunQuery, last, user: userEvent.setup({ pointerEventsCheck: 0 }) };
}

type User = ReturnType<typeof userEvent.setup>;

/** The input of a field, by its label. */
export const field = (label: string) => screen.getByLabelText(label);

/** An option of the list that is open, by a part of what it shows. */
export function option(text: string): Promise<HTMLElement> {
  return waitFor(() => {
    const found = [...document.querySelectorAll<HTMLElement>('[role=option]')].find((element) => element.textContent?.includes(text));
    if (!found) {
      throw new Error(`no option shows ${text}; there are: ${[...document.querySelectorAll('[role=option]')].map((o) => o.textContent).join(' | ')}`);
    }
    return found;
  });
}

/** Chooses from a list by what it shows. */
export async function choose(user: User, label: string, text: string) {
  // A click on a list that is open, as lists of several values stay, would close it.
  if (field(label).getAttribute('aria-expanded') !== 'true') {
    await user.click(field(label));
  }
  await user.click(await option(text));
}

/** Types what may be in no list, and takes it. */
export async function typeInto(user: User, label: string, text: string) {
  await user.click(field(label));
  await user.paste(text);
  await user.click(await option(text));
}
