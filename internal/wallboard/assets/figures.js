// What the page knows, and what follows from it. No DOM here. Instants are µs since the Unix epoch, as the server sends
// them; each organization has a clock of its own, which a simulation may have let run ahead.

export const SECOND = 1e6;

export class Figures {
  constructor() {
    this.organizations = new Map();
    this.queues = new Map();
    this.trails = new Map();
    this.changed = new Set(); // ids of the queues of which a message has told since they were last drawn
    this.listed = [];
    this.trailLength = 120;
    this.trailEvery = 15;
    this.offset = 0; // the server's clock less this browser's
    this.trouble = "";
    this.behind = 0; // seconds
    this.loaded = false;
  }

  // take applies one message of the server.
  take(kind, m) {
    this.setClock(m.now);
    this.trouble = m.trouble || "";
    this.behind = m.behind || 0;
    if (kind === "snapshot") this.reset(m);
    for (const o of m.organizations || []) this.organizations.set(o.id, o);
    for (const q of m.queues || []) {
      this.queues.set(q.id, q);
      this.changed.add(q.id);
    }
    if (kind === "trail") this.sample(m.samples || {});
  }

  reset(m) {
    this.loaded = true;
    this.organizations.clear();
    this.queues.clear();
    this.listed = m.listed || [];
    this.trailEvery = m.trail_every;
    this.trailLength = m.trail_length;
    this.trails = new Map(Object.entries(m.trails || {}));
  }

  sample(samples) {
    for (const id of this.queues.keys()) {
      const trail = this.trails.get(id) || [];
      trail.push(samples[id] || 0);
      if (trail.length > this.trailLength) trail.shift();
      this.trails.set(id, trail);
      this.changed.add(id);
    }
  }

  // setClock follows the server's clock. A message that took longer on its way moves it by less than a second reads.
  setClock(now) {
    const offset = now - Date.now() * 1000;
    if (!this.loaded || Math.abs(offset - this.offset) > SECOND / 4) this.offset = offset;
  }

  server() {
    return Date.now() * 1000 + this.offset;
  }

  // present is the time of an organization.
  present(id) {
    const o = this.organizations.get(id);
    if (!o) return this.server();
    return o.stands || this.server() + o.ahead;
  }

  // age is how long ago the newest event of the organizations shown happened, in seconds; null: no event yet.
  age() {
    let age = null;
    for (const o of this.organizations.values()) {
      if (!o.horizon) continue;
      const a = Math.max(0, this.server() + o.ahead - o.horizon) / SECOND;
      if (age === null || a < age) age = a;
    }
    return age;
  }
}

// longestWait is in seconds; 0: nobody waits.
export function longestWait(q, now) {
  return q.since ? Math.max(0, Math.floor((now - q.since) / SECOND)) : 0;
}

// overdue counts the callers who wait longer than the threshold.
export function overdue(q, now) {
  if (!q.threshold) return 0;
  let n = 0;
  for (const since of q.waits) {
    if (now - since <= q.threshold) return n;
    n++;
  }
  return n;
}

// level is today's service level, live, in percent; null: not known.
export function level(q, now) {
  const base = q.base + overdue(q, now);
  return q.threshold && base ? (100 * q.met) / base : null;
}

// grade compares a level with its target: "none", "met", "close" (less than ten points below) or "missed".
export function grade(percent, target) {
  if (percent === null || !target) return "none";
  if (percent >= target) return "met";
  return target - percent < 10 ? "close" : "missed";
}

// waitGrade says how the longest wait stands to the threshold.
export function waitGrade(q, now) {
  if (!q.since) return "none";
  if (!q.threshold) return "some";
  const wait = now - q.since;
  if (wait > q.threshold) return "missed";
  return wait > q.threshold / 2 ? "close" : "some";
}

function gap(q, now) {
  const percent = level(q, now);
  return grade(percent, q.target) === "none" ? 0 : Math.max(0, q.target - percent);
}

// known is a figure of now, 0 in a sum where a queue's sources do not tell it.
function known(n) {
  return Math.max(n, 0);
}

// byTrouble puts first what needs a supervisor now: callers who wait beyond the threshold, by their wait; then queues
// with callers waiting; then queues below their target, by the gap.
export function byTrouble(figures) {
  const key = new Map();
  for (const q of figures.queues.values()) {
    const now = figures.present(q.org);
    key.set(q, {
      late: waitGrade(q, now) === "missed" ? longestWait(q, now) : 0,
      waiting: known(q.waiting) + known(q.ringing),
      gap: gap(q, now),
      name: q.name.toLowerCase(),
    });
  }
  return [...key.keys()].sort((x, y) => {
    const a = key.get(x), b = key.get(y);
    return b.late - a.late || b.waiting - a.waiting || b.gap - a.gap || (a.name < b.name ? -1 : a.name > b.name ? 1 : x.id < y.id ? -1 : 1);
  });
}

// totals adds up the queues that are shown, and the agents of their organizations.
export function totals(figures) {
  const t = { waiting: 0, ringing: 0, connected: 0, longest: 0, late: 0, offered: 0, answered: 0, abandoned: 0, met: 0, base: 0, aim: 0, free: 0, talking: 0, wrapUp: 0, away: 0, stale: 0, left: 0 };
  for (const q of figures.queues.values()) {
    const now = figures.present(q.org);
    t.waiting += known(q.waiting);
    t.ringing += known(q.ringing);
    t.connected += known(q.connected);
    t.offered += q.offered;
    t.answered += q.answered;
    t.abandoned += q.abandoned;
    t.longest = Math.max(t.longest, longestWait(q, now));
    if (!q.threshold) continue;
    const late = overdue(q, now);
    t.late += late;
    t.met += q.met;
    t.base += q.base + late;
    t.aim += q.target * (q.base + late);
  }
  for (const o of figures.organizations.values()) {
    t.free += o.agents.free;
    t.talking += o.agents.talking;
    t.wrapUp += o.agents.wrap_up;
    t.away += o.agents.away;
    t.stale += o.agents.stale;
    t.left += o.left;
  }
  t.level = t.base ? (100 * t.met) / t.base : null;
  t.target = t.base ? t.aim / t.base : 0;
  return t;
}
