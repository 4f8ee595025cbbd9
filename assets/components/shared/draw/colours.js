// Colours as numbers from 0 to 255, and the ink that is easier to read on one of them: that of the text, of the page, or, where neither is, black or white.
import { clamp } from "./numbers.js";

/** @typedef {number[]} Channels red, green and blue */
/** @typedef {{name: string, colour: string, light: number}} Ink */

/** @type {(hex: string) => Channels} */
export const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** Channels as a colour that CSS and SVG read. @type {(parts: number[]) => string} */
export const hexOf = (parts) => `#${parts.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;

/** @type {(low: Channels, high: Channels, t: number) => Channels} */
export const between = (low, high, t) => low.map((c, n) => c + (high[n] - c) * t);

/** The colours of the theme, by name, on an element. */
export const coloursOf = (element) => {
  const style = getComputedStyle(element);
  return (/** @type {string} */ name) => style.getPropertyValue(`--gf-${name}`).trim();
};

/**
 * A colour on a scale of [place, colour] from 0 to 1.
 *
 * @type {(steps: [number, Channels][], share: number) => Channels}
 */
export const along = (steps, share) => {
  const at = clamp(share, 0, 1), above = Math.max(1, steps.findIndex(([step]) => step >= at));
  const [[from, low], [to, high]] = [steps[above - 1], steps[above]];
  return between(low, high, (at - from) / (to - from));
};

/** @type {(parts: Channels) => number} relative luminance (WCAG) */
export const brightness = (parts) => {
  const [r, g, b] = parts.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);

/** @type {(colour: (name: string) => string) => Ink[]} */
export const inksOf = (colour) => [
  ...["text", "background"].map((name) => [name, colour(name)]), ["black", hexOf([0, 0, 0])], ["white", hexOf([255, 255, 255])],
].map(([name, hex]) => ({ name, colour: hex, light: brightness(channels(hex)) }));

const READABLE = 4.5; // the contrast that WCAG asks of letters; on any colour either black or white has it

/** @type {(inks: Ink[], parts: Channels) => Ink} */
export const inkOn = (inks, parts) => {
  const light = brightness(parts), best = (some) => [...some].sort((a, b) => contrast(b.light, light) - contrast(a.light, light))[0];
  const ink = best(inks.slice(0, 2));
  return contrast(ink.light, light) < READABLE ? best(inks) : ink;
};
