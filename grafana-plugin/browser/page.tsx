// A page with the plugin as built, dist/module.js, and with what Grafana would give it: its packages, a theme, and the
// services that its runtime has only in Grafana. ?editor=config|query|sql|variable|annotation|help says what is shown.
import * as emotion from '@emotion/css';
import * as data from '@grafana/data';
import * as runtime from '@grafana/runtime';
import * as ui from '@grafana/ui';
import * as React from 'react';
import * as ReactDOM from 'react-dom';
import { createRoot } from 'react-dom/client';
import * as jsx from 'react/jsx-runtime';
import * as rxjs from 'rxjs';
import { ajax } from 'rxjs/ajax';

const given: Record<string, unknown> = {
  react: React,
  'react-dom': ReactDOM,
  'react/jsx-runtime': jsx,
  rxjs,
  '@emotion/css': emotion,
  '@grafana/data': data,
  '@grafana/runtime': runtime,
  '@grafana/ui': ui,
  module: { uri: '/dist/module.js', id: 'module' },
};

const variables: Record<string, string[]> = { organization: ['x'], queue: ['y'] };

function services(settings: object) {
  runtime.setBackendSrv({
    fetch: ({ url, params }: { url: string; params?: Record<string, string> }) =>
      ajax({ url: `${url}?${new URLSearchParams(params)}` }).pipe(rxjs.map(({ response }) => ({ status: 200, ok: true, data: response }))),
  } as never);
  runtime.setTemplateSrv({
    replace: (text?: string, _?: unknown, format?: (value: string[]) => string) =>
      (text ?? '').replace(/\$(\w+)/g, (match, name) => (variables[name] && format ? format(variables[name]) : match)),
    getVariables: () => Object.keys(variables).map((name) => ({ name })),
  } as never);
  runtime.setDataSourceSrv({ getInstanceSettings: () => settings } as never);
}

type Plugin = data.DataSourcePlugin<never>;

/** Loads an AMD module as Grafana does. */
function load(address: string): Promise<{ plugin: Plugin }> {
  return new Promise((done, failed) => {
    Object.assign(window, {
      define: (...args: unknown[]) => {
        const [names, factory] = args.slice(-2) as [string[], (...modules: unknown[]) => { plugin: Plugin }];
        const missing = names.filter((name) => !(name in given));
        missing.length ? failed(new Error(`Grafana does not give ${missing.join(', ')}`)) : done(factory(...names.map((name) => given[name])));
      },
    });
    Object.assign((window as never as { define: object }).define, { amd: {} });
    const script = document.createElement('script');
    script.src = address;
    script.onerror = () => failed(new Error(`${address} cannot be loaded`));
    document.head.append(script);
  });
}

function Held({ of: Editor, start, name, others }: { of: React.ComponentType<never>; start: object; name: string; others: object }) {
  const [value, setValue] = React.useState(start);
  const changed = (next: object) => {
    Object.assign(window, { changed: next });
    setValue(next);
  };
  const props = { ...others, [name]: value, [name === 'options' ? 'onOptionsChange' : 'onChange']: changed, onRunQuery: () => undefined };
  return <Editor {...(props as never)} />;
}

async function show() {
  const settings = { id: 1, uid: 'ringside', type: 'ringside-queues-datasource', name: 'Ringside', jsonData: {} };
  services(settings);
  const { plugin } = await load('/dist/module.js');
  const datasource = new plugin.DataSourceClass(settings as never) as never as { variables: { editor: React.ComponentType<never> }; annotations: { QueryEditor: React.ComponentType<never> } };
  const { ConfigEditor, QueryEditor, QueryEditorHelp } = plugin.components as unknown as Record<string, React.ComponentType<never>>;
  const asked = new URLSearchParams(location.search);
  const query = { refId: 'A', ...JSON.parse(asked.get('query') ?? '{"kind":"queueStatus"}') };
  const editors: Record<string, React.ReactElement> = {
    config: <Held of={ConfigEditor} name="options" start={{ url: '', jsonData: JSON.parse(asked.get('settings') ?? '{}'), secureJsonFields: {} }} others={{}} />,
    query: <Held of={QueryEditor} name="query" start={query} others={{ datasource }} />,
    variable: <Held of={datasource.variables.editor} name="query" start={{ refId: 'V', lookup: 'agents' }} others={{ datasource }} />,
    annotation: <Held of={datasource.annotations.QueryEditor} name="query" start={{ refId: 'Anno' }} others={{ datasource }} />,
    help: <QueryEditorHelp {...({ datasource, query, onClickExample: (q: object) => Object.assign(window, { changed: q }) } as never)} />,
  };
  const theme = data.createTheme({ colors: { mode: asked.get('theme') === 'light' ? 'light' : 'dark' } });
  const root = document.getElementById('page')!;
  createRoot(root).render(
    <data.ThemeContext.Provider value={theme}>
      <ui.GlobalStyles />
      <ui.PortalContainer />
      <div style={{ padding: 24, background: theme.colors.background.primary, minHeight: '100vh' }}>{editors[asked.get('editor') ?? 'query']}</div>
    </data.ThemeContext.Provider>
  );
}

show().catch((error) => {
  document.body.textContent = `failed: ${error.stack}`;
});
