// Words as points of a plane while their vectors come to be: a slider goes through the moments of the training, a click on
// a word shows which words are nearest to it in all dimensions, wherever the plane has put them.
import { mounted } from "../shared/mount/component.js";
import { fill, focusedName, make, named, pushButton } from "../shared/draw/dom.js";
import { decimals } from "../shared/draw/numbers.js";
import { svg } from "../shared/draw/svg.js";

/** @typedef {{text: string, group: number, places: ([number, number] | null)[], near: [string, number][]}} MapWord */
/** @typedef {{share: number, kept: number, here: number, whole: number, n: number}} Moment how much is done, what the plane keeps, and of how many words the nearest is of their group: in the plane, in all dimensions, of n */
/**
 * @typedef {object} WordMapData
 * @property {MapWord[]} items
 * @property {{name: string, title: string, on: boolean}[]} groups
 * @property {Moment[]} moments
 * @property {string} chosen the word whose neighbours are listed
 * @property {number} width of a vector
 * @property {Record<string, string>} words
 */

const WIDE = 640, HIGH = 350, ROOM = 30, STEP = 900; // px, ms
const TONES = ["positive", "source", "v", "q", "negative", "text", "k", "target", "opposite"];
const LETTER = 7.4, LINE = 15, AWAY = 8; // px, of a label and how far it stands from its point
/** @type {["start" | "end" | "middle", number, number][]} where a label may stand: its anchor, and how far across and down */
const SIDES = [["start", AWAY, 4.5], ["end", -AWAY, 4.5], ["middle", 0, -AWAY], ["middle", 0, AWAY + 10]];

class WordMap {
  /** @type {WordMapData} */ data;
  /** @type {SVGElement} */ lines;
  /** @type {SVGElement[]} */ points;
  /** @type {HTMLElement} */ side;
  /** @type {HTMLElement} */ said;
  /** @type {HTMLButtonElement} */ play;
  /** @type {HTMLInputElement} */ slider;
  /** @type {(name: "group" | "word", value: any) => void} */ send;

  constructor(root) {
    this.root = root;
    root.dataset.picture = ""; // what its page is about
    this.moment = -1;
    this.timer = 0;
  }

  close() { clearInterval(this.timer); }

  /** @type {(data: WordMapData, send: (name: "group" | "word", value: any) => void) => void} */
  show(data, send) {
    this.data = data;
    this.send = (name, value) => send(name, { ...value, nonce: performance.now() });
    if (this.moment < 0 || this.moment >= data.moments.length) this.moment = data.moments.length - 1;
    if (!data.items.some(({ text }) => text === this.word)) this.word = data.chosen;
    const kept = focusedName(this.root), both = make("div", "both");
    this.side = make("aside");
    both.append(this.plane(), this.side);
    const top = make("div", "top");
    top.append(this.groups(), this.player());
    this.root.replaceChildren(top, both);
    this.place();
    if (kept) named(this.root, kept)?.focus({ preventScroll: true });
  }

  groups() {
    const row = make("div", "groups"), { groups, words } = this.data;
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", words.groups);
    row.append(...groups.map(({ name, title, on }, i) => {
      const button = pushButton(`group-${name}`, title, () => this.send("group", { name }), `tone${i % TONES.length}`);
      button.style.setProperty("--tone", `var(--gf-${TONES[i % TONES.length]})`);
      button.setAttribute("aria-pressed", String(on));
      return button;
    }));
    return row;
  }

  player() {
    const { moments, words } = this.data, row = make("div", "player");
    if (moments.length < 2) return row;
    this.play = pushButton("play", "▶", () => this.run(), "play");
    this.play.setAttribute("aria-label", words.play);
    this.slider = make("input");
    Object.assign(this.slider, { type: "range", min: 0, max: moments.length - 1, step: 1, value: this.moment });
    this.slider.dataset.name = "moment";
    this.slider.setAttribute("aria-label", words.moment);
    this.slider.oninput = () => { this.stop(); this.go(Number(this.slider.value)); };
    this.said = make("span", "said");
    row.append(this.play, this.slider, this.said);
    return row;
  }

  run() {
    if (this.timer) return this.stop();
    this.go(0);
    this.play.textContent = "■";
    this.timer = setInterval(() => (this.moment + 1 < this.data.moments.length ? this.go(this.moment + 1) : this.stop()), STEP);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    if (this.play) this.play.textContent = "▶";
  }

  go(moment) {
    this.moment = moment;
    if (this.slider) this.slider.value = String(moment);
    this.place();
  }

  plane() {
    const picture = svg("svg", { class: "map", viewBox: `0 0 ${WIDE} ${HIGH}`, role: "group", "aria-label": this.data.words.map });
    this.lines = svg("g", { class: "lines" });
    this.points = this.data.items.map((word) => {
      const point = svg("g", { class: "point", tabindex: 0, role: "button", "data-name": `point-${word.text}`, style: `--tone: var(--gf-${TONES[word.group % TONES.length]})` }, svg("circle", { r: 4.5 }), svg("text", {}, word.text));
      const choose = () => this.choose(word.text);
      point.addEventListener("click", choose);
      point.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); } });
      return point;
    });
    picture.append(this.lines, ...this.points);
    return picture;
  }

  choose(text) {
    this.word = text;
    this.place();
    this.send("word", { word: text });
  }

  // The same scale at all moments: a cloud that grows is seen to grow.
  place() {
    const { items, moments } = this.data, all = items.flatMap(({ places }) => places.filter((p) => p !== null));
    const most = [0, 1].map((axis) => Math.max(...all.map((p) => Math.abs(p[axis])), 1e-9));
    const scale = Math.min((WIDE / 2 - ROOM - 26) / most[0], (HIGH / 2 - ROOM / 2) / most[1]);
    const at = (p) => [WIDE / 2 - 16 + p[0] * scale, HIGH / 2 - p[1] * scale];
    const spots = new Map();
    items.forEach((word, i) => {
      const p = word.places[this.moment];
      this.points[i].style.display = p ? "" : "none";
      if (!p) return;
      const [x, y] = at(p);
      spots.set(word.text, [x, y]);
      this.points[i].style.transform = `translate(${x}px, ${y}px)`;
      this.points[i].classList.toggle("chosen", word.text === this.word);
    });
    this.label(spots);
    const mine = items.find(({ text }) => text === this.word), from = spots.get(this.word);
    const near = mine && from && this.moment === moments.length - 1 ? mine.near.filter(([text]) => spots.has(text)) : [];
    this.lines.replaceChildren(...near.map(([text]) => svg("line", { x1: from[0], y1: from[1], x2: spots.get(text)[0], y2: spots.get(text)[1] })));
    this.tell(mine);
  }

  // Each label takes the first side on which it lies upon no other label and no point.
  label(spots) {
    const taken = [...spots.values()].map(([x, y]) => [x - 4, y - 4, x + 4, y + 4]);
    this.data.items.forEach(({ text }, i) => {
      const spot = spots.get(text);
      if (!spot) return;
      const width = text.length * LETTER, boxes = SIDES.map(([anchor, dx, dy]) => {
        const left = spot[0] + dx - (anchor === "start" ? 0 : anchor === "end" ? width : width / 2);
        return [left, spot[1] + dy - LINE + 3, left + width, spot[1] + dy + 3];
      });
      const free = boxes.findIndex(([x0, y0, x1, y1]) => x1 < WIDE && x0 > 0 && !taken.some(([a, b, c, d]) => x0 < c && a < x1 && y0 < d && b < y1));
      const side = Math.max(free, 0), [anchor, dx, dy] = SIDES[side], label = /** @type {Element} */ (this.points[i].lastElementChild);
      taken.push(boxes[side]);
      for (const [name, value] of Object.entries({ "text-anchor": anchor, x: dx, y: dy })) label.setAttribute(name, String(value));
      this.points[i].classList.toggle("crowded", free < 0);
    });
  }

  tell(mine) {
    const { moments, words, width } = this.data, now = moments[this.moment];
    if (this.said) this.said.textContent = fill(words.done, { share: `${decimals(100 * now.share, now.share > 0 && now.share < 0.01 ? 1 : 0)} %` });
    const kept = fill(words.kept, { kept: `${decimals(100 * now.kept, 0)} %`, width }), right = fill(words.right, { here: now.here, whole: now.whole, n: now.n, width });
    const list = make("ol");
    if (mine) {
      const most = Math.max(...mine.near.map(([, cosine]) => cosine), 1e-9);
      list.append(...mine.near.map(([text, cosine]) => {
        const row = make("li"), bar = make("span", "bar");
        bar.style.width = `${(100 * Math.max(0, cosine)) / most}%`;
        const track = make("span", "track");
        track.append(bar);
        row.append(make("bdi", "", text), track, make("span", "cosine", decimals(cosine, 2)));
        return row;
      }));
    }
    this.side.replaceChildren(make("h5", "", mine ? fill(words.near, { word: mine.text }) : ""), list, make("p", "", kept), make("p", "", right));
  }
}

export default mounted(WordMap, import.meta.url);
