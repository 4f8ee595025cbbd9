// Watch it decode. All steps are here at once; playing, stepping and seeking never ask the server. The step is written
// into the address when the reader stops somewhere. Words keep their places from the first step to the last.
const LINE = 14; // pixels of a weight of 1: equal weights look equal, whatever else is shown
const TAKES_KEYS = "input:not([type=range]), textarea, select, [contenteditable], [role=slider], [role=radio], [role=combobox], " +
  "[role=listbox], [role=tab], [role=menu], [role=option], [data-testid=stButtonGroup]";

// Another page and back: the same sentence goes on where it stood.
const remembered = { sentence: null, step: 0 };

const isolated = (text) => `\u2068${text}\u2069`; // a right-to-left word does not turn the sentence around it

const amongCandidates = ({ candidates, chosen }) => candidates.some(({ id }) => id === chosen.id);

function chips(words, side) {
  return words.map((word) => make("bdi", `chip ${word.special ? "special" : side}`, word.text));
}

class Player {
  constructor(root) {
    this.root = root;
    this.step = null;
    this.playing = null;
    this.speed = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0.5 : 1;
    this.resized = new ResizeObserver(() => this.drawLines());
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  close() {
    this.pause(false);
    clearTimeout(this.writing); // by now the address is another page's
    this.resized.disconnect();
    document.removeEventListener("keydown", this.onKey);
  }

  // New data: another sentence starts over, another head stays at its step.
  show(data) {
    const sentence = JSON.stringify([data.source, data.read, data.written]);
    if (sentence !== this.sentence) { this.pause(false); this.step = null; }
    this.sentence = sentence;
    this.data = data;
    this.last = data.steps.length - 1;
    this.rows = Math.max(...data.steps.map((step) => step.candidates.length + !amongCandidates(step)));
    if (this.step === null) this.step = Math.min(sentence === remembered.sentence ? remembered.step : data.step, this.last);
    this.root.className = `gf ${data.mode}`;
    this.build();
    this.draw();
    if (!this.playing) this.remember();
  }

  build() {
    const { words, source, read, written } = this.data;
    const player = make("div", "player");
    this.stage = make("div", "stage");
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("aria-hidden", "true");
    this.sourceChips = chips(source, "source");
    // <s> first, then what each step writes: step t reads chips 0..t and writes chip t + 1
    this.targetChips = [...chips(read.slice(0, 1), "target"), ...chips(written, "target")];
    const above = make("div", "row"), below = make("div", "row own");
    above.append(...this.sourceChips);
    below.append(...this.targetChips);
    this.stage.append(make("div", "side", words.source), above, make("div", "row gap"), below, make("div", "side", words.target), this.svg);
    this.bars = make("div", "bars");
    this.controls = this.buildControls();
    this.mask = make("div", "mask");
    this.canvas = make("canvas");
    this.canvas.setAttribute("role", "img");
    this.mask.append(make("div", "side", words.mask), this.canvas, make("p", "legend", words.legend));
    this.says = make("p", "says");
    this.says.setAttribute("aria-live", "polite");
    // Unseen, and as tall as the longest of these sentences: what stands below does not move from step to step.
    const tallest = make("p", "tallest", this.data.steps.map((_, step) => this.tell(step)).reduce((a, b) => (a.length > b.length ? a : b)));
    const telling = make("div", "telling");
    telling.append(tallest, this.says);
    this.controls.append(telling);
    player.append(this.stage, this.bars, this.controls, this.mask);
    const focused = this.root.getRootNode().activeElement?.dataset.name;
    this.root.replaceChildren(player);
    if (focused) this.root.querySelector(`[data-name=${focused}]`)?.focus();
    this.resized.disconnect();
    // The words, too: a font that arrives late moves them without changing the size of the stage.
    for (const element of [this.stage, ...this.sourceChips, ...this.targetChips]) this.resized.observe(element);
  }

  buildControls() {
    const { words } = this.data;
    const button = (name, text, act) => {
      const element = make("button", name, text);
      element.type = "button";
      element.dataset.name = name;
      element.onclick = act;
      return element;
    };
    this.back = button("back", `← ${words.back}`, () => this.seek(this.step - 1));
    this.play = button("play", words.play, () => (this.playing ? this.pause() : this.start()));
    this.next = button("next", `${words.next} →`, () => this.seek(this.step + 1));
    this.slider = make("input");
    Object.assign(this.slider, { type: "range", min: 0, max: this.last, step: 1 });
    this.slider.dataset.name = "slider";
    this.slider.setAttribute("aria-label", words.step);
    this.slider.oninput = () => { this.pause(false); this.go(Number(this.slider.value)); };
    this.slider.onchange = () => this.remember();
    this.count = make("span", "count");
    const speed = make("label", "", words.speed);
    const choice = make("select");
    choice.dataset.name = "speed";
    for (const factor of [0.5, 1, 2, 4]) choice.append(new Option(`${factor} ×`, factor, false, factor === this.speed));
    choice.onchange = () => { this.speed = Number(choice.value); if (this.playing) { this.pause(false); this.start(); } };
    speed.append(choice);
    const controls = make("div", "controls");
    controls.setAttribute("role", "group");
    controls.append(this.back, this.play, this.next, this.slider, this.count, speed);
    return controls;
  }

  start() {
    if (this.step === this.last) this.go(0);
    this.playing = setInterval(() => this.tick(), 1400 / this.speed);
    this.draw();
  }

  tick() {
    this.go(this.step + 1);
    if (this.step === this.last) this.pause();
  }

  pause(remember = true) {
    clearInterval(this.playing);
    this.playing = null;
    if (this.data && remember) { this.draw(); this.remember(); }
  }

  seek(step) {
    this.pause(false);
    this.go(step);
    this.remember();
  }

  go(step) {
    this.step = Math.min(Math.max(step, 0), this.last);
    this.draw();
  }

  // Once the reader has stopped: browsers refuse an address that changes with every repeat of a held key.
  remember() {
    clearTimeout(this.writing);
    this.writing = setTimeout(() => {
      const url = new URL(window.location.href);
      url.searchParams.set("step", this.step);
      if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
    }, 200);
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !this.data) return;
    let focused = document.activeElement;
    while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
    if (focused?.closest(TAKES_KEYS)) return;
    const acts = {
      ArrowLeft: () => this.seek(this.step - 1),
      ArrowRight: () => this.seek(this.step + 1),
      Home: () => this.seek(0),
      End: () => this.seek(this.last),
      " ": () => (this.playing ? this.pause() : this.start()),
    };
    if (!acts[event.key] || (event.key === " " && focused?.closest("button, summary, a"))) return;
    event.preventDefault();
    acts[event.key]();
  }

  draw() {
    Object.assign(remembered, { sentence: this.sentence, step: this.step });
    const { words, steps } = this.data;
    this.targetChips.forEach((chip, i) => {
      chip.classList.toggle("later", i > this.step + 1);
      chip.setAttribute("aria-hidden", i > this.step + 1);
      chip.classList.toggle("now", i === this.step + 1);
    });
    this.drawLines();
    this.drawBars(steps[this.step]);
    this.drawMask();
    this.slider.value = this.step;
    this.count.textContent = `${words.step} ${this.step} / ${this.last}`;
    this.play.textContent = this.playing ? words.pause : words.play;
    // Not `disabled`, which would take the focus away from a reader who steps with this very button.
    this.back.setAttribute("aria-disabled", this.step === 0);
    this.next.setAttribute("aria-disabled", this.step === this.last);
    this.says.textContent = this.tell(this.step);
  }

  tell(step) {
    const { words, steps, read, written } = this.data;
    const { p, rank } = steps[step].chosen;
    const seen = read.slice(0, step + 1).map((word) => isolated(word.text)).join(" ");
    const ranked = rank === 1 ? words.first : fill(words.ranked, { rank });
    return `${fill(step ? words.sees : words.sees_first, { step, seen })} ` +
      fill(words.writes, { word: isolated(written[step].text), p: percent(p), ranked });
  }

  drawLines() {
    if (!this.data || !this.svg.isConnected) return;
    const frame = this.stage.getBoundingClientRect();
    const middle = (chip) => { const box = chip.getBoundingClientRect(); return { x: box.left + box.width / 2 - frame.left, top: box.top - frame.top, bottom: box.bottom - frame.top }; };
    const step = this.data.steps[this.step];
    const now = middle(this.targetChips[this.step + 1]);
    const line = (path, weight, colour, title) => {
      if (weight < 0.005) return;
      const element = document.createElementNS(SVG, "path");
      element.setAttribute("d", path);
      element.setAttribute("fill", "none");
      element.setAttribute("stroke", colour);
      element.setAttribute("stroke-width", Math.max(LINE * weight, 0.4));
      element.setAttribute("stroke-opacity", 0.75);
      element.setAttribute("stroke-linecap", "round");
      element.dataset.weight = weight;
      element.dataset.kind = title;
      this.svg.append(element);
    };
    this.svg.replaceChildren();
    step.cross.forEach((weight, i) => {
      const from = middle(this.sourceChips[i]);
      const half = (from.bottom + now.top) / 2;
      line(`M${from.x},${from.bottom} C${from.x},${half} ${now.x},${half} ${now.x},${now.top}`, weight, "var(--gf-source)", "cross");
    });
    step.own.slice(0, this.step + 1).forEach((weight, i) => {
      const from = middle(this.targetChips[i]);
      const deep = Math.max(from.bottom, now.bottom) + Math.min(46, 14 + Math.abs(now.x - from.x) * 0.22);
      line(`M${from.x},${from.bottom} C${from.x},${deep} ${now.x},${deep} ${now.x},${now.bottom}`, weight, "var(--gf-target)", "own");
    });
  }

  drawBars(step) {
    this.bars.replaceChildren(make("div", "side", this.data.words.candidates));
    const given = { id: step.chosen.id, word: this.data.written[this.step].text, p: step.chosen.p };
    const rows = amongCandidates(step) ? step.candidates : [...step.candidates, given];
    for (const candidate of rows) {
      const row = make("div", `bar${candidate.id === step.chosen.id ? " chosen" : ""}`);
      const track = make("span", "track"), length = make("span", "fill");
      length.style.width = `${100 * candidate.p}%`;
      track.append(length);
      const name = make("bdi", "name", candidate.word);
      row.append(name, track, make("span", "", percent(candidate.p)));
      this.bars.append(row);
    }
    // A given word may need a row of its own at some steps; what stands below stays where it is at the others.
    if (rows.length < this.rows) {
      const empty = make("div", "bar");
      empty.append(make("span", "", "\u00a0"));
      empty.style.visibility = "hidden";
      this.bars.append(empty);
    }
  }

  drawMask() {
    const n = this.data.steps.length;
    const size = Math.max(4, Math.min(26, Math.floor(300 / n)));
    const scale = window.devicePixelRatio || 1;
    const style = getComputedStyle(this.root);
    const colour = (name) => style.getPropertyValue(`--gf-${name}`).trim();
    Object.assign(this.canvas, { width: n * size * scale, height: n * size * scale });
    this.canvas.style.width = `${n * size}px`;
    const pen = this.canvas.getContext("2d");
    pen.scale(scale, scale);
    this.data.steps.forEach(({ mask }, row) => mask.forEach((open, column) => {
      const x = column * size, y = row * size;
      if (row > this.step) {
        pen.strokeStyle = colour("line");
        pen.strokeRect(x + 1, y + 1, size - 2, size - 2);
        return;
      }
      pen.fillStyle = open ? colour("target") : colour("blocked");
      pen.globalAlpha = open && row < this.step ? 0.45 : 1;
      pen.fillRect(x + 1, y + 1, size - 2, size - 2);
      pen.globalAlpha = 1;
      if (!open && size >= 8) {
        pen.strokeStyle = colour("muted");
        pen.beginPath();
        pen.moveTo(x + size * 0.35, y + size * 0.35); pen.lineTo(x + size * 0.65, y + size * 0.65);
        pen.moveTo(x + size * 0.65, y + size * 0.35); pen.lineTo(x + size * 0.35, y + size * 0.65);
        pen.stroke();
      }
    }));
    pen.strokeStyle = colour("selected");
    pen.lineWidth = 2;
    pen.strokeRect(1, this.step * size + 1, n * size - 2, size - 2);
    const open = this.data.steps[this.step].mask.filter(Boolean).length;
    this.canvas.setAttribute("aria-label", fill(this.data.words.mask_alt, { step: this.step, open, n }));
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".gf");
  parentElement.player ??= new Player(root);
  parentElement.player.show(data);
  return () => {
    parentElement.player.close();
    parentElement.player = undefined;
  };
}
