// Weights can be seen as lines between words, too: a switch below the map shows the one or the other.
import { Lines } from "../lines/lines.js";
import { make, pushButton } from "../shared/draw/dom.js";

/** @typedef {import("../heads/head_parts.js").Word} Word */
/**
 * @typedef {object} LinesShown
 * @property {[string, number, string?, number?][]} rows
 * @property {[string, number][]} columns
 * @property {string[]} sides
 * @property {"grid" | "lines"} look
 * @property {Record<string, string>} words
 */

/** @type {(sent: [string, number, string?, number?]) => Word} */
const wordOf = ([text, special, writes, last]) => ({ text, special: Boolean(special), ...(writes === undefined ? {} : { writes: { text: writes, special: Boolean(last) } }) });

export class Looks {
  /**
   * @param {HTMLElement} grid where the map is drawn
   * @param {(look: string) => void} tell hears which look was chosen
   */
  constructor(grid, tell) {
    this.grid = grid;
    this.tell = tell;
    this.lines = new Lines({ tell: () => {} });
    this.switch = make("div", "looks");
    this.switch.setAttribute("role", "group");
    this.hint = make("p", "note");
    this.element = make("div", "between");
    this.element.append(this.lines.element, this.switch, this.hint);
  }

  close() { this.lines.close(); }

  /** @type {(shown: LinesShown | undefined, values: Float32Array, words_of: any) => void} */
  show(shown, values, words_of) {
    this.shown = shown;
    this.element.hidden = !shown;
    this.look = shown?.look ?? "grid";
    if (shown) {
      this.values = values;
      this.words_of = words_of;
      this.switch.setAttribute("aria-label", shown.words.looks);
      this.switch.replaceChildren(...["grid", "lines"].map((look) => pushButton(look, shown.words[look], () => this.choose(look))));
    }
    this.draw();
  }

  choose(look) {
    if (look === this.look) return;
    this.look = look;
    this.draw();
    this.tell(look);
  }

  draw() {
    const lines = this.look === "lines";
    this.grid.hidden = lines;
    this.lines.element.hidden = !lines;
    for (const button of this.switch.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset.name === this.look));
    this.hint.textContent = (lines && this.shown?.words.hint) || "";
    if (!lines || !this.shown) return;
    const [rows, columns] = [this.shown.rows, this.shown.columns].map((words) => words.map(wordOf));
    this.lines.show({ ...this.shown, rows, columns, values: this.values, words_of: this.words_of, full: 1, reach: 1 });
  }
}
