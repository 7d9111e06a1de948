// The figures over all queues, above the table.
import { SHAPES, TILES } from "./columns.js";
import { make, setAttribute, setText } from "./dom.js";

export class Tiles {
  constructor(section) {
    this.parts = TILES.map((tile) => {
      const shape = make("span", { class: "shape", "aria-hidden": "true" });
      const value = make("span", { class: "value" });
      const sub = make("p", { class: "sub" });
      const box = make("article", { class: "tile", "data-tile": tile.key, title: tile.define, tabindex: "0" }, make("h2", {}, tile.label), make("p", { class: "figure" }, shape, value), sub);
      section.append(box);
      return { tile, box, shape, value, sub };
    });
  }

  show(totals) {
    for (const { tile, box, shape, value, sub } of this.parts) {
      const cell = tile.cell(totals);
      setAttribute(box, "data-state", cell.state);
      setText(shape, SHAPES[cell.state]);
      setText(value, cell.text);
      setText(sub, cell.sub);
    }
  }
}
