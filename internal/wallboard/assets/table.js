// The table of queues.
import { COLUMNS, NAME, SHAPES, TRAIL, openText } from "./columns.js";
import { make, setAttribute, setHidden, setStyle, setText } from "./dom.js";
import { byTrouble, grade, level, waitGrade } from "./figures.js";

const REORDER = 3000; // ms; rows that jump about cannot be read
const SVG = "http://www.w3.org/2000/svg";
const WORDS = { met: "target met", close: "close", missed: "missed" };
const ROW_LEAST = 40, ROW_MOST = 96, NOTE = 26, BORDER = 10; // px

export class Table {
  constructor(table, heads, body) {
    this.table = table;
    this.body = body;
    this.rows = new Map();
    this.ordered = 0;
    for (const column of [NAME, ...COLUMNS, TRAIL]) {
      heads.append(make("th", { scope: "col", "data-col": column.key, title: column.define }, column.label));
    }
  }

  // show brings the rows up to date and returns how many do not fit on the screen.
  show(figures, kiosk) {
    let fresh = false;
    for (const q of figures.queues.values()) {
      if (!this.rows.has(q.id)) {
        this.rows.set(q.id, newRow(q.id));
        fresh = true;
      }
      // Of a queue where nobody waits nothing changes merely because time passes.
      if (q.since || figures.changed.has(q.id)) this.rows.get(q.id).show(q, figures);
    }
    figures.changed.clear();
    for (const [id, row] of this.rows) {
      if (figures.queues.has(id)) continue;
      row.tr.remove();
      this.rows.delete(id);
    }
    const now = performance.now();
    if (fresh || now - this.ordered >= REORDER) {
      this.ordered = now;
      this.order(byTrouble(figures), !fresh);
    }
    return this.fit(kiosk);
  }

  // order moves the rows that are not where they belong.
  order(queues, gently) {
    const wanted = queues.map((q) => this.rows.get(q.id).tr);
    if (wanted.every((tr, i) => this.body.children[i] === tr)) return;
    const before = new Map(wanted.map((tr) => [tr, tr.offsetTop]));
    wanted.forEach((tr, i) => {
      if (this.body.children[i] !== tr) this.body.insertBefore(tr, this.body.children[i] || null);
    });
    if (!gently || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const tr of wanted) {
      const moved = before.get(tr) - tr.offsetTop;
      if (moved) tr.animate([{ transform: `translateY(${moved}px)` }, { transform: "none" }], { duration: 400, easing: "ease-out" });
    }
  }

  // fit gives the rows the height of the screen. On a wall nobody scrolls: what does not fit is left out, the calmest
  // queues first.
  fit(kiosk) {
    const count = this.body.children.length;
    const cards = matchMedia("(max-width: 700px)").matches;
    const below = parseFloat(getComputedStyle(document.body).paddingBottom) + (kiosk ? NOTE : 0) + BORDER;
    const room = innerHeight - this.body.getBoundingClientRect().top - scrollY - below;
    const height = Math.min(ROW_MOST, Math.max(ROW_LEAST, Math.floor(room / Math.max(count, 1))));
    setStyle(this.table, "--row", `${height}px`);
    const most = kiosk && !cards ? Math.max(1, Math.floor(room / height)) : count;
    for (let i = 0; i < count; i++) setHidden(this.body.children[i], i >= most);
    return Math.max(0, count - most);
  }
}

function newRow(id) {
  const name = make("span", { class: "name" });
  const tag = make("span", { class: "tag" });
  const tr = make("tr", { "data-queue": id }, make("th", { scope: "row", "data-col": "name", title: NAME.define }, name, tag));
  const cells = COLUMNS.map((column) => newCell(tr, column));
  const trail = newTrail(tr);
  return {
    tr,
    show(q, figures) {
      const now = figures.present(q.org);
      setText(name, q.name);
      setText(tag, tagText(q, figures));
      setAttribute(tr, "data-trouble", trouble(q, now));
      cells.forEach((cell) => cell.show(q, now));
      trail.show(figures.trails.get(q.id) || [], q.waiting, figures.trailLength);
    },
  };
}

function tagText(q, figures) {
  const parts = [openText(q)];
  const o = figures.organizations.get(q.org);
  if (figures.organizations.size > 1 && o) parts.push(o.name);
  return parts.filter(Boolean).join(" · ");
}

function trouble(q, now) {
  const wait = waitGrade(q, now);
  if (wait === "missed" || wait === "close") return wait;
  return grade(level(q, now), q.target) === "missed" ? "below" : wait;
}

function newCell(tr, column) {
  const shape = make("span", { class: "shape", "aria-hidden": "true" });
  const value = make("span", { class: "value" });
  const word = make("span", { class: "unseen" });
  const td = make("td", { "data-col": column.key, "data-label": column.label }, shape, value, word);
  tr.append(td);
  return {
    show(q, now) {
      const cell = column.cell(q, now);
      setAttribute(td, "data-state", cell.state);
      setText(shape, cell.shaped ? SHAPES[cell.state] : "");
      setText(word, (cell.shaped && WORDS[cell.state]) || "");
      setText(value, cell.text);
      setAttribute(td, "title", cell.title ? `${cell.title}\n\n${column.define}` : column.define);
    },
  };
}

// newTrail draws the last half hour; the newest figure is that of now.
function newTrail(tr) {
  const svg = document.createElementNS(SVG, "svg");
  const area = document.createElementNS(SVG, "path");
  const line = document.createElementNS(SVG, "path");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  area.setAttribute("class", "area");
  line.setAttribute("class", "line");
  svg.append(area, line);
  const peak = make("span", { class: "peak" });
  const td = make("td", { "data-col": TRAIL.key, "data-label": TRAIL.label }, svg, peak);
  tr.append(td);
  return {
    show(samples, waiting, length) {
      const values = [...samples, waiting];
      const most = Math.max(...values);
      const top = Math.max(4, most); // one caller does not look like a crowd
      const left = length + 1 - values.length;
      const points = values.map((v, i) => `${left + i},${(20 - (18 * v) / top).toFixed(1)}`).join("L");
      setAttribute(svg, "viewBox", `0 0 ${length} 21`);
      setAttribute(line, "d", `M${points}`);
      setAttribute(area, "d", `M${left},20L${points}L${length},20Z`);
      setText(peak, most ? `max ${most}` : "");
      setAttribute(td, "title", `the most: ${most}\n\n${TRAIL.define}`);
    },
  };
}
