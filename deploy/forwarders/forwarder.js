// The shared part of Ringside's forwarders: takes the events that a vendor's script hands over, keeps them until the
// gateway has taken them, and sends them one after the other. Load it before avaya.js, brightpattern.js or
// openmethods.js. README.md, beside this file, has the settings.
//
// What it promises: an event that was handed over is sent, in the order in which the browser saw it, under one id
// however often it has to be tried; through reloads, over several tabs, while the network or the gateway is away.
// It never throws into the page that it is a guest of.
(function (root) {
  'use strict';

  const DEFAULTS = {
    limit: 10000, // events that wait; more, and the oldest go
    maxBytes: 262144, // of one event
    maxAgeHours: 72, // an event that has waited longer goes: desktops are shared, and the engine has closed that day
    firstDelayMs: 1000, // before the first repetition; doubles
    longestDelayMs: 60000,
    timeoutMs: 30000,
  };
  // Browsers let 64 KiB of requests outlive their page.
  const KEEPALIVE_BYTES = 60000;
  const LONGEST_RETRY_AFTER_MS = 600000;

  function uuid() {
    if (root.crypto.randomUUID) {
      return root.crypto.randomUUID();
    }
    const b = root.crypto.getRandomValues(new Uint8Array(16));
    b[6] = (b[6] & 0x0f) | 0x40;
    b[8] = (b[8] & 0x3f) | 0x80;
    const hex = Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  }

  // pick copies of value only what shape names: {name: true} a plain value, {name: {…}} an object, {name: [{…}]} a list
  // of objects, {'*': {…}} an object whose names are not known in advance.
  function pick(value, shape) {
    if (shape === true) {
      return value === null || typeof value !== 'object' ? value : undefined;
    }
    if (Array.isArray(shape)) {
      return Array.isArray(value) ? value.map((v) => pick(v, shape[0])) : undefined;
    }
    if (value === null || typeof value !== 'object' || Array.isArray(value)) {
      return undefined;
    }
    const out = {};
    Object.keys(shape['*'] ? value : shape).forEach((name) => {
      if (Object.prototype.hasOwnProperty.call(value, name)) {
        const v = pick(value[name], shape['*'] || shape[name]);
        if (v !== undefined) {
          out[name] = v;
        }
      }
    });
    return out;
  }

  // settings reads data-… attributes of a script element over window.RingsideConfig over nothing.
  function settings(script) {
    const out = Object.assign({}, root.RingsideConfig);
    const data = (script && script.dataset) || {};
    ['url', 'token', 'organization', 'agent', 'agentName'].forEach((name) => {
      if (data[name]) {
        out[name] = data[name];
      }
    });
    if (data.numbers) {
      out.numbers = data.numbers === 'true';
    }
    return out;
  }

  // checked returns what is wrong with the settings, '' for nothing.
  function checked(config) {
    let address;
    try {
      address = new URL(config.url);
    } catch (e) {
      return 'url is missing or wrong: it is the address of the gateway’s endpoint, https://…/webhooks/…';
    }
    const local = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(address.hostname);
    if (address.protocol !== 'https:' && !(local && address.protocol === 'http:')) {
      return 'url must begin with https://';
    }
    if (!config.token) {
      return 'token is missing: it is one of the endpoint’s tokens';
    }
    return config.organization ? '' : 'organization is missing: it is the id of the contact centre';
  }

  // Forwarder sends the events of one source. config: source, url, token, organization; agent and agentName, text or a
  // function that returns it; see DEFAULTS for the rest.
  function Forwarder(config) {
    this.config = Object.assign({}, DEFAULTS, config);
    this.name = 'ringside-forwarder:' + this.config.source + ':' + this.config.url;
    this.counts = { taken: 0, sent: 0, repeated: 0, refused: 0, dropped: 0, lastError: '' };
    this.warned = {};
    this.wrong = checked(this.config);
    this.halted = false;
    this.closed = false;
    this.failures = 0;
    this.draining = false;
    this.again = false;
    this.wake = null;
    this.buffer = null;
    this.adding = Promise.resolve();
    if (this.wrong) {
      this.warn('settings', this.wrong);
      return;
    }
    this.online = () => this.wake && this.wake();
    root.addEventListener('online', this.online);
    this.kick(); // what the last page left behind
  }

  Forwarder.prototype = {
    // warn says something on the console, once for each kind of trouble.
    warn(kind, text) {
      this.counts.lastError = text;
      if (!this.warned[kind]) {
        this.warned[kind] = true;
        root.console.warn('Ringside forwarder (' + this.config.source + '): ' + text);
      }
    },

    // send takes an event. data is what goes out: choose its fields with pick. It returns the event's id, '' if the event
    // could not be taken.
    send(event, data, at) {
      try {
        if (this.wrong || this.closed) {
          return '';
        }
        const config = this.config;
        const agent = typeof config.agent === 'function' ? config.agent() : config.agent;
        const agentName = typeof config.agentName === 'function' ? config.agentName() : config.agentName;
        const time = at || new Date();
        const envelope = { source: config.source, id: uuid(), event: event, organization: config.organization };
        if (agent) {
          envelope.agent = String(agent);
        }
        if (agentName) {
          envelope.agentName = String(agentName);
        }
        envelope.time = time.toISOString();
        envelope.data = data === undefined ? null : data;
        const body = JSON.stringify(envelope);
        if (body.length > config.maxBytes) {
          this.counts.dropped++;
          this.warn('size', 'an event of ' + body.length + ' characters is too large and was dropped');
          return '';
        }
        this.counts.taken++;
        this.adding = this.adding.then(() => this.add({ id: envelope.id, at: time.getTime(), body: body }));
        return envelope.id;
      } catch (e) {
        this.counts.dropped++;
        this.warn('event', 'an event could not be read and was dropped: ' + e);
        return '';
      }
    },

    async add(record) {
      try {
        const dropped = await this.stored((buffer) => buffer.add(record, this.config.limit));
        if (dropped) {
          this.counts.dropped += dropped;
          this.warn('limit', 'more than ' + this.config.limit + ' events wait; the oldest are dropped');
        }
      } catch (e) {
        this.counts.dropped++;
        this.warn('store', 'an event could not be kept and was dropped: ' + e);
      }
      this.kick();
    },

    // stored runs work on the buffer; if that fails, once more on one that is opened anew: a browser may close it.
    async stored(work) {
      this.buffer = this.buffer || root.Ringside.openBuffer(this.name);
      try {
        return await work(await this.buffer);
      } catch (e) {
        this.buffer = root.Ringside.openBuffer(this.name);
        return work(await this.buffer);
      }
    },

    // kick sees to it that what waits is sent, by this page or by another one of the same origin.
    kick() {
      if (this.halted || this.closed) {
        return;
      }
      if (this.draining) {
        this.again = true;
        return;
      }
      this.draining = true;
      this.again = false;
      root.Ringside.exclusively(this.name, () => this.drain())
        .catch((e) => this.warn('drain', 'sending stopped for a moment: ' + e))
        .then(() => {
          this.draining = false;
          if (this.again) {
            this.kick();
          }
        });
    },

    async drain() {
      while (!this.halted && !this.closed) {
        const next = await this.stored((buffer) => buffer.first());
        if (!next) {
          return;
        }
        if (Date.now() - next.record.at > this.config.maxAgeHours * 3600000) {
          this.counts.dropped++;
          this.warn('age', 'events older than ' + this.config.maxAgeHours + ' hours are dropped');
          await this.stored((buffer) => buffer.remove(next.key));
          continue;
        }
        const wait = await this.post(next.record);
        if (wait === 0) {
          this.failures = 0;
          await this.stored((buffer) => buffer.remove(next.key));
        } else if (wait > 0) {
          await this.pause(wait);
        }
      }
    },

    // post sends one event. It returns 0 if the event is done with, else how long to wait before the next try, ms; −1:
    // there is no use in trying before the settings change.
    async post(record) {
      let answer;
      const abort = root.AbortController ? new root.AbortController() : null;
      const timer = root.setTimeout(() => abort && abort.abort(), this.config.timeoutMs);
      try {
        answer = await root.fetch(this.config.url, {
          method: 'POST',
          body: record.body,
          headers: { 'Content-Type': 'application/json', Authorization: 'Bearer ' + this.config.token },
          mode: 'cors',
          credentials: 'omit',
          cache: 'no-store',
          redirect: 'error',
          referrerPolicy: 'no-referrer',
          keepalive: record.body.length * 3 < KEEPALIVE_BYTES, // a character has 3 bytes at most
          signal: abort ? abort.signal : undefined,
        });
      } catch (e) {
        return this.later('the gateway cannot be reached: ' + e, null);
      } finally {
        root.clearTimeout(timer);
      }
      if (answer.ok) {
        this.counts.sent++;
        return 0;
      }
      const status = answer.status;
      if (status >= 500 || status === 429 || status === 408) {
        return this.later('the gateway answered ' + status, answer.headers.get('Retry-After'));
      }
      if (status === 401 || status === 404) {
        // The event is not at fault: it stays, and goes out when the page is loaded with the right settings.
        this.halted = true;
        this.warn('halt', 'the gateway answered ' + status + ': ' + (status === 401 ? 'the token is not valid' : 'there is no such endpoint') +
          '; nothing is sent until the page is loaded anew with the right settings');
        return -1;
      }
      this.counts.refused++;
      this.warn('refused', 'the gateway refused an event with ' + status + '; it is not repeated');
      return 0;
    },

    later(why, retryAfter) {
      this.counts.repeated++;
      this.warn('later', why + '; events are kept and sent later');
      const most = Math.min(this.config.longestDelayMs, this.config.firstDelayMs * Math.pow(2, Math.min(this.failures, 20)));
      this.failures++;
      let wait = most / 2 + (Math.random() * most) / 2;
      if (retryAfter) {
        const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
        if (seconds > 0) { // never sooner than told; many desktops were told the same
          wait = Math.min(seconds, LONGEST_RETRY_AFTER_MS) + Math.random() * Math.min(this.config.firstDelayMs, seconds);
        }
      }
      return Math.max(1, wait);
    },

    // pause waits; the network's coming back ends it.
    pause(ms) {
      return new Promise((resolve) => {
        const timer = root.setTimeout(() => this.wake(), ms);
        this.wake = () => {
          root.clearTimeout(timer);
          this.wake = null;
          resolve();
        };
      });
    },

    // stats tells how it goes: events taken, sent, refused and dropped by this page, tries that failed, and how many wait
    // in this browser.
    async stats() {
      await this.adding;
      const waiting = this.wrong ? 0 : await this.stored((buffer) => buffer.count());
      return Object.assign({ waiting: waiting, halted: this.halted, wrong: this.wrong }, this.counts);
    },

    // close ends sending from this page; what waits stays.
    close() {
      this.closed = true;
      if (this.online) {
        root.removeEventListener('online', this.online);
      }
      if (this.wake) {
        this.wake();
      }
    },
  };

  // guarded makes a callback that never throws into the vendor's code, and returns null as the vendors' documents have it.
  function guarded(forwarder, callback) {
    return function () {
      try {
        callback.apply(null, arguments);
      } catch (e) {
        forwarder.warn('callback', 'an event could not be read and was dropped: ' + e);
      }
      return null;
    };
  }

  root.Ringside = Object.assign(root.Ringside || {}, {
    pick: pick,
    settings: settings,
    guarded: guarded,
    forwarder: (config) => new Forwarder(config),
  });
})(window);
