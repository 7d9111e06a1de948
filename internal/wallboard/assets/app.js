// The wallboard: takes messages, and writes what they and the passing time change.
import { BADGE_SHAPES, badge } from "./badge.js";
import { Controls } from "./controls.js";
import { setAttribute, setHidden, setText } from "./dom.js";
import { Figures, totals } from "./figures.js";
import { number } from "./format.js";
import { Stream } from "./stream.js";
import { Table } from "./table.js";
import { Tiles } from "./tiles.js";

const TICK = 200; // ms; a second that ticks late looks broken

const byId = (id) => document.getElementById(id);
const figures = new Figures();
const tiles = new Tiles(byId("tiles"));
const table = new Table(byId("board"), byId("heads"), byId("rows"));
const controls = new Controls(() => stream.open(controls.query()));
const stream = new Stream(take, lose);
let build = "";
let heard = 0; // ms; when the last message came
let lost = false;

function take(kind, message) {
  if (kind === "snapshot") {
    // The server was replaced by one with another page: a screen on a wall has nobody to reload it.
    if (build && build !== message.build) location.reload();
    build = message.build;
  }
  lost = false;
  heard = performance.now();
  figures.take(kind, message);
  if (kind === "snapshot") controls.list(figures.listed);
  show();
}

function lose() {
  lost = true;
  show();
}

function show() {
  showBadge();
  showClock();
  if (!figures.loaded) return;
  const sum = totals(figures);
  setText(byId("organization"), title());
  tiles.show(sum);
  const hidden = table.show(figures, controls.kiosk);
  showNote(sum.left, hidden);
  const text = `${number(sum.waiting)} waiting – Ringside`;
  if (document.title !== text) document.title = text;
}

function showBadge() {
  const b = badge(figures, lost ? (performance.now() - heard) / 1000 : null);
  const box = byId("badge");
  setAttribute(box, "data-state", b.state);
  setText(box.firstElementChild, BADGE_SHAPES[b.state]);
  setText(byId("badge-text"), b.text);
  setAttribute(document.body, "data-feed", lost ? "lost" : "there");
}

function showClock() {
  const [only] = figures.organizations.size === 1 ? figures.organizations.keys() : [];
  const at = new Date(figures.present(only) / 1000);
  const clock = byId("clock");
  setText(clock, at.toLocaleTimeString("en-GB"));
  setAttribute(clock, "datetime", at.toISOString().slice(0, 19) + "Z");
}

function title() {
  const names = [...figures.organizations.values()].map((o) => (o.name === o.id ? `Organization ${o.id.slice(0, 8)}` : o.name));
  if (names.length === 1) return names[0];
  return names.length ? `${number(names.length)} organizations` : "Ringside";
}

function showNote(left, hidden) {
  let text = "";
  if (!figures.queues.size) {
    text = controls.query() ? "No queue matches what is chosen." : "No queues yet: they appear with their first event.";
  } else if (left + hidden) {
    text = `${number(left + hidden)} ${left ? "" : "calmer "}queues are not shown` + (left ? ": choose some by name." : ".");
  }
  setHidden(byId("note"), !text);
  setText(byId("note"), text);
}

setInterval(show, TICK);
stream.open(controls.query());
