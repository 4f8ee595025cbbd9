// The path of a first visit: numbered links, the one where the reader stands, and the next one once more by its name.
import { drawnAnew, mounted } from "../shared/component.js";
import { fill, make } from "../shared/dom.js";

/**
 * @typedef {object} PathData
 * @property {{label: string, href: string}[]} stops
 * @property {number} here from 1; 0 is before the first
 * @property {Record<string, string>} words name, stop, and next: "" where nothing leads on
 */

// A plain click goes there within the session; with a key held down, or the other button, it is a link like any other.
const link = ({ href }, number, className, send) => {
  const found = make("a", className);
  found.href = new URL(href, document.baseURI).href;
  found.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    send("go", number);
  };
  return found;
};

/** @type {(root: HTMLElement, data: PathData, send: (name: "go", value: number) => void) => void} */
const show = (root, { stops, here, words }, send) => {
  const nav = make("nav", here ? "" : "before"), strip = make("ol", "strip");
  nav.setAttribute("aria-label", words.name);
  stops.forEach((stop, i) => {
    const item = make("li"), number = i + 1, at = link(stop, number, number === here ? "here" : number < here ? "done" : "", send);
    at.append(make("b", "", `${number}`), stop.label);
    at.title = fill(words.stop, { i: number, n: stops.length });
    if (number === here) at.setAttribute("aria-current", "step");
    item.append(at);
    strip.append(item);
  });
  nav.append(strip);
  if (words.next) {
    const on = link(stops[here], here + 1, "next", send);
    on.textContent = `${words.next} →`;
    nav.append(on);
  }
  root.replaceChildren(nav);
  const now = /** @type {HTMLElement | null} */ (strip.querySelector(".here"));
  if (now) strip.scrollLeft = now.offsetLeft - strip.offsetLeft - 40; // on a phone the strip is longer than the window
};

export default mounted(drawnAnew(show), import.meta.url);
