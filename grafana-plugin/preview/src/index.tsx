// Shows one provisioned dashboard: /?dashboard=ringside-wallboard&var-queue=…&from=now-6h&to=now&theme=dark
import { createRoot } from 'react-dom/client';
import { createTheme, ThemeContext } from '@grafana/data';
import { config } from '@grafana/runtime';
import { GlobalStyles, PortalContainer } from '@grafana/ui';
import { RingsideDataSource } from '../../src/datasource';
import { Dashboard } from './dashboard';
import { start } from './runtime';

const asked = new URLSearchParams(location.search);
const theme = createTheme({ colors: { mode: asked.get('theme') === 'light' ? 'light' : 'dark' } });
config.theme2 = theme;
document.body.style.background = theme.colors.background.canvas;

const datasource = new RingsideDataSource(start() as any);

fetch(`/dashboards/${asked.get('dashboard') ?? 'ringside-wallboard'}`)
  .then((answer) => answer.json())
  .then((model) => {
    document.title = model.title;
    createRoot(document.getElementById('root')!).render(
      <ThemeContext.Provider value={theme}>
        <GlobalStyles />
        <Dashboard model={model} datasource={datasource} asked={asked} />
        <PortalContainer />
      </ThemeContext.Provider>
    );
  });
