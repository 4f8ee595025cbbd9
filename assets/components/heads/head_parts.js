// What the views of a head share: colours as numbers, bytes and floats, how a number and a word are written.
const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const mix = (a, b, t) => a.map((x, i) => x + (b[i] - x) * t);
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const floats = (text) => new Float32Array(bytes(text).buffer);
const plain = (x, digits = 4) => decimals(x, digits);
const limit = (x, low, high) => Math.min(Math.max(x, low), high);
const named = (word, i) => `${i} ${word.text}${word.writes ? ` \u2192 ${word.writes.text}` : ""}`;
// The colours with the numbers at their ends.
const legendOf = (low, signed, palette, high) => {
  const legend = make("div", "scale"), bar = make("span", "bar");
  const colours = signed ? ["negative", "neutral", "positive"].map((name) => `var(--gf-${name})`) : palette;
  bar.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
  legend.append(make("span", "", low), bar, make("span", "", high));
  return legend;
};
