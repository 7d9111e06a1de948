// What the viewer chooses. It is kept in the address, so that a screen on a wall can be set up with a link; there are no
// cookies and no storage.
import { COLUMNS, NAME, TILES, TRAIL } from "./columns.js";
import { make, setHidden } from "./dom.js";

const byId = (id) => document.getElementById(id);

export class Controls {
  // changed is called when other queues or organizations are chosen.
  constructor(changed) {
    this.params = new URLSearchParams(location.search);
    this.changed = changed;
    this.filter = byId("filter");
    this.org = byId("org");
    this.filter.value = this.params.getAll("queues").join(",");
    this.filter.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.set("queues", this.filter.value.trim(), true), 300);
    });
    this.org.addEventListener("change", () => this.set("org", this.org.value, true));
    byId("controls").addEventListener("submit", (event) => event.preventDefault());
    byId("theme").addEventListener("click", () => this.toggleTheme());
    byId("kiosk").addEventListener("click", () => this.toggleKiosk());
    byId("help").addEventListener("click", () => this.help());
    addEventListener("keydown", (event) => this.key(event));
    this.define();
    this.apply();
  }

  get kiosk() {
    return ["1", "true", ""].includes(this.params.get("kiosk"));
  }

  // query is what the server is asked for.
  query() {
    const asked = new URLSearchParams();
    for (const name of ["org", "queues"]) for (const value of this.params.getAll(name)) if (value) asked.append(name, value);
    const text = asked.toString();
    return text && "?" + text;
  }

  set(name, value, ask) {
    if (value) this.params.set(name, value);
    else this.params.delete(name);
    const text = this.params.toString();
    history.replaceState(null, "", location.pathname + (text && "?" + text));
    this.apply();
    if (ask) this.changed();
  }

  apply() {
    const theme = this.params.get("theme");
    if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
    document.body.toggleAttribute("data-kiosk", this.kiosk);
    // A screen on a wall must not go dark; where the browser does not allow to ask for that, its settings have to do.
    if (this.kiosk && navigator.wakeLock) navigator.wakeLock.request("screen").catch(() => {});
  }

  dark() {
    const theme = document.documentElement.dataset.theme;
    return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  toggleTheme() {
    this.set("theme", this.dark() ? "light" : "dark", false);
  }

  toggleKiosk() {
    this.set("kiosk", this.kiosk ? "" : "1", false);
  }

  help() {
    const dialog = byId("definitions");
    if (dialog.open) dialog.close();
    else dialog.showModal();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const act = { "/": () => this.filter.focus(), k: () => this.toggleKiosk(), t: () => this.toggleTheme(), "?": () => this.help() }[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  }

  // list offers the organizations.
  list(listed) {
    setHidden(byId("choose"), listed.length < 2);
    const wanted = ["", ...listed.map((o) => o.id)];
    const there = [...this.org.options].map((o) => o.value);
    if (wanted.join() !== there.join()) {
      this.org.replaceChildren(...["", ...listed].map((o) => (o ? make("option", { value: o.id }, o.name) : make("option", { value: "" }, "all"))));
    }
    const chosen = (this.params.get("org") || "").toLowerCase();
    const found = listed.find((o) => o.id === chosen || o.name.toLowerCase() === chosen);
    this.org.value = found ? found.id : "";
  }

  define() {
    const list = byId("definition-list");
    for (const c of [...TILES, NAME, ...COLUMNS, TRAIL]) list.append(make("dt", {}, c.label), make("dd", {}, c.define));
  }
}
