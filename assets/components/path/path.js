// What stands at the foot of a page: the path of a first visit as numbered links, and what comes next by its name.
import { drawnAnew, mounted } from "../shared/mount/component.js";
import { fill, make } from "../shared/draw/dom.js";
import { pageLink } from "../shared/draw/links.js";

/**
 * @typedef {object} PathData
 * @property {{label: string, href: string}[]} stops none on a page that is not on the path
 * @property {number} here from 1; 0 is before the first
 * @property {{label: string, href: string} | null} onward what comes next
 * @property {Record<string, string>} words name and stop
 */

/** @type {(root: HTMLElement, data: PathData, send: (name: "go", value: number) => void) => void} */
const show = (root, { stops, here, onward, words }, send) => {
  const nav = make("nav", stops.length && !here ? "before" : ""), strip = make("ol", "strip");
  nav.setAttribute("aria-label", words.name);
  stops.forEach((stop, i) => {
    const item = make("li"), number = i + 1, at = pageLink(stop.href, "", () => send("go", number), number === here ? "here" : number < here ? "done" : "");
    at.append(make("b", "", `${number}`), stop.label);
    at.title = fill(words.stop, { i: number, n: stops.length });
    if (number === here) at.setAttribute("aria-current", "step");
    item.append(at);
    strip.append(item);
  });
  if (stops.length) nav.append(strip);
  if (onward) nav.append(pageLink(onward.href, `${onward.label} →`, () => send("go", 0), "next"));
  root.replaceChildren(nav);
  const now = /** @type {HTMLElement | null} */ (strip.querySelector(".here"));
  // On a phone the strip is longer than the window: it is scrolled no further than the present stop needs.
  if (now) strip.scrollLeft = Math.min(now.offsetLeft, now.offsetLeft + now.offsetWidth - strip.clientWidth);
};

export default mounted(drawnAnew(show), import.meta.url);
