// Style sheets with what they import, kept: a component that stood on an earlier page is styled before its first frame.

/** @type {Map<string, CSSStyleSheet[]>} those that are here, in the order in which they apply */
const here = new Map();
/** @type {Map<string, Promise<CSSStyleSheet[]>>} */
const onTheirWay = new Map();

const IMPORT = /^@import "(.+)";$/gm; // a sheet that JavaScript makes may not import

async function load(href) {
  const answer = await fetch(href);
  if (!answer.ok) throw new Error(href);
  const text = await answer.text();
  const before = await Promise.all([...text.matchAll(IMPORT)].map(([, path]) => sheets(new URL(path, href).href)));
  const found = [...before.flat(), await new CSSStyleSheet().replace(text.replace(IMPORT, ""))];
  here.set(href, found);
  return found;
}

/** @type {(href: string) => Promise<CSSStyleSheet[]>} one that did not come is asked for again */
function sheets(href) {
  const coming = onTheirWay.get(href) ?? load(href);
  onTheirWay.set(href, coming);
  coming.catch(() => onTheirWay.delete(href));
  return coming;
}

/**
 * Style a place: at once if all sheets are here, and then nothing is returned.
 *
 * @param {ShadowRoot} place
 * @param {string[]} hrefs
 * @returns {Promise<void> | null}
 */
export function styled(place, hrefs) {
  const dress = (/** @type {CSSStyleSheet[][]} */ all) => { place.adoptedStyleSheets = [...new Set(all.flat())]; };
  const known = hrefs.map((href) => here.get(href));
  if (known.every((one) => one !== undefined)) return dress(known), null;
  return Promise.all(hrefs.map(sheets)).then(dress);
}
