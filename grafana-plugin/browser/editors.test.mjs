// The plugin as built, in a real browser: `npm run test:browser`. dist/module.js must be there (npm run build).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { chromium, open, program } from './chromium.mjs';
import { serve } from './site.mjs';

const root = path.join(import.meta.dirname, '..');
const missing = program ? undefined : 'chromium is not installed (apt-get install chromium)';
const sales = '11111111-1111-4111-8111-111111111111';

let site;
let browser;

before(async () => {
  assert.ok(!missing || process.env.RINGSIDE_TEST_ALL !== '1', missing);
  if (missing) {
    return;
  }
  assert.ok(existsSync(path.join(root, 'dist/module.js')), 'the plugin is not built: npm run build');
  const bundled = spawnSync('npx', ['webpack', '--config', 'browser/webpack.config.mjs'], { cwd: root, encoding: 'utf8' });
  assert.equal(bundled.status, 0, bundled.stdout + bundled.stderr);
  site = await serve();
  browser = chromium();
});

after(async () => {
  await browser?.close();
  await site?.close();
});

/** Shows an editor, does something with it, and expects no error and no request to anybody else. */
function shows(name, parameters, width, height, act = async () => undefined) {
  test(name, { skip: missing, timeout: 300_000 }, async () => {
    const page = await open(browser, `${site.url}?${new URLSearchParams(parameters)}`, width, height);
    await page.until("document.querySelector('#page label, #page h2')");
    await act(page);
    // For whoever wants to look: SCREENSHOTS names a folder.
    if (process.env.SCREENSHOTS) {
      mkdirSync(process.env.SCREENSHOTS, { recursive: true });
      writeFileSync(path.join(process.env.SCREENSHOTS, `${name.replaceAll(' ', '-')}.png`), await page.picture());
    }
    assert.deepEqual(page.problems, []);
    await page.close();
  });
}

const input = (label) => `document.getElementById([...document.querySelectorAll('label')].find((l) => l.textContent.startsWith(${JSON.stringify(label)})).htmlFor)`;
const option = (text) => `[...document.querySelectorAll('[role=option]')].find((o) => o.textContent.includes(${JSON.stringify(text)}))`;

async function choose(page, label, text) {
  await page.click(input(label));
  await page.until(option(text));
  await page.click(option(text));
}

shows('the config editor', { editor: 'config' }, 900, 1800, async (page) => {
  await page.click(input('Address'));
  await page.type('https://clickhouse:8443');
  await page.until("window.changed?.jsonData.url === 'https://clickhouse:8443'");
});

shows('the query editor', { editor: 'query' }, 1200, 500, async (page) => {
  await choose(page, 'Queues', 'Sales');
  await page.until(`JSON.stringify(window.changed?.queues) === '["${sales}"]'`);
  await page.click(input('Metrics'));
  await page.until(option('Longest wait'));
});

shows('the query editor in light', { editor: 'query', theme: 'light', query: JSON.stringify({ kind: 'serviceLevel', view: 'intervals', queues: [sales, '$queue'] }) }, 1200, 400, async (page) => {
  await page.until("document.body.innerText.includes('Sales')");
  await choose(page, 'Service level', 'All offered');
  await page.until("window.changed?.variant === 'all_offered'");
});

shows('the SQL editor', { editor: 'query', query: JSON.stringify({ kind: 'sql', sql: 'SELECT outcome FROM calls' }) }, 1200, 500, async (page) => {
  await page.until("document.querySelector('.monaco-editor .view-line')");
  await page.click("document.querySelector('.monaco-editor .view-line')");
  await page.until("document.querySelector('.monaco-editor.focused')");
  // Where a click puts the caret depends on whether the editor has been laid out.
  await page.press('End', 35);
  await page.type(' WHERE wait');
  await page.until("[...document.querySelectorAll('.suggest-widget .monaco-list-row')].some((row) => row.textContent.includes('wait_sec'))");
  // Leaving the editor takes the text.
  await page.click("document.querySelector('#page label')");
  await page.until("/WHERE wait/.test(window.changed?.sql)");
});

shows('the variable editor', { editor: 'variable' }, 1200, 300, async (page) => {
  await choose(page, 'Organizations', '$organization');
  await page.until("JSON.stringify(window.changed?.organizations) === '[\"$organization\"]'");
});

shows('the annotation editor', { editor: 'annotation' }, 1200, 300, async (page) => {
  await choose(page, 'View', 'Service level missed');
  await page.until("window.changed?.view === 'serviceLevelMissed'");
});

shows('the help', { editor: 'help' }, 700, 1900, async (page) => {
  await page.click("document.querySelector('[aria-label=\"Use: The last half hour\"]')");
  await page.until("window.changed?.rolling === '30m'");
});
