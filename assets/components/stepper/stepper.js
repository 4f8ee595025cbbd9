// A road of stages with Back and Next; the left and right arrow keys step while nothing that uses them has the focus.
import { mounted } from "../shared/mount/component.js";
import { focusIn, make } from "../shared/draw/dom.js";
import { isFree } from "../shared/input/keys.js";

/**
 * @typedef {object} StepperData
 * @property {[string, string][]} stages id and label
 * @property {string} chosen
 * @property {Record<string, string>} words back, next, keys
 */
/** @typedef {{choose: string}} StepperSends the id of a stage */

class Stepper {
  /** @type {string[]} */ ids;
  /** @type {number} */ at;
  /** @type {any} */ send;

  constructor(root) {
    this.root = root;
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  close() { document.removeEventListener("keydown", this.onKey); }

  /** @param {StepperData} data */
  show({ stages, chosen, words }, send) {
    this.ids = stages.map(([id]) => id);
    this.at = this.ids.indexOf(chosen);
    this.send = send;
    const { at } = this, road = make("div", "road");
    road.setAttribute("role", "group");
    const back = this.button(`← ${words.back}`, at - 1, "move"), next = this.button(`${words.next} →`, at + 1, "move");
    back.disabled = at === 0;
    next.disabled = at === stages.length - 1;
    road.append(back);
    stages.forEach(([, label], index) => {
      const stage = this.button(label, index, index === at ? "now" : index < at ? "done" : "");
      if (index === at) stage.setAttribute("aria-current", "step");
      if (index) road.append(make("span", "between"));
      road.append(stage);
    });
    road.append(next, make("span", "keys", words.keys));
    const had = focusIn(this.root)?.textContent;
    this.root.replaceChildren(road);
    // The buttons are new; a reader who steps by keyboard keeps the place.
    if (had) [...road.querySelectorAll("button")].find((button) => !button.disabled && button.textContent === had)?.focus();
  }

  button(text, index, className) {
    const button = make("button", className, text);
    button.type = "button";
    button.onclick = () => this.choose(index);
    return button;
  }

  choose(index) {
    if (index >= 0 && index < this.ids.length && index !== this.at) this.send("choose", this.ids[index]);
  }

  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || !isFree(event) || !(this.at + by in this.ids)) return;
    event.preventDefault();
    this.choose(this.at + by);
  }
}

export default mounted(Stepper, import.meta.url);
