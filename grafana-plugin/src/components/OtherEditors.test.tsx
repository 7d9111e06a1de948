import { DataSourceApi } from '@grafana/data';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { acme, setUp, Setup } from '../test/datasource';
import { choose, field, typeInto } from '../test/editor';
import { RingsideQuery, VariableQuery } from '../types';
import { AnnotationEditor } from './AnnotationEditor';
import { CheatSheet } from './CheatSheet';
import { examples } from './examples';
import { VariableEditor } from './VariableEditor';

const newUser = () => userEvent.setup({ pointerEventsCheck: 0 });

describe('variables', () => {
  function variableOf(query: Partial<VariableQuery>, setup?: Setup) {
    const { datasource } = setUp(setup);
    const onChange = jest.fn<void, [VariableQuery]>();
    function Page() {
      const [held, setHeld] = useState({ refId: 'V', ...query } as VariableQuery);
      const change = (next: VariableQuery) => {
        onChange(next);
        setHeld(next);
      };
      return <VariableEditor datasource={datasource} query={held} onChange={change} onRunQuery={jest.fn()} />;
    }
    render(<Page />);
    return { user: newUser(), last: () => onChange.mock.lastCall![0] };
  }

  it('offer what may be looked up, narrowed by other variables', async () => {
    const { user, last } = variableOf({}, { values: { org: acme } });
    await choose(user, 'Values', 'Agents');
    await choose(user, 'Organizations', '$org');
    await typeInto(user, 'Queues', '$queue');
    await user.click(field('Name'));
    await user.paste('an');
    await user.tab();
    expect(last()).toEqual({ refId: 'V', lookup: 'agents', organizations: ['$org'], queues: ['$queue'], search: 'an' });
  });

  it('narrow organizations by nothing but the name', () => {
    variableOf({ lookup: 'organizations' });
    expect(screen.queryByLabelText('Queues')).not.toBeInTheDocument();
    expect(field('Name')).toBeInTheDocument();
  });
});

describe('annotations', () => {
  it('begin with openings, and offer what has instants', async () => {
    const { datasource } = setUp();
    const onChange = jest.fn<void, [RingsideQuery]>();
    render(<AnnotationEditor datasource={datasource} query={undefined as never} onChange={onChange} onRunQuery={jest.fn()} />);
    const user = newUser();
    expect(screen.getByDisplayValue('Opened and closed')).toBeInTheDocument();
    await choose(user, 'View', 'Service level missed');
    expect(onChange).toHaveBeenLastCalledWith({ refId: 'Anno', kind: 'annotations', view: 'serviceLevelMissed' });
    await user.click(field('Ask for'));
    expect([...document.querySelectorAll('[role=option]')].map((option) => option.textContent)).toEqual([
      expect.stringContaining('Annotations'),
      expect.stringContaining('SQL'),
    ]);
  });
});

describe('help', () => {
  it('puts an example into the editor', async () => {
    const onClick = jest.fn();
    render(<CheatSheet datasource={{} as DataSourceApi<RingsideQuery>} query={{ refId: 'A' } as never} onClickExample={onClick} />);
    await newUser().click(screen.getByLabelText('Use: The last half hour'));
    expect(onClick).toHaveBeenCalledWith({ refId: 'A', kind: 'intervalMetrics', rolling: '30m' });
  });

  it.each(examples.map((example) => [example.title, example.query]))('has a complete example: %s', (_, query) => {
    expect(setUp().datasource.filterQuery({ refId: 'A', ...query })).toBe(true);
  });
});
