// A headless Chromium, driven by its DevTools protocol over a pipe.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const program = process.env.CHROMIUM ?? ['chromium', 'chromium-browser', 'google-chrome'].find((name) => spawnSync('which', [name]).status === 0);

/** Starts it with a profile of its own. */
export function chromium() {
  const profile = mkdtempSync(path.join(tmpdir(), 'ringside-chromium-'));
  const child = spawn(
    program,
    ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--remote-debugging-pipe', `--user-data-dir=${profile}`],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] }
  );
  const waiting = new Map();
  const heard = new Set();
  let last = 0;
  let rest = '';
  child.stdio[4].setEncoding('utf8').on('data', (text) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop();
    for (const message of messages.map((m) => JSON.parse(m))) {
      const asked = waiting.get(message.id);
      waiting.delete(message.id);
      message.error ? asked?.reject(new Error(message.error.message)) : asked?.resolve(message.result);
      heard.forEach((hear) => message.method && hear(message));
    }
  });
  const send = (method, params = {}, sessionId = undefined) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      child.stdio[3].write(JSON.stringify({ id: last, method, params, sessionId }) + '\0');
    });
  const close = async () => {
    const ended = new Promise((done) => child.once('exit', done));
    await send('Browser.close').catch(() => child.kill());
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
  };
  return { send, close, hear: (f) => heard.add(f) };
}

/** Opens a page of the given size. It notes what a page must not do: errors, and requests to anybody else. */
export async function open(browser, url, width, height) {
  const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  const problems = [];
  browser.hear(({ method, params, sessionId: from }) => {
    if (from !== sessionId) {
      return;
    }
    if (method === 'Runtime.exceptionThrown') {
      problems.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    } else if (method === 'Runtime.consoleAPICalled' && params.type === 'error') {
      problems.push(params.args.map((arg) => arg.value ?? arg.description).join(' '));
    } else if (method === 'Network.requestWillBeSent' && !/^(data|blob):/.test(params.request.url) && !params.request.url.startsWith(new URL(url).origin)) {
      problems.push(`asks ${params.request.url}`);
    }
  });
  for (const domain of ['Page', 'Runtime', 'Network']) {
    await send(`${domain}.enable`);
  }
  await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  await send('Page.navigate', { url });
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) {
      throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    }
    return result.value;
  };
  /** Waits for an expression to be true; what the page shows instead is the error. */
  const until = async (expression) => {
    for (const deadline = Date.now() + 120_000; !(await evaluate(`Boolean(${expression})`)); await new Promise((next) => setTimeout(next, 100))) {
      if (Date.now() > deadline) {
        throw new Error(`never true: ${expression}; the page shows: ${await evaluate('document.body?.innerText')}; problems: ${problems.join('\n')}`);
      }
    }
  };
  await until("document.readyState === 'complete'");
  /** Clicks into the middle of an element that is there, has a size, and stays where it is for two frames. */
  const click = async (expression) => {
    const { x, y } = await evaluate(`(async () => {
      const frame = () => new Promise(requestAnimationFrame);
      for (let last = ''; ; await frame()) {
        const e = ${expression};
        e?.scrollIntoView({ block: 'center' });
        const { x, y, width, height } = e?.getBoundingClientRect() ?? { width: 0 };
        const now = [x, y, width, height].join();
        if (width > 0 && now === last) {
          return { x: x + width / 2, y: y + height / 2 };
        }
        last = now;
      }
    })()`);
    for (const type of ['mousePressed', 'mouseReleased']) {
      await send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
    }
  };
  const press = async (key, windowsVirtualKeyCode) => {
    for (const type of ['keyDown', 'keyUp']) {
      await send('Input.dispatchKeyEvent', { type, key, code: key, windowsVirtualKeyCode });
    }
  };
  const type = (text) => send('Input.insertText', { text });
  const picture = async () => Buffer.from((await send('Page.captureScreenshot', { format: 'png' })).data, 'base64');
  return { evaluate, until, click, press, type, picture, problems, close: () => browser.send('Target.closeTarget', { targetId }) };
}
