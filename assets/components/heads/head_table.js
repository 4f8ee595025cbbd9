// The measures of all heads in a table: sorted by a click on a title, and searched; what was not found fades above.
import { fill, focusedName, make, named } from "../shared/draw/dom.js";
import { clamp } from "../shared/draw/numbers.js";
import { exact, headButton } from "./head_parts.js";

const FOUND = /^(\w+)(>=|<=)(-?\d+(?:\.\d+)?)$/;

export class HeadTable {
  // `owner`: the component; its choice has over ("here", "set"), sort ("head", "name" or "-name") and find ("name>=0.5").
  constructor(owner) {
    this.owner = owner;
    this.element = make("section", "measures");
    this.element.hidden = !owner.data.measures;
  }

  get words() { return this.owner.data.words; }

  get choice() { return this.owner.choice; }

  get columns() { return this.owner.data.measures.columns; }

  // What is asked for, if this kind of attention has such a measure.
  get query() {
    const [, name, sign, least] = FOUND.exec(this.choice.find) ?? [];
    const column = this.columns.findIndex((one) => one.name === name);
    return column < 0 ? null : { column, sign, least: Number(least) };
  }

  // [value, spread or null] of a head, null where nothing can be told.
  cell(head, column) {
    const { here, set } = this.owner.data.measures;
    if (this.choice.over === "here") return here[head][column] === null ? null : [here[head][column], null];
    return !set || set.mean[head][column] === null ? null : [set.mean[head][column], set.spread[head][column]];
  }

  holds(head) {
    if (!this.query) return true;
    const value = this.cell(head, this.query.column)?.[0];
    return value !== undefined && (this.query.sign === ">=" ? value >= this.query.least : value <= this.query.least);
  }

  change(what) {
    Object.assign(this.choice, what);
    this.owner.report(undefined, "over" in what);
    this.show();
  }

  show() {
    if (this.element.hidden) return;
    const { n_layers, n_heads, measures } = this.owner.data, { words } = this;
    const active = focusedName(this.owner.root);
    const all = [...Array(n_layers * n_heads).keys()], found = all.filter((head) => this.holds(head));
    const waits = this.choice.over === "set" && !measures.set;
    const said = waits ? words.waits : this.query ? fill(words[found.length ? "found" : "none"], { n: found.length, all: all.length }) : fill(words.not_asked, { all: all.length });
    const count = make("p", "found", said);
    count.setAttribute("aria-live", "polite");
    const scroll = make("div", "scroll");
    scroll.append(this.table(this.sorted(found)));
    this.element.replaceChildren(make("h5", "", words.measures), this.controls(), count, scroll);
    if (!waits && found.some((head) => this.columns.some((_, column) => !this.cell(head, column)))) this.element.append(make("p", "note", words.dash));
    this.owner.thumbs.each((thumb, layer, head) => thumb.classList.toggle("dim", found.length > 0 && !this.holds(layer * n_heads + head)));
    this.mark();
    if (active) named(this.element, active)?.focus({ preventScroll: true });
  }

  sorted(heads) {
    const down = this.choice.sort.startsWith("-"), name = this.choice.sort.replace("-", "");
    const column = this.columns.findIndex((one) => one.name === name);
    if (column < 0) return down ? heads.reverse() : heads;
    const value = (head) => this.cell(head, column)?.[0];
    // What cannot be told comes last, whichever way the rest is sorted.
    const order = (a, b) => Number(value(a) === undefined) - Number(value(b) === undefined) || (down ? value(b) - value(a) : value(a) - value(b)) || a - b;
    return heads.sort(order);
  }

  controls() {
    const { words, choice, query } = this, { measures } = this.owner.data, bar = make("div", "tools");
    const over = make("span", "looks");
    over.setAttribute("role", "group");
    for (const name of ["here", "set"]) {
      const button = headButton(`over_${name}`, fill(words[`over_${name}`], { n: measures.n_examples }), () => this.change({ over: name }));
      button.setAttribute("aria-pressed", String(name === choice.over));
      if (name === "here" || measures.n_examples) over.append(button);
    }
    const which = this.select("find", [["", words.any], ...this.columns.map(({ name, title }) => [name, title])], query ? this.columns[query.column].name : "");
    const sign = this.select("sign", [[">=", words.least], ["<=", words.most]], query?.sign ?? ">=");
    const least = make("input");
    Object.assign(least, { type: "number", step: "any", value: query?.least ?? 0.5 });
    least.dataset.name = "bar";
    least.setAttribute("aria-label", words.bar);
    const ask = () => this.change({ find: which.value && least.value !== "" ? `${which.value}${sign.value}${Number(least.value).toFixed(4).replace(/\.?0+$/, "")}` : "" });
    which.onchange = sign.onchange = least.onchange = ask;
    const label = make("label", "", words.find);
    label.append(which);
    bar.append(over, label, sign, least);
    return bar;
  }

  select(name, options, chosen) {
    const select = make("select");
    select.dataset.name = name;
    select.setAttribute("aria-label", this.words[name === "find" ? "find" : "sign"]);
    for (const [value, text] of options) select.append(Object.assign(make("option", "", text), { value }));
    select.value = chosen;
    return select;
  }

  table(heads) {
    const { words, columns } = this, table = make("table"), line = make("tr");
    table.setAttribute("aria-label", words.measures);
    line.append(this.title("head", words.who), ...columns.map(({ name, title, means }) => this.title(name, title, means)), make("th", "", words.label));
    table.append(make("thead"), make("tbody"));
    table.createTHead().append(line);
    table.tBodies[0].append(...heads.map((head) => this.row(head)));
    return table;
  }

  title(name, text, means = "") {
    const down = this.choice.sort === `-${name}`, up = this.choice.sort === name;
    const title = make("th"), first = name === "head" ? name : `-${name}`; // the strongest heads first
    const next = this.choice.sort === first ? (first === name ? `-${name}` : name) : first;
    const button = headButton(`sort_${name}`, `${text}${up ? " \u2191" : down ? " \u2193" : ""}`, () => this.change({ sort: next }));
    button.title = means;
    title.scope = "col";
    title.setAttribute("aria-sort", up ? "ascending" : down ? "descending" : "none");
    title.append(button);
    return title;
  }

  row(head) {
    const { owner, words } = this, { n_heads } = owner.data, [layer, h] = [Math.floor(head / n_heads), head % n_heads];
    const row = make("tr"), name = make("th");
    row.dataset.head = `${layer}.${h}`;
    name.scope = "row";
    name.append(headButton(`row${layer}.${h}`, fill(words.short, { layer, head: h }), () => owner.choose(layer, h)));
    row.append(name, ...this.columns.map((_, column) => this.number(head, column)), make("td", "label", owner.label(layer, h)));
    return row;
  }

  // The number, on a bar where the measure has an upper end.
  number(head, column) {
    const cell = this.cell(head, column), td = make("td", "number", cell ? exact(cell[0], 2) : "\u2013"), { high } = this.columns[column];
    if (cell && cell[1] !== null) td.append(make("small", "", ` \u00b1 ${exact(cell[1], 2)}`));
    if (!cell) td.title = this.words.untold;
    else if (cell[1] !== null) td.title = fill(this.words.mean_of, { n: this.owner.data.measures.set.n[head][column] });
    if (cell && high) td.style.setProperty("--share", `${100 * clamp(cell[0] / high, 0, 1)}%`);
    return td;
  }

  mark() {
    for (const row of /** @type {NodeListOf<HTMLElement>} */ (this.element.querySelectorAll("tr[data-head]"))) row.classList.toggle("now", row.dataset.head === `${this.choice.layer}.${this.choice.head}`);
  }
}
