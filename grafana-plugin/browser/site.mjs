// Serves the page, the plugin as built, and what its backend would answer, on loopback.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const folders = { '/dist/': 'dist', '/bundle/': 'node_modules/.cache/browser', '/public/': 'node_modules/@grafana/ui/dist/public' };
const types = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.ttf': 'font/ttf' };

const queue = (n, text) => ({ value: `${String(n).repeat(8)}-1111-4111-8111-111111111111`, text, organization: '99999999-9999-4999-8999-999999999999' });

const metric = (name, title, unit, description, standard) => ({ name, title, unit, description, default: standard, type: 'number' });

const resources = {
  queues: [queue(1, 'Sales'), queue(2, 'Support'), queue(3, 'Complaints')],
  groups: [queue(4, 'First line')],
  agents: [queue(5, 'Ann Example'), queue(6, 'Bo Example')],
  organizations: [{ value: queue(1).organization, text: queue(1).organization, organization: queue(1).organization }],
  callLists: [],
  kinds: [
    {
      kind: 'queueStatus',
      views: [
        {
          view: 'now',
          metrics: [
            metric('nbr_of_not_served_requesters', 'Not served', 'none', 'Callers waiting or ringing', true),
            metric('max_wait_time', 'Longest wait', 'dthms', 'The longest current wait of a caller who is waiting or ringing', true),
            metric('nbr_of_agents_immediately_free', 'Agents free', 'none', 'Agents checked in who can be given a call at once', true),
            metric('service_level', 'Service level', 'percent', 'Of today, calls that wait too long included', true),
            metric('stale_agents', 'Stale agents', 'none', 'Agents of whom nothing has been heard for long', false),
          ],
        },
      ],
    },
  ],
  schema: [
    { name: 'calls', columns: [{ name: 'wait_sec', type: 'Nullable(Float64)' }, { name: 'outcome', type: 'String' }] },
    { name: 'queues', columns: [{ name: 'queue_name', type: 'String' }] },
  ],
  macros: [{ name: '$__timeFilter', usage: '$__timeFilter(column)', description: 'The column, a DateTime, lies in the time range' }],
};

export async function serve() {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    const [status, type, body] = answer(pathname, searchParams);
    response.writeHead(status, { 'Content-Type': type }).end(body);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => new Promise((done) => (server.close(done), server.closeAllConnections())) };
}

function answer(pathname, params) {
  if (pathname === '/') {
    return [200, 'text/html', '<!doctype html><html><head><meta charset="utf-8"><link rel="icon" href="data:,"></head><body style="margin:0"><div id="page"></div><script>window.grafanaBootData = { settings: {}, user: {}, navTree: [] }; window.__grafana_public_path__ = "/public/";</script><script src="/bundle/page.js"></script></body></html>'];
  }
  const resource = /\/resources\/(\w+)$/.exec(pathname)?.[1];
  if (resource) {
    const search = (params.get('search') ?? '').toLowerCase();
    return [200, 'application/json', JSON.stringify(resources[resource].filter(({ text }) => !text || text.toLowerCase().includes(search)))];
  }
  const folder = Object.keys(folders).find((prefix) => pathname.startsWith(prefix));
  const file = folder && path.join(root, folders[folder], path.normalize(`/${pathname.slice(folder.length).replace(/^build\//, '')}`));
  return file && existsSync(file) && statSync(file).isFile() ? [200, types[path.extname(file)] ?? 'application/octet-stream', readFileSync(file)] : [404, 'text/plain', `no ${pathname}`];
}
