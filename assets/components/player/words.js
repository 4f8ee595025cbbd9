// What the player says at a step: every number is one that its picture shows.
import { fill, isolated } from "../shared/draw/dom.js";
import { percent } from "../shared/draw/numbers.js";

const REASONS = {
  most_probable: "first", drawn: "reason_drawn", best_branch: "reason_branch", picked: "reason_picked", kept: "reason_kept", given: "reason_given",
};
const whole = (p) => percent(p).replaceAll(" ", "\u00a0"); // no line begins with the sign

// Whether the word of a step stands in the text with which the model goes on.
export const given = ({ run }, step) => run?.steps[step].reason === "given";

export function tellStep(data, step) {
  const { words, steps, read, written, run } = data, { p, rank } = steps[step].chosen;
  const seen = read.slice(0, step + 1).map((word) => isolated(word.text)).join(" ");
  const reason = run && REASONS[run.steps[step].reason];
  const ranked = reason ? fill(words[reason], { rank }) : rank === 1 ? words.first : fill(words.ranked, { rank });
  return `${fill(step ? words.sees : words.sees_first, { step, seen })} ` +
    fill(given(data, step) ? words.typed : words.writes, { word: isolated(written[step].text), p: whole(p), ranked });
}

export function tellLooks({ words, steps, source, read }, step) {
  const { cross, own } = steps[step];
  return fill(step ? words.looks : words.looks_first, {
    source: strongest(words, source, cross),
    own: strongest(words, read.slice(0, step + 1), own),
  });
}

export function tellWeight({ words }, { text }, weight) {
  return fill(words.weight, { word: isolated(text), p: whole(weight) });
}

// The two words with the largest weights; one that occurs twice is told apart by its position.
function strongest(words, among, weights) {
  const order = among.map((_, i) => i).sort((a, b) => weights[b] - weights[a]);
  const places = order.slice(0, 2).map((i) => {
    const { text } = among[i];
    const again = among.filter((word) => word.text === text).length > 1;
    return fill(again ? words.place_again : words.place, { word: isolated(text), i, p: whole(weights[i]) });
  });
  return places.length ? places.reduce((first, second) => fill(words.both, { first, second })) : "";
}
