// The path of a first visit: numbered links, the one where the reader stands, and the next one once more by its name.
import { drawnAnew, mounted } from "../shared/component.js";
import { fill, make } from "../shared/dom.js";
import { pageLink } from "../shared/links.js";

/**
 * @typedef {object} PathData
 * @property {{label: string, href: string}[]} stops
 * @property {number} here from 1; 0 is before the first
 * @property {Record<string, string>} words name, stop, and next: "" where nothing leads on
 */

/** @type {(root: HTMLElement, data: PathData, send: (name: "go", value: number) => void) => void} */
const show = (root, { stops, here, words }, send) => {
  const nav = make("nav", here ? "" : "before"), strip = make("ol", "strip");
  nav.setAttribute("aria-label", words.name);
  stops.forEach((stop, i) => {
    const item = make("li"), number = i + 1, at = pageLink(stop.href, "", () => send("go", number), number === here ? "here" : number < here ? "done" : "");
    at.append(make("b", "", `${number}`), stop.label);
    at.title = fill(words.stop, { i: number, n: stops.length });
    if (number === here) at.setAttribute("aria-current", "step");
    item.append(at);
    strip.append(item);
  });
  nav.append(strip);
  if (words.next) {
    nav.append(pageLink(stops[here].href, `${words.next} →`, () => send("go", here + 1), "next"));
  }
  root.replaceChildren(nav);
  const now = /** @type {HTMLElement | null} */ (strip.querySelector(".here"));
  if (now) strip.scrollLeft = now.offsetLeft - strip.offsetLeft - 40; // on a phone the strip is longer than the window
};

export default mounted(drawnAnew(show), import.meta.url);
