// Buttons, slider and keys that step through something, without a trip to the server. The step is written into the
// address when the reader stops somewhere.
import { writeQuery } from "./address.js";
import { fill, make, pushButton } from "../draw/dom.js";
import { focused, isFree } from "./keys.js";
import { clamp } from "../draw/numbers.js";
import { withoutTerms } from "../draw/terms.js";

const PACE = 1400; // milliseconds per step, unless a player says otherwise
const NEAR = 40; // characters: what is shorter by more is not taller, since a line ends at most a word too early
const FRAME = 1000 / 60; // milliseconds

// Under what is said at a step stands, unseen, the longest of all steps: the tallest keeps the room, and nothing moves.
export function roomFor(element, all) {
  const room = make("div", "room"), unseen = make("div", "unseen"), longest = Math.max(...all.map((said) => said.length));
  element.classList.add("said");
  unseen.append(...all.filter((said) => said.length > longest - NEAR).map((said) => make("p", "", withoutTerms(said))));
  room.append(unseen, element);
  return room;
}

export class Steps {
  /** @type {number} */ due;
  /** @type {number} */ timer;
  /** @type {number} */ frame;
  /** @type {number} */ writing;

  /**
   * @param {Record<string, string>} words back, play, pause, next, step
   * @param {number} last
   * @param {number} step
   * @param {(step: number) => void} draw is called with each step that is to be shown
   */
  constructor(words, last, step, draw) {
    this.words = words;
    this.last = last;
    this.step = step;
    this.draw = draw;
    this.playing = false;
    this.pace = PACE;
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
    const counter = make("span", "counter");
    counter.dataset.longest = this.told(last);
    counter.append(this.count);
    this.element = make("div", "controls");
    this.element.setAttribute("role", "group");
    const slide = make("span", "slide");
    slide.append(this.slider);
    this.element.append(this.back, this.play, this.next, slide, counter);
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  close() {
    this.halt();
    clearTimeout(this.writing); // by now the address is another page's
    document.removeEventListener("keydown", this.onKey);
  }

  button(name, text, act) { return pushButton(name, text, act, name); }

  start() {
    this.playing = true;
    this.due = performance.now() + this.pace;
    this.wait();
    if (this.step === this.last) this.go(0);
    else this.name();
  }

  // A step is drawn as a frame begins, so that it has the whole of that frame: drawn in the middle, it would be late.
  wait() {
    this.timer = setTimeout(() => { this.frame = requestAnimationFrame((now) => this.advance(now)); }, this.due - performance.now() - FRAME);
  }

  advance(now) {
    if (this.step + 1 >= this.last) return void this.seek(this.last);
    this.due = Math.max(this.due, now) + this.pace;
    this.wait();
    this.go(this.step + 1);
  }

  halt() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.frame);
    this.playing = false;
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
    this.step = clamp(step, 0, this.last);
    this.show();
  }

  name() {
    const name = this.playing ? this.words.pause : this.words.play;
    if (this.play.textContent !== name) this.play.textContent = name;
  }

  told(step) { return fill(this.words.count, { step, last: this.last }); }

  show() {
    this.slider.value = String(this.step);
    this.count.textContent = this.told(this.step);
    this.name();
    // Not `disabled`, which would take the focus away from a reader who steps with this very button.
    this.back.setAttribute("aria-disabled", String(this.step === 0));
    this.next.setAttribute("aria-disabled", String(this.step === this.last));
    this.draw(this.step);
  }

  // Once the reader has stopped: browsers refuse an address that changes with every repeat of a held key.
  remember() {
    clearTimeout(this.writing);
    this.writing = setTimeout(() => writeQuery("step", this.step), 200);
  }

  key(event) {
    if (!isFree(event)) return;
    const acts = {
      ArrowLeft: () => this.seek(this.step - 1),
      ArrowRight: () => this.seek(this.step + 1),
      Home: () => this.seek(0),
      End: () => this.seek(this.last),
      " ": () => (this.playing ? this.pause() : this.start()),
    };
    if (!acts[event.key] || (event.key === " " && focused()?.closest("button, summary, a"))) return;
    event.preventDefault();
    acts[event.key]();
  }
}
