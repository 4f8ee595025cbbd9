// The reader's edits as chips: a switch, what it does, and a button that removes it; and which run is shown.
import { drawnAnew, mounted } from "../shared/mount/component.js";
import { fill, focusedName, make, named, pushButton } from "../shared/draw/dom.js";

/**
 * @typedef {object} EditsData
 * @property {{text: string, on: boolean, note: string, bad: boolean}[]} chips
 * @property {string} run
 * @property {[string, string][]} runs
 * @property {string} note
 * @property {Record<string, string>} words
 */
/** @typedef {{toggle: {value: number}, remove: {value: number}, run: {value: string}}} EditsSends */

/** @type {(root: HTMLElement, data: EditsData, setTriggerValue: (name: string, value: any) => void) => void} */
const show = (root, data, setTriggerValue) => {
  const { words, chips } = data;
  const focused = focusedName(root);
  const send = (event, value) => setTriggerValue(event, { value, nonce: performance.now() });

  const button = (name, text, label, act) => {
    const element = pushButton(name, text, act, name.replace(/\d+$/, ""));
    if (label) element.setAttribute("aria-label", label);
    return element;
  };

  const chip = ({ text, on, note, bad }, number) => {
    const item = make("li", `chip${on && !bad ? "" : " off"}${bad ? " bad" : ""}`);
    const label = make("label"), box = make("input");
    Object.assign(box, { type: "checkbox", checked: on, disabled: bad, onchange: () => send("toggle", number) });
    box.dataset.name = `toggle${number}`;
    label.append(box, make("bdi", "says", text));
    item.append(label, button(`remove${number}`, "×", fill(words.remove, { edit: text }), () => send("remove", number)));
    if (note) item.append(make("span", "note", note));
    return item;
  };

  const list = make("ul", "chips");
  list.append(...chips.map(chip));
  const head = make("div", "head");
  head.append(make("strong", "", words.title), list, button("clear", words.clear, "", () => send("remove", -1)));
  const runs = make("div", "runs");
  runs.setAttribute("role", "group");
  runs.setAttribute("aria-label", words.runs);
  runs.append(make("span", "shows", words.runs), ...data.runs.map(([run, text]) => {
    const choice = button(`run_${run}`, text, "", () => run !== data.run && send("run", run));
    choice.className = "run";
    choice.setAttribute("aria-pressed", String(run === data.run));
    return choice;
  }), make("span", "note", data.note));
  const bar = make("section", "edits");
  bar.setAttribute("aria-label", words.title);
  bar.append(head, runs);
  root.replaceChildren(bar);
  if (focused) named(root, focused)?.focus();
};

export default mounted(drawnAnew(show), import.meta.url);
