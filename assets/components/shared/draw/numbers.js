// Numbers as they are sent, and as they are written.

export const MINUS = "\u2212";

/** @type {(x: number, low: number, high: number) => number} */
export const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

/** Bytes, and 32-bit floats, that were sent in base64: in a plain loop, a tenth of the time of a callback for each. */
/** @type {(text: string) => Uint8Array<ArrayBuffer>} */
export const bytes = (text) => {
  // The younger way is the faster one, but not every browser has it.
  const known = Uint8Array["fromBase64"]?.(text);
  if (known) return known;
  const letters = atob(text), found = new Uint8Array(letters.length);
  for (let i = 0; i < found.length; i++) found[i] = letters.charCodeAt(i);
  return found;
};
export const floats = (text) => new Float32Array(bytes(text).buffer);

const PARTS = 127;

/**
 * Numbers that were sent as whole parts of the largest, a byte each; infinity where one is not finite.
 *
 * @type {(sent: {reach: number, parts: string}) => Float64Array}
 */
export const coarse = ({ reach, parts }) => Float64Array.from(new Int8Array(bytes(parts).buffer), (part) => (part < -PARTS ? Infinity : (part / PARTS) * reach));

/**
 * A number with so many digits, with a real minus, and no zero with a sign.
 *
 * @type {(x: number, digits: number) => string}
 */
export const decimals = (x, digits) => (Number(x.toFixed(digits)) + 0).toFixed(digits).replace("-", MINUS);

/** A number of an axis, as short as can be. */
export const short = (x) => {
  const size = Math.abs(x);
  const text = size === 0 ? "0" : size >= 100 ? x.toFixed(0) : size >= 0.01 ? String(Number(x.toPrecision(2))) : x.toExponential(0);
  return text.replace("-", MINUS);
};

export const percent = (p) => (p < 0.001 ? "< 0.1 %" : `${(100 * p).toFixed(p >= 0.9995 ? 0 : 1)} %`);
