// Between Streamlit and a component: one object of its class for each place on the page, shown with every change of the
// data. A place is asked to draw before its styles have arrived: then the newest data waits for them.
import { make } from "../draw/dom.js";
import { styled } from "./sheets.js";

/**
 * @template Data
 * @typedef {object} Drawn What a component's class makes of its place.
 * @property {(data: Data, send: Send) => void} show
 * @property {() => void} [close]
 */
/** @typedef {(event: string, value: any) => void} Send */
/** @typedef {{mode: "light" | "dark"}} Common What every component is told; see `ui/parts/modules.py`. */
/**
 * @typedef {object} Called What the loader of the frame calls a component with.
 * @property {string} data a JSON text
 * @property {ShadowRoot} parentElement
 * @property {Send} setTriggerValue
 */
/**
 * @typedef {object} Place
 * @property {HTMLElement} root
 * @property {boolean} styled
 * @property {boolean} lost whether its styles did not come: then it says so, and draws nothing
 * @property {Called | null} newest
 * @property {string} text what is drawn: told once more, it is not drawn again
 * @property {Drawn<any> | null} drawn
 */

/** @type {WeakMap<ShadowRoot, Place>} */
const places = new WeakMap();

// `address` is that of the component's module: its style sheet lies beside it.
const furnish = (parentElement, address, draw) => {
  /** @type {Place} */
  const place = { root: make("div", "gf"), styled: false, lost: false, newest: null, text: "", drawn: null };
  parentElement.replaceChildren(place.root);
  const styles = styled(parentElement, [new URL("../../theme.css", import.meta.url).href, address.replace(/\.js$/, ".css")]);
  place.styled = !styles;
  styles?.then(() => { place.styled = true; draw(place); }, () => { place.lost = true; draw(place); });
  places.set(parentElement, place);
  return place;
};

/**
 * What Streamlit calls: `Component` is made for its place once, shown with each data, and closed at the end.
 *
 * @template Data
 * @param {new (root: HTMLElement) => Drawn<Data>} Component
 * @param {string} address of the component's module
 */
export const mounted = (Component, address) => {
  const draw = (place) => {
    if (!place.newest || !place.root.isConnected) return;
    if (place.lost) {
      place.root.textContent = self.gf.lost;
      return;
    }
    const text = place.newest.data;
    if (text === place.text) return;
    place.text = text;
    const data = JSON.parse(text);
    if (typeof data.words === "string") data.words = self.gf.words[data.words]; // what is told with every click stands in the frame
    place.root.className = `gf ${data.mode}`;
    place.drawn ??= new Component(place.root);
    place.drawn.show(data, (event, value) => place.newest?.setTriggerValue(event, value));
  };
  return (/** @type {Called} */ called) => {
    const place = places.get(called.parentElement) ?? furnish(called.parentElement, address, draw);
    place.newest = called;
    if (place.styled || place.lost) draw(place);
    // Streamlit gives back what it was given for older data, too, even before it hands over the newer: only what has
    // left the page has come to its end.
    const end = () => {
      if (place.newest !== called || place.root.isConnected) return;
      place.drawn?.close?.();
      place.newest = place.drawn = null;
      place.text = "";
    };
    return () => {
      end();
      setTimeout(end);
    };
  };
};

/**
 * A component that is drawn anew with each data, and keeps nothing.
 *
 * @template Data
 * @param {(root: HTMLElement, data: Data, send: Send) => void} show
 * @returns {new (root: HTMLElement) => Drawn<Data>}
 */
export const drawnAnew = (show) => class {
  constructor(root) { this.root = root; }

  show(data, send) { show(this.root, data, send); }
};
