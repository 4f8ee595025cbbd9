// Two heads side by side, and their difference; a cell that is pointed at in one of them is framed in all.
import { mounted } from "../shared/component.js";
import { fill, make, touches } from "../shared/dom.js";
import { bytes, floats } from "../shared/numbers.js";
import { exact, legendOf, placed } from "./head_parts.js";
import { Heatmap } from "./head_view.js";

class Comparison {
  constructor(root) {
    this.root = root;
    this.views = [0, 1, 2].map((i) => new Heatmap({ tell: (row, column) => this.tell(i, row, column), cropped: () => {} }));
  }

  close() { for (const view of this.views) view.resized.disconnect(); }

  show(data) {
    this.data = data;
    const { words, maps, difference, titles, palette, reach } = data;
    const shown = [...maps.map((map) => ({ ...map, reach, signed: false })), ...(difference ? [{ ...difference, signed: true }] : [])];
    const page = make("div", "compared");
    this.tip = make("p", "tip", touches ? words.tap : words.hint);
    this.tip.setAttribute("aria-live", "polite");
    this.maps = shown.map((map, i) => {
      const title = titles[i] ?? words.difference;
      const panel = make("section"), low = map.signed ? exact(-map.reach, 2) : "0";
      panel.append(make("h5", "", title), this.views[i].element, legendOf(low, map.signed, palette, exact(map.reach, 2)));
      page.append(panel);
      return { ...map, values: floats(map.data), allowed: map.allowed && bytes(map.allowed), palette, label: `${title}. ${words.keys}` };
    });
    this.root.replaceChildren(page, this.tip);
    this.maps.forEach((map, i) => this.views[i].show(map));
  }

  tell(from, row, column) {
    const { words, titles, difference } = this.data, map = this.maps[from];
    const fields = { asks: placed(map.rows[row], row), answers: placed(map.columns[column], column) };
    if (this.views[from].blocked(row, column)) { this.tip.textContent = fill(words.blocked, fields); return; }
    if (!difference) {
      this.tip.textContent = `${titles[from]}: ${fill(words.alone, { ...fields, value: exact(this.views[from].value(row, column)) })}`;
      return;
    }
    const [a, b, d] = this.views.map((view) => exact(view.value(row, column)));
    this.tip.textContent = fill(words.cell, { ...fields, a, b, d });
    this.views.forEach((view, i) => { if (i !== from) view.point(row, column, false); });
  }
}

export default mounted(Comparison, import.meta.url);
