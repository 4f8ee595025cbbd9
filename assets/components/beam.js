// The tree of a beam search. All steps are here at once, so stepping never asks the server; choosing a branch does, for
// what it looked at. Every word keeps its place from the first step to the last.
const START = -1; // the number of the root, which no branch has
const ROW = 32, TALL = 26, BETWEEN = 44, EDGE = 6, WIDEST = 150;
const TAKES_KEYS = "input, textarea, select, button, [contenteditable], [role=slider], [role=radio], [role=combobox], " +
  "[role=listbox], [role=option], [role=menu], [data-testid=stButtonGroup]";

const shape = (name, attributes) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

class Beam {
  constructor(root) {
    this.root = root;
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  close() {
    clearTimeout(this.writing); // by now the address is another page's, where it means nothing
    writeQuery("tree", null);
    document.removeEventListener("keydown", this.onKey);
  }

  // Another search starts over; an answer about a branch, or another language, changes nothing that was chosen.
  show(data, send) {
    const search = JSON.stringify(data.search);
    this.data = data;
    this.send = send;
    this.last = data.n_steps - 1;
    if (search !== this.search) { this.step = data.step ?? this.last; this.chosen = data.chosen; }
    this.search = search;
    this.root.className = `gf ${data.mode}`;
    this.place();
    this.build();
    this.draw();
  }

  // Columns are as wide as their longest word; a row is a rank.
  place() {
    const { branches, n_steps } = this.data;
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `600 16px ${getComputedStyle(this.root).fontFamily}`;
    const wide = (text) => Math.min(pen.measureText(text).width + 18, WIDEST);
    const columns = [wide("<s>"), ...Array(n_steps).fill(0)];
    for (const { step, text } of branches) columns[step + 1] = Math.max(columns[step + 1], wide(text));
    let x = EDGE;
    this.columns = columns.map((width) => { x += width + BETWEEN; return { x: x - width - BETWEEN, width }; });
    this.ranks = Math.max(...branches.map(({ rank }) => rank), 1);
    this.size = { width: x - BETWEEN + EDGE, height: this.ranks * ROW + 2 * EDGE };
    this.wide = wide;
    this.nodes = new Map(branches.map((branch, number) => [number, { number, ...branch }]));
    this.nodes.set(START, { number: START, step: -1, rank: 1, text: "<s>", special: true, fate: "kept", next: this.data.start });
  }

  build() {
    const { words } = this.data;
    const focused = this.root.getRootNode().activeElement?.dataset.name;
    const button = (name, text, by) => {
      const element = make("button", "", text);
      element.type = "button";
      element.dataset.name = name;
      element.onclick = () => this.go(this.step + by);
      return element;
    };
    this.back = button("back", `← ${words.back}`, -1);
    this.next = button("next", `${words.next} →`, 1);
    this.slider = make("input");
    Object.assign(this.slider, { type: "range", min: 0, max: this.last, step: 1 });
    this.slider.dataset.name = "slider";
    this.slider.setAttribute("aria-label", words.step);
    this.slider.oninput = () => this.go(Number(this.slider.value));
    this.count = make("span", "count");
    const controls = make("div", "controls");
    controls.append(this.back, this.next, this.slider, this.count);
    this.scroll = make("div", "scroll");
    this.svg = shape("svg", { ...this.size, role: "group", "aria-label": words.tree });
    this.scroll.append(this.svg);
    this.ended = make("p", "ended");
    this.ended.setAttribute("aria-live", "polite");
    this.about = make("div", "about");
    this.ranking = make("div", "tables");
    const below = make("div", "below");
    below.append(this.about, this.ranking);
    const legend = make("p", "legend", `${words.legend} ${words.keys}`);
    this.root.replaceChildren(controls, this.scroll, legend, this.ended, below);
    this.focus = focused;
    this.remember();
  }

  // The step goes into the address once the reader rests on it; the last one is where every search begins.
  remember() {
    clearTimeout(this.writing);
    this.writing = setTimeout(() => writeQuery("tree", this.step === this.last ? null : this.step), 200);
  }

  go(step) {
    this.step = Math.min(Math.max(step, 0), this.last);
    this.draw();
    this.remember();
    const { x, width } = this.columns[this.step + 1], view = this.scroll;
    if (x < view.scrollLeft || x + width > view.scrollLeft + view.clientWidth)
      view.scrollLeft = x + width / 2 - view.clientWidth / 2;
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !this.data) return;
    let focused = document.activeElement;
    while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
    const own = focused && this.root.contains(focused);
    if (focused === this.slider || (!own && focused?.closest(TAKES_KEYS))) return;
    const to = { ArrowLeft: this.step - 1, ArrowRight: this.step + 1, Home: 0, End: this.last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.go(to);
  }

  // The best so far: the best score among what is open and what is finished; in the end, only what is finished counts.
  lead() {
    const done = this.data.finished[this.step].map(({ branch, score }) => ({ number: branch, score }));
    if (this.step === this.last && done.length) return done[0].number;
    return [...done, ...this.open()].reduce((a, b) => (b.score > a.score ? b : a)).number;
  }

  open() { return [...this.nodes.values()].filter(({ step, fate }) => step === this.step && fate === "kept"); }

  path(number) {
    const path = [];
    for (let node = this.nodes.get(number); node && node.number !== START; node = this.nodes.get(node.parent)) path.unshift(node);
    return path;
  }

  draw() {
    const { words, finished, ended } = this.data;
    const lead = this.lead();
    this.best = new Set([START, ...this.path(lead).map(({ number }) => number)]);
    this.alive = new Set(this.best);
    for (const number of [...this.open().map((node) => node.number), ...finished[this.step].map(({ branch }) => branch)])
      for (const node of this.path(number)) this.alive.add(node.number);
    const seen = this.chosen !== null && this.nodes.get(this.chosen).step <= this.step;
    this.shown = seen ? this.chosen : lead;
    const drawn = [...this.nodes.values()].filter(({ step }) => step <= this.step);
    const active = this.root.getRootNode().activeElement;
    const focus = this.focus ?? (active && this.svg.contains(active) ? active.dataset.name : null);
    this.svg.replaceChildren(...drawn.filter(({ step }) => step >= 0).map((node) => this.edge(node)), ...drawn.map((node) => this.node(node)));
    this.focus = null;
    if (focus) this.root.querySelector(`[data-name=${focus}]`)?.focus({ preventScroll: true });
    this.slider.value = this.step;
    this.count.textContent = `${words.step} ${this.step} / ${this.last}`;
    this.back.setAttribute("aria-disabled", this.step === 0);
    this.next.setAttribute("aria-disabled", this.step === this.last);
    this.ended.textContent = this.step === this.last ? words[`ended_${ended}`] : "";
    tellBranch(this);
    tellStep(this);
  }

  spot({ step, rank, text }) {
    const { x } = this.columns[step + 1];
    return { x, y: EDGE + (rank - 1) * ROW, width: this.wide(text) };
  }

  edge(node) {
    const from = this.spot(this.nodes.get(node.parent ?? START)), to = this.spot(node);
    const [x, y, end] = [from.x + from.width, from.y + TALL / 2, to.y + TALL / 2], middle = (x + to.x) / 2;
    const path = shape("path", { d: `M${x} ${y}C${middle} ${y} ${middle} ${end} ${to.x} ${end}`, class: `edge ${this.kind(node)}` });
    if (node.fate !== "dropped") path.style.strokeWidth = 1 + 5 * node.p;
    return path;
  }

  kind({ number, fate }) {
    if (fate === "dropped") return fate;
    return `${fate}${this.best.has(number) ? " best" : ""}${this.alive.has(number) ? "" : " gone"}`;
  }

  node(node) {
    const { x, y, width } = this.spot(node);
    const group = shape("g", {
      class: `node ${this.kind(node)}${node.special ? " special" : ""}`, role: "button", transform: `translate(${x} ${y})`,
      tabindex: node.number === this.shown ? 0 : -1, "aria-pressed": node.number === this.shown, "aria-label": labelOf(this, node),
    });
    group.dataset.name = `node${node.number}`;
    const title = shape("title", {}), text = shape("text", { x: 9, y: 18.5 });
    title.textContent = labelOf(this, node);
    text.textContent = node.text;
    group.append(title, shape("rect", { width, height: TALL, rx: 7 }), text);
    if (width >= WIDEST) { text.setAttribute("textLength", WIDEST - 18); text.setAttribute("lengthAdjust", "spacingAndGlyphs"); }
    group.onclick = () => this.choose(node.number);
    group.onkeydown = (event) => this.walk(event, node);
    return group;
  }

  walk(event, node) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.choose(node.number);
    }
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const other = [...this.nodes.values()].find(({ step, rank }) => step === node.step && rank === node.rank + by);
    if (other) this.root.querySelector(`[data-name=node${other.number}]`).focus();
  }

  choose(number) {
    this.chosen = number;
    this.focus = `node${number}`;
    this.draw();
    if (number !== START) this.send("node", { number, nonce: performance.now() });
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gf");
  parentElement.beam ??= new Beam(root);
  parentElement.beam.show(data, setTriggerValue);
  return () => {
    parentElement.beam.close();
    parentElement.beam = undefined;
  };
}
