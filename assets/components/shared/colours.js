// Colours as numbers, and the ink that is easier to read on one of them: that of the text, or of the page.
const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255);
const between = (low, high, t) => low.map((c, n) => c + (high[n] - c) * t);
const brightness = (parts) => { // relative luminance (WCAG)
  const [r, g, b] = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
const inksOf = (style) => ["text", "background"].map((name) => {
  const colour = style.getPropertyValue(`--gf-${name}`).trim();
  return { name, colour, light: brightness(channels(colour)) };
});
const inkOn = (inks, parts) => {
  const light = brightness(parts);
  return [...inks].sort((a, b) => contrast(b.light, light) - contrast(a.light, light))[0];
};
