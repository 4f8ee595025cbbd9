// Watch it decode. All steps are here at once; playing, stepping and seeking never ask the server. The step is written
// into the address when the reader stops somewhere. Words keep their places from the first step to the last.
const NEAR = 40; // characters: what is shorter by more is not taller, since a line ends at most a word too early
const TAKES_KEYS = "input:not([type=range]), textarea, select, [contenteditable], [role=slider], [role=radio], [role=combobox], " +
  "[role=listbox], [role=tab], [role=menu], [role=option], [data-testid=stButtonGroup]";

// Another page and back: the same sentence goes on where it stood.
const remembered = { sentence: null, step: 0 };

function chips(words, side) {
  return words.map((word) => make("bdi", `chip ${word.special ? "special" : side}`, word.text));
}

class Player {
  constructor(root) {
    this.root = root;
    this.step = null;
    this.playing = null;
    this.speed = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0.5 : 1;
    this.resized = new ResizeObserver(() => drawLines(this));
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  close() {
    this.pause(false);
    clearTimeout(this.writing); // by now the address is another page's
    this.resized.disconnect();
    document.removeEventListener("keydown", this.onKey);
  }

  // New data: another sentence starts over; another head, or other words of the model for it, stay at their step.
  show(data, send) {
    const sentence = JSON.stringify([data.source, data.read, data.written]);
    const source = data.run && JSON.stringify([data.run.model, data.source]);
    if (sentence !== this.sentence) {
      this.pause(false);
      if (!source || source !== this.source) this.step = null;
    }
    Object.assign(this, { sentence, source, send });
    this.data = data;
    this.last = data.steps.length - 1;
    this.rows = Math.max(...data.steps.map((step) => step.candidates.length + !amongCandidates(step)));
    if (this.step === null) this.step = sentence === remembered.sentence ? remembered.step : data.step;
    this.step = Math.min(this.step, this.last);
    this.root.className = `gf ${data.mode}`;
    const focused = this.root.getRootNode().activeElement;
    this.build();
    this.draw();
    this.focus(focused);
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
    this.bars.onkeydown = listKeys;
    this.controls = this.buildControls();
    this.mask = make("div", "mask");
    this.canvas = make("canvas");
    this.canvas.setAttribute("role", "img");
    this.mask.append(make("div", "side", words.mask), this.canvas, make("p", "legend", words.legend));
    this.said = [["says", tellStep], ["looks", tellLooks], ["open", tellOpen]].map(([name, tell]) => ({ tell, element: this.saying(name, tell) }));
    const telling = make("div", "telling");
    telling.append(...this.said.map(({ element }) => element.parentElement));
    this.controls.append(telling);
    player.append(this.stage, this.bars, this.controls, this.mask);
    if (this.data.run) player.append(buildCache(this));
    this.root.replaceChildren(player);
    this.resized.disconnect();
    // The words, too: a font that arrives late moves them without changing the size of the stage.
    for (const element of [this.stage, ...this.sourceChips, ...this.targetChips]) this.resized.observe(element);
  }

  // The same control, or the word that is written now where a word was chosen or given back.
  focus(before) {
    const name = before?.dataset.name;
    const same = name && this.root.querySelector(`[data-name=${name}]`);
    (same || (name && this.bars.querySelector("button.chosen")))?.focus();
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

  // Under the sentence stand, unseen, the longest that it says at any step: the tallest keeps the room, and nothing moves.
  saying(name, tell) {
    const element = make("p", name);
    element.setAttribute("aria-live", "polite");
    const room = make("div", "room");
    const all = this.data.steps.map((_, step) => tell(this.data, step));
    const longest = Math.max(...all.map((said) => said.length));
    room.append(...all.filter((said) => said.length > longest - NEAR).map((said) => make("p", "unseen", said)), element);
    return element;
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
    const { words } = this.data;
    this.targetChips.forEach((chip, i) => {
      chip.classList.toggle("later", i > this.step + 1);
      chip.setAttribute("aria-hidden", i > this.step + 1);
      chip.classList.toggle("now", i === this.step + 1);
    });
    this.weigh();
    drawLines(this);
    drawBars(this);
    drawMask(this);
    drawCache(this);
    this.slider.value = this.step;
    this.count.textContent = `${words.step} ${this.step} / ${this.last}`;
    this.play.textContent = this.playing ? words.pause : words.play;
    // Not `disabled`, which would take the focus away from a reader who steps with this very button.
    this.back.setAttribute("aria-disabled", this.step === 0);
    this.next.setAttribute("aria-disabled", this.step === this.last);
    for (const { tell, element } of this.said) element.textContent = tell(this.data, this.step);
  }

  // What a line shows by its thickness, its word says to who points at it; what is not read yet has no weight.
  weigh() {
    const { source, read, steps } = this.data;
    const { cross, own } = steps[this.step];
    this.sourceChips.forEach((chip, i) => { chip.title = tellWeight(this.data, source[i], cross[i]); });
    this.targetChips.forEach((chip, i) => {
      if (i <= this.step) chip.title = tellWeight(this.data, read[i], own[i]);
      else chip.removeAttribute("title");
    });
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gf");
  parentElement.player ??= new Player(root);
  parentElement.player.show(data, setTriggerValue);
  return () => {
    parentElement.player.close();
    parentElement.player = undefined;
  };
}
