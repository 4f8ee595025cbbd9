// What stands below the tree of a beam search: the branch that was chosen, and what the step weighed.
import { fill, make } from "../shared/draw/dom.js";
import { decimals, percent } from "../shared/draw/numbers.js";
import { handle, wordName } from "../shared/input/pointing.js";

export function branchLabel({ data: { words } }, { text, fate, rank, step, total, score, number }) {
  if (number < 0) return words.start;
  const numbers = { total: decimals(total, 2), score: decimals(score, 2) };
  return fill(words.label, { word: text, fate: words[fate], rank, step, ...numbers });
}

function sentenceOf(beam, number) {
  const line = make("p", "sentence");
  line.append(...beam.path(number).flatMap(({ text, special }) => [make("bdi", special ? "special" : "target", text), " "]));
  return line;
}

function bars(list, side, words = "") {
  const rows = make("div", `bars ${side}`);
  rows.append(...list.map(({ text, special, p }, i) => {
    const row = make("div", "bar"), track = make("span", "track"), bar = make("span", "fill");
    const name = make("bdi", `name ${special ? "special" : side}`, text);
    name.title = text;
    if (words) handle(name, wordName(words, i));
    bar.style.width = `${100 * p}%`;
    track.append(bar);
    row.append(name, track, make("span", "share", percent(p)));
    return row;
  }));
  return rows;
}

export function tellBranch(beam) {
  const { words, penalty, source, attention } = beam.data;
  const node = beam.nodes.get(beam.shown), { number, text, step, rank, fate, total, score, p, next } = node;
  if (number < 0) {
    beam.about.replaceChildren(make("h5", "", words.start), make("h6", "", words.first_words), bars(next, "target"));
    return;
  }
  const numbers = { total: decimals(total, 3), score: decimals(score, 3), n: step + 1, alpha: penalty, p: percent(p) };
  const parts = [
    make("h5", "", fill(words.chosen, { word: text, step, rank, fate: words[fate] })),
    sentenceOf(beam, number),
    make("p", "facts", fill(words.facts, numbers)),
  ];
  if (next) parts.push(make("h6", "", words.next_words), bars(next, "target"));
  else parts.push(make("p", "facts", words[`unread_${fate}`]));
  if (attention.number !== number) parts.push(make("p", "legend", words.ask));
  else {
    parts.push(make("h6", "", fill(words.attention, { word: text })));
    parts.push(bars(source.map((word, i) => ({ ...word, p: attention.weights[i] })), "source", beam.data.reads));
  }
  beam.about.replaceChildren(...parts);
}

function table(title, heads, rows) {
  const element = make("table"), head = make("tr");
  element.append(make("caption", "", title), make("thead"), make("tbody"));
  head.append(...heads.map((text) => { const th = make("th", "", text); th.scope = "col"; return th; }));
  element.createTHead().append(head);
  element.tBodies[0].append(...rows.map(({ className, cells }) => {
    const row = make("tr", className);
    row.append(...cells.map((cell) => {
      const td = make("td", typeof cell === "string" ? "number" : "");
      td.append(cell);
      return td;
    }));
    return row;
  }));
  return element;
}

export function tellRanking(beam) {
  const { words, finished } = beam.data, { step } = beam;
  const weighed = [...beam.nodes.values()].filter((node) => node.step === step && node.number >= 0);
  const ranking = weighed.map((node) => ({ className: node.fate, cells: [
    `${node.rank}.`, sentenceOf(beam, node.number), decimals(node.total, 2), decimals(node.score, 2), make("span", "", words[node.fate]),
  ] }));
  const done = finished[step].map(({ branch, total, score }, i) => ({ className: i ? "" : "first", cells: [
    sentenceOf(beam, branch), `${beam.nodes.get(branch).step + 1}`, decimals(total, 2), decimals(score, 2),
  ] }));
  const heads = [words.rank, words.word, words.total, words.score, words.fate];
  const first = table(fill(words.ranking, { step, n: weighed.length }), heads, ranking);
  const second = table(fill(words.done, { step }), [words.sentence, words.words, words.total, words.score], done);
  beam.ranking.replaceChildren(first, second, ...(done.length ? [] : [make("p", "legend", words.none)]));
}
