// Watch it decode. All steps are here at once; playing, stepping and seeking never ask the server. The step is written
// into the address when the reader stops somewhere. Words keep their places from the first step to the last.
import { coloursOf } from "../shared/draw/colours.js";
import { mounted } from "../shared/mount/component.js";
import { focusIn, make, named } from "../shared/draw/dom.js";
import { handle, hearWords, lightIn, wordName, wordPointedAt } from "../shared/input/pointing.js";
import { roomFor, Steps } from "../shared/input/steps.js";
import { svg } from "../shared/draw/svg.js";
import { makeTold, withTerms } from "../shared/draw/terms.js";
import { buildBars, buildLines, drawBars, drawLines, drawMask, findPlaces } from "./pictures.js";
import { buildCache, drawCache, listKeys, tellOpen } from "./run.js";
import { unpacked } from "./wire.js";
import { given, tellLooks, tellStep, tellWeight } from "./words.js";

const SECOND = 1000; // milliseconds per step at speed 1
const COLOURS = ["line", "target", "blocked", "muted", "selected", "k", "v", "opposite"]; // of what is drawn on canvases

// Another page and back: the same sentence goes on where it stood.
const remembered = { sentence: null, step: 0 };

function chips(words, side) {
  return words.map((word) => make("bdi", `chip ${word.special ? "special" : side}`, word.text));
}

class Player {
  /** @type {Record<string, string>} */ colours;
  /** @type {HTMLDivElement} */ stage;
  /** @type {SVGSVGElement} */ svg;
  /** @type {any} */ sourceChips;
  /** @type {any[]} */ targetChips;
  /** @type {HTMLDivElement} */ bars;
  /** @type {HTMLDivElement} */ controls;
  /** @type {HTMLDivElement} */ mask;
  /** @type {HTMLCanvasElement} */ canvas;
  /** @type {any} */ masked;
  /** @type {{ all: any; element: HTMLParagraphElement; room: HTMLDivElement; }[]} */ said;
  /** @type {number} */ rest;
  /** @type {Steps} */ steps;

  constructor(root) {
    this.root = root;
    root.dataset.picture = ""; // what its page is about
    this.data = this.sentence = this.source = this.send = null;
    this.lines = this.places = this.rows = null;
    /** @type {HTMLCanvasElement[]} */
    this.cached = [];
    this.speed = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0.5 : 1;
    this.deaf = hearWords(() => this.light());
    this.resized = new ResizeObserver(() => { this.places = findPlaces(this); drawLines(this); });
  }

  close() {
    this.steps?.close();
    cancelAnimationFrame(this.rest);
    this.resized.disconnect();
    this.deaf();
  }

  get step() { return this.steps.step; }

  // New data: another sentence starts over; another head, or other words of the model for it, stay at their step.
  show(sent, send) {
    const data = unpacked(sent), /** @type {any} */ run = data.run, last = data.steps.length - 1;
    const sentence = JSON.stringify([data.source, data.read, data.written]);
    const source = run && JSON.stringify([run.model, data.source]);
    const same = sentence === this.sentence, playing = same && this.steps.playing;
    let step = sentence === remembered.sentence ? remembered.step : data.step;
    if (same || (source && source === this.source)) step = this.step;
    this.steps?.close();
    Object.assign(this, { data, sentence, source, send });
    this.steps = new Steps(data.words, last, Math.min(step, last), () => this.draw());
    this.steps.pace = SECOND / this.speed;
    const focused = focusIn(this.root), colour = coloursOf(this.root);
    this.colours = Object.fromEntries(COLOURS.map((name) => [name, colour(name)]));
    this.build();
    this.places = findPlaces(this);
    this.steps.show();
    if (playing) this.steps.start();
    else this.steps.remember();
    this.focus(focused);
  }

  build() {
    const { words, source, read, written } = this.data, first = read.slice(0, 1);
    const player = make("div", "player");
    this.stage = make("div", "stage");
    this.svg = svg("svg", { "aria-hidden": true });
    this.sourceChips = chips(source, "source");
    // <s> first, then what each step writes: step t reads chips 0..t and writes chip t + 1
    this.targetChips = [...chips(first, "target"), ...chips(written, "target")];
    const [reads, writes] = this.data.lists;
    this.sourceChips.forEach((chip, i) => handle(chip, wordName(reads, i)));
    this.targetChips.forEach((chip, i) => handle(chip, wordName(writes, i)));
    written.forEach((_, step) => this.targetChips[step + 1].classList.toggle("typed", given(this.data, step)));
    const above = make("div", "row"), below = make("div", "row own");
    above.append(...this.sourceChips);
    below.append(...this.targetChips);
    if (source.length) this.stage.append(make("div", "side", words.source), above, make("div", "row gap"));
    this.stage.append(below, make("div", "side", words.target), this.svg);
    buildLines(this);
    this.bars = make("div", "bars");
    this.bars.onkeydown = listKeys;
    buildBars(this);
    this.controls = this.steps.element;
    this.controls.append(this.choiceOfSpeed());
    this.mask = make("div", "mask");
    this.canvas = make("canvas");
    this.canvas.setAttribute("role", "img");
    this.masked = undefined; // nothing is drawn on it yet
    this.mask.append(makeTold("div", "side", words.mask), this.canvas, makeTold("p", "legend", words.legend));
    this.said = [["says", tellStep], ["looks", tellLooks], ["open", tellOpen]].map(([name, tell]) => this.saying(name, tell));
    const telling = make("div", "telling");
    telling.append(...this.said.map(({ room }) => room));
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
    const same = name && named(this.root, name);
    (same || (name && this.bars.querySelector("button.chosen")))?.focus();
  }

  choiceOfSpeed() {
    const speed = make("label", "", this.data.words.speed), choice = make("select");
    choice.dataset.name = "speed";
    for (const factor of [0.5, 1, 2, 4]) choice.append(new Option(`${factor} ×`, String(factor), false, factor === this.speed));
    choice.onchange = () => {
      this.speed = Number(choice.value);
      this.steps.setPace(SECOND / this.speed);
    };
    speed.append(choice);
    return speed;
  }

  saying(name, tell) {
    const element = make("p", name), all = this.data.steps.map((_, step) => tell(this.data, step));
    element.setAttribute("aria-live", "polite");
    return { all, element, room: roomFor(element, all) };
  }

  // While it plays, a step is shared out to frames, with one left free after each part: a part that takes longer than its
  // frame, on a busy machine, does not keep the next one waiting.
  draw() {
    cancelAnimationFrame(this.rest);
    Object.assign(remembered, { sentence: this.sentence, step: this.step });
    this.drawParts([() => this.drawWords(), () => this.drawBeside(), () => this.tell()]);
  }

  /** @param {(() => void)[]} parts */
  drawParts([part, ...rest]) {
    part();
    if (!rest.length) return;
    const next = () => this.drawParts(rest);
    if (this.steps.playing) this.rest = requestAnimationFrame(() => { this.rest = requestAnimationFrame(next); });
    else next();
  }

  drawWords() {
    this.targetChips.forEach((chip, i) => {
      chip.classList.toggle("later", i > this.step + 1);
      chip.setAttribute("aria-hidden", String(i > this.step + 1));
      chip.classList.toggle("now", i === this.step + 1);
    });
    drawLines(this);
    this.light();
  }

  // Of the word that is pointed at, its chip, and its line among the fainter others.
  light() {
    if (!this.lines) return;
    const word = wordPointedAt();
    lightIn(this.stage, word);
    const chips = { cross: this.sourceChips, own: this.targetChips };
    const own = Object.entries(chips).find(([, all]) => all.some((chip) => chip.dataset.word === word));
    for (const [kind, lines] of Object.entries(this.lines)) lines.forEach((line, i) => {
      line.style.opacity = own && own[0] === kind && chips[kind][i].dataset.word !== word ? "0.15" : "";
    });
  }

  drawBeside() {
    drawBars(this);
    drawMask(this);
    drawCache(this);
  }

  tell() {
    for (const { all, element } of this.said) element.replaceChildren(...withTerms(all[this.step]));
    this.weigh();
  }

  // What a line shows by its thickness, its word says to who points at it; what is not read yet has no weight. While it
  // plays, none says it: it would be the weight of a step that has gone before anybody has read it.
  weigh() {
    const { source, read, steps } = this.data;
    const { cross, own } = steps[this.step];
    const name = (chip, word, weight) => {
      if (weight === undefined || this.steps.playing) chip.removeAttribute("title");
      else chip.title = tellWeight(this.data, word, weight);
    };
    this.sourceChips.forEach((chip, i) => name(chip, source[i], cross[i]));
    this.targetChips.forEach((chip, i) => name(chip, read[i], own[i]));
  }
}

export default mounted(Player, import.meta.url);
