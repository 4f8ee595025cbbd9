// The words of the map: those that a lane reads, and those that its rows write, each with its probability.
import { make } from "../shared/draw/dom.js";
import { clamp, percent } from "../shared/draw/numbers.js";
import { handle, wordName } from "../shared/input/pointing.js";

const SMALLEST = 13; // pixels of letters

export function readWords({ height, unit }, name, tokens) {
  const list = make("div", "words");
  for (const [i, token] of tokens.entries()) {
    const word = make("span", token.special ? "special" : "");
    handle(word, wordName(name, i));
    word.append(make("bdi", "", token.text));
    word.style.height = `${height}px`;
    word.style.fontSize = `${clamp(height * 0.8, SMALLEST * unit, 19 * unit)}px`;
    list.append(word);
  }
  return list;
}

export function writtenWords({ data, own, height, unit }, causal) {
  const { words, written, typed, probs, before } = data;
  const list = make("div", "written");
  written.forEach((word, i) => {
    const name = make("b", word.special ? "special" : typed[i] ? "typed" : "");
    name.append(make("bdi", "", word.text));
    handle(name, wordName(own[0], i + Number(causal)));
    if (!word.special) name.title = typed[i] ? words.typed : words.own;
    const track = make("span", "track"), bar = make("span", "fill");
    bar.style.width = `${100 * probs[i]}%`;
    track.append(bar);
    if (before) { // of the run without edits
      const edge = make("span", "before");
      edge.style.width = `${100 * before[i]}%`;
      track.append(edge);
      track.title = `${percent(before[i])} → ${percent(probs[i])}`;
    }
    const row = [name, track, make("span", "", percent(probs[i]))];
    for (const cell of row) Object.assign(cell.style, { height: cell === track ? `${height * 0.5}px` : `${height}px`, lineHeight: `${height}px`, fontSize: `${clamp(height * 0.75, SMALLEST * unit, 17 * unit)}px` });
    list.append(...row);
  });
  return list;
}
