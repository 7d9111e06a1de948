import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { acme } from '../test/datasource';
import { SecureSettings, Settings } from '../types';
import { Options } from './config/types';
import { ConfigEditor } from './ConfigEditor';

function configOf(jsonData: Settings = {}, stored: Partial<Record<keyof SecureSettings, boolean>> = {}) {
  const onChange = jest.fn<void, [Options]>();
  function Page() {
    const [options, setOptions] = useState({ url: '', jsonData, secureJsonFields: stored } as unknown as Options);
    const change = (next: Options) => {
      onChange(next);
      setOptions(next);
    };
    return <ConfigEditor options={options} onOptionsChange={change} />;
  }
  render(<Page />);
  return { user: userEvent.setup({ pointerEventsCheck: 0 }), last: () => onChange.mock.lastCall![0], onChange };
}

type User = ReturnType<typeof userEvent.setup>;

async function enter(user: User, label: string | RegExp, text: string) {
  await user.click(screen.getByLabelText(label));
  await user.paste(text);
}

it('keeps the connection, and the password among the secrets', async () => {
  const { user, last } = configOf({ later: 'kept' } as Settings);
  await enter(user, /^Address/, 'https://clickhouse:8443');
  await enter(user, /^User/, 'grafana');
  await enter(user, /^Password/, "p'w");
  await enter(user, /^Database/, 'calls');
  expect(last()).toMatchObject({ jsonData: { later: 'kept', url: 'https://clickhouse:8443', username: 'grafana', database: 'calls' }, secureJsonData: { password: "p'w" } });
  expect(JSON.stringify(last().jsonData)).not.toContain("p'w");
});

it.each([
  ['clickhouse:8123', 'An address begins with'],
  ['ftp://clickhouse', 'An address begins with'],
  ['http://', 'An address begins with'],
  ['http://user:secret@clickhouse:8123', 'User and password have fields of their own'],
])('says what is wrong with the address %s', (url, problem) => {
  configOf({ url });
  expect(screen.getByText(new RegExp(problem))).toBeInTheDocument();
});

it.each(['http://127.0.0.1:8123', 'https://clickhouse.example/path', 'clickhouse://clickhouse:9000', 'clickhouses://[::1]:9440'])('takes the address %s', (url) => {
  configOf({ url });
  expect(screen.queryByText(/An address begins|fields of their own|no address/)).not.toBeInTheDocument();
});

it('shows no stored secret, and forgets it on request', async () => {
  const { user, last } = configOf({}, { password: true });
  expect(screen.getByDisplayValue('configured')).toBeDisabled();
  await user.click(screen.getByText('Reset'));
  expect(last()).toMatchObject({ secureJsonFields: { password: false }, secureJsonData: { password: '' } });
});

it('asks for certificates where they are wanted', async () => {
  const { user, last } = configOf();
  expect(screen.queryByLabelText(/CA certificate/)).not.toBeInTheDocument();
  await user.click(screen.getByLabelText(/^Own certificate authority/));
  await enter(user, 'CA certificate', 'CA');
  await user.click(screen.getByLabelText(/^Client certificate/));
  await enter(user, 'Client certificate (PEM)', 'CERT');
  await enter(user, 'Client key (PEM)', 'KEY');
  await enter(user, /^Server name/, 'ch');
  expect(last()).toMatchObject({
    jsonData: { tlsAuthWithCACert: true, tlsAuth: true, tlsServerName: 'ch' },
    secureJsonData: { tlsCACert: 'CA', tlsClientCert: 'CERT', tlsClientKey: 'KEY' },
  });
});

describe('organizations', () => {
  const input = () => document.getElementById('ringside-organizations') as HTMLInputElement;

  it('are UUIDs, each once', async () => {
    const { user, last } = configOf();
    for (const id of [acme.toUpperCase(), ' 11111111-1111-4111-8111-111111111111', `${acme} `]) {
      await user.click(input());
      await user.paste(id);
      await user.keyboard('{Enter}');
    }
    expect(last().jsonData.organizations).toEqual([acme, '11111111-1111-4111-8111-111111111111']);
  });

  it('say which of them is none', () => {
    configOf({ organizations: [acme, 'ACME Ltd'] });
    expect(screen.getByText(/Not a UUID: ACME Ltd/)).toBeInTheDocument();
  });

  it('warn that SQL is held by row policies alone', async () => {
    const { user, last } = configOf({ organizations: [acme] });
    expect(screen.queryByText('SQL is allowed')).not.toBeInTheDocument();
    await user.click(screen.getByLabelText(/^Row policies in place/));
    expect(last().jsonData).toEqual({ organizations: [acme], rowPolicies: true });
    expect(screen.getByText('SQL is allowed')).toBeInTheDocument();
  });
});

describe('limits', () => {
  it('are whole numbers within bounds; empty ones are the usual', async () => {
    const { user, last, onChange } = configOf();
    await enter(user, /^Query timeout/, '0');
    expect(onChange).not.toHaveBeenCalled();
    expect(screen.getByText('A whole number from 1 to 3600')).toBeInTheDocument();
    await user.clear(screen.getByLabelText(/^Query timeout/));
    await enter(user, /^Query timeout/, '60');
    await enter(user, /^Row limit/, '5000');
    expect(last().jsonData).toEqual({ queryTimeoutSec: 60, maxRows: 5000 });
    await user.clear(screen.getByLabelText(/^Row limit/));
    expect(last().jsonData).toEqual({ queryTimeoutSec: 60 });
  });

  it('of the poll go with Live', async () => {
    const { user, last } = configOf();
    await enter(user, /^Poll interval/, '1000');
    expect(last().jsonData).toEqual({ pollIntervalMs: 1000 });
    await user.click(screen.getByLabelText(/^Live updates/));
    expect(last().jsonData).toEqual({ pollIntervalMs: 1000, live: false });
    expect(screen.queryByLabelText(/^Poll interval/)).not.toBeInTheDocument();
  });
});
