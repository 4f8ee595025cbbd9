// Buttons, slider and keys that step through something, without a trip to the server. The step is written into the
// address when the reader stops somewhere.
const TAKES_KEYS = "input:not([type=range]), textarea, select, [contenteditable], [role=slider], [role=radio], [role=combobox], " +
  "[role=listbox], [role=tab], [role=menu], [role=menuitem], [role=option], [data-testid=stButtonGroup]";
const PACE = 1400; // milliseconds per step, unless a player says otherwise

class Steps {
  // `words`: back, play, pause, next, step; `draw` is called with each step that is to be shown.
  constructor(words, last, step, draw) {
    Object.assign(this, { words, last, step, draw, playing: null, pace: PACE });
    this.back = this.button("back", `← ${words.back}`, () => this.seek(this.step - 1));
    this.play = this.button("play", words.play, () => (this.playing ? this.pause() : this.start()));
    this.next = this.button("next", `${words.next} →`, () => this.seek(this.step + 1));
    this.slider = make("input");
    Object.assign(this.slider, { type: "range", min: 0, max: last, step: 1 });
    this.slider.dataset.name = "slider";
    this.slider.setAttribute("aria-label", words.step);
    this.slider.oninput = () => this.seek(Number(this.slider.value));
    this.slider.onchange = () => this.remember();
    this.count = make("span", "count");
    this.element = make("div", "controls");
    this.element.setAttribute("role", "group");
    this.element.append(this.back, this.play, this.next, this.slider, this.count);
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  close() {
    this.halt();
    clearTimeout(this.writing); // by now the address is another page's
    document.removeEventListener("keydown", this.onKey);
  }

  button(name, text, act) {
    const element = make("button", name, text);
    element.type = "button";
    element.dataset.name = name;
    element.onclick = act;
    return element;
  }

  start() {
    if (this.step === this.last) this.step = 0;
    this.playing = setInterval(() => {
      if (this.step + 1 < this.last) this.go(this.step + 1);
      else this.seek(this.last);
    }, this.pace);
    this.show();
  }

  halt() {
    clearInterval(this.playing);
    this.playing = null;
  }

  pause() { this.seek(this.step); }

  seek(step) {
    this.halt();
    this.go(step);
    this.remember();
  }

  setPace(pace) {
    this.pace = pace;
    if (this.playing) { this.halt(); this.start(); }
  }

  go(step) {
    this.step = Math.min(Math.max(step, 0), this.last);
    this.show();
  }

  show() {
    this.slider.value = this.step;
    this.count.textContent = `${this.words.step} ${this.step} / ${this.last}`;
    this.play.textContent = this.playing ? this.words.pause : this.words.play;
    // Not `disabled`, which would take the focus away from a reader who steps with this very button.
    this.back.setAttribute("aria-disabled", this.step === 0);
    this.next.setAttribute("aria-disabled", this.step === this.last);
    this.draw(this.step);
  }

  // Once the reader has stopped: browsers refuse an address that changes with every repeat of a held key.
  remember() {
    clearTimeout(this.writing);
    this.writing = setTimeout(() => writeQuery("step", this.step), 200);
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
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
}
