// What a decoding by the model's own words tells besides its trace: words to pick, the KV cache, and what it saves.
import { fill, isolated, make, penOf } from "../shared/draw/dom.js";
import { clamp, percent } from "../shared/draw/numbers.js";
import { makeTold } from "../shared/draw/terms.js";
import { given } from "./words.js";

const CACHE_ROW = 14; // pixels at most
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

const grouped = (n) => n.toLocaleString("en");
const rounded = (x, digits) => x.toLocaleString("en", { maximumFractionDigits: digits });

function scientific(x) {
  if (x === 0) return "0";
  const [digits, power] = x.toExponential(1).split("e");
  return `${digits} × 10${Number(power) < 0 ? "⁻" : ""}${[...String(Math.abs(power))].map((c) => SUPERSCRIPTS[c]).join("")}`;
}

export function tellOpen({ words, steps }, step) {
  const { entropy } = steps[step];
  return fill(words.open, { nats: entropy.toFixed(2), n: rounded(Math.exp(entropy), entropy < 2 ? 1 : 0) });
}

export function tellCost({ words, run }, step) {
  const { reused, length, cached, uncached } = run.steps[step];
  const numbers = { reused, new: length - reused, cached: grouped(cached), uncached: grouped(uncached), ratio: rounded(uncached / cached, 1) };
  const cost = fill(reused ? words.cost : words.cost_first, numbers);
  return length - reused > 1 ? `${cost} ${words.together}` : cost;
}

// One row of the candidates, which shows a word, or none; a button where the reader may choose the word.
export function candidateRow(player) {
  const { words, run } = player.data;
  const row = /** @type {HTMLButtonElement} */ (make(run ? "button" : "div")), name = make("bdi", "name"), length = make("span", "fill"), share = make("span", "share");
  for (const part of [name, length, share]) {
    const box = make("span");
    box.append(part);
    row.append(box);
  }
  let shown;
  const show = (word, chosen) => {
    shown = word;
    row.className = `bar${chosen ? " chosen" : ""}${word ? "" : " none"}`; // one that shows none keeps its room
    if (!word) return;
    name.textContent = word.word;
    length.style.width = `${100 * word.p}%`;
    share.textContent = percent(word.p);
    if (!run) return;
    row.dataset.name = `word${word.id}`;
    const fixed = given(player.data, player.step); // what was typed is changed in the text
    row.disabled = fixed;
    row.setAttribute("aria-label", fill(fixed ? words.place : chosen ? words.written : words.pick, { word: isolated(word.word), p: percent(word.p) }));
    row.setAttribute("aria-pressed", String(chosen));
    row.tabIndex = chosen ? 0 : -1; // the list is one stop for Tab; the arrows go through it
  };
  if (run) {
    row.type = "button";
    row.onclick = () => { if (row.tabIndex) player.send("pick", { step: player.step, id: shown.id }); };
  }
  return { row, show };
}

export function listKeys(event) {
  const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!move || !event.target.closest("button.bar")) return;
  const all = [...event.currentTarget.querySelectorAll("button.bar:not(.none)")];
  event.preventDefault();
  all[clamp(all.indexOf(event.target) + move, 0, all.length - 1)].focus();
}

// Below the candidates: what a click does, and the way back. Neither changes from step to step.
export function pickNotes({ data, send }) {
  const { words, run } = data;
  if (!run) return [];
  /** @type {HTMLElement[]} */
  const notes = [make("p", "legend", words.pick_hint)];
  if (run.picked.length) {
    const undo = make("button", "undo", words.undo);
    undo.type = "button";
    undo.dataset.name = "undo";
    undo.onclick = () => send("undo", true);
    notes.push(undo);
  }
  return notes;
}

export function buildCache(player) {
  const { data } = player, { words, run } = data;
  const cache = make("div", "cache");
  if (run.difference === null) {
    cache.append(makeTold("p", "legend", words.no_cache));
    return cache;
  }
  const pictures = make("div", "pictures");
  player.cached = ["cache_own", ...(data.source.length ? ["cache_source"] : [])].map((name) => {
    const box = make("div"), canvas = make("canvas");
    canvas.setAttribute("role", "img");
    box.append(make("div", "side", `K, V ${words[name]}`), canvas);
    pictures.append(box);
    return canvas;
  });
  const told = make("div", "telling"), cost = player.saying("cost", tellCost);
  cost.element.removeAttribute("aria-live"); // three sentences are read out at each step already
  player.said.push(cost);
  told.append(cost.room, makeTold("p", "proof", fill(words.proof, { difference: scientific(run.difference) })), makeTold("p", "legend", words.cache_legend));
  cache.append(makeTold("div", "side", words.cache), pictures, told);
  return cache;
}

export function drawCache({ data, step, cached, colours }) {
  if (!data.run || data.run.difference === null) return;
  const { reused, length } = data.run.steps[step];
  const sources = data.source.length;
  cacheRows(cached[0], colours, data.steps.length, reused, length);
  if (sources) cacheRows(cached[1], colours, sources, reused ? sources : 0, sources);
  const told = [[reused, length - reused], reused ? [sources, 0] : [0, sources]];
  cached.forEach((canvas, i) => canvas.setAttribute("aria-label", fill(data.words.cache_alt, { step, reused: told[i][0], new: told[i][1] })));
}

function cacheRows(canvas, colours, n, reused, length) {
  const height = Math.max(3, Math.min(CACHE_ROW, Math.floor(200 / n))), width = 72, gap = 10;
  const scale = window.devicePixelRatio || 1;
  if (canvas.width !== Math.floor((2 * width + gap) * scale)) {
    Object.assign(canvas, { width: (2 * width + gap) * scale, height: n * height * scale });
    canvas.style.width = `${2 * width + gap}px`;
  }
  const pen = penOf(canvas);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, 2 * width + gap, n * height);
  ["k", "v"].forEach((side, i) => {
    for (let row = 0; row < n; row++) {
      /** @type {[number, number, number, number]} */
      const place = [i * (width + gap) + 0.5, row * height + 0.5, width - 1, height - 1.5];
      pen.fillStyle = colours[row < reused ? "opposite" : side];
      pen.globalAlpha = row < reused ? 0.45 : 1;
      pen.strokeStyle = colours.line;
      if (row < length) pen.fillRect(...place);
      else pen.strokeRect(...place);
      pen.globalAlpha = 1;
    }
  });
}
