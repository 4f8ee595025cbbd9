// The link to what is seen, for others: as text, and as a code for their cameras. And the mode for a projector: nothing but
// the sentence and the picture, large, with keys for what a lecturer does.
import { writeQuery } from "../shared/input/address.js";
import { mounted } from "../shared/mount/component.js";
import { fill, make, pushButton } from "../shared/draw/dom.js";
import { focused, withModifier } from "../shared/input/keys.js";
import { bytes } from "../shared/draw/numbers.js";
import { isPresenting, present } from "../shared/draw/present.js";
import { svg } from "../shared/draw/svg.js";

const THEME = "stActiveTheme-", VERSION = "-v2"; // where Streamlit keeps which theme was chosen, of each address
const QUIET = 4; // modules around a code
const TYPES = "input:not([type=range]), textarea, select, [contenteditable], [role=combobox]"; // what letters are typed into
const AHEAD = ["ArrowRight", "PageDown"], BACK = ["ArrowLeft", "PageUp"]; // a remote control turns pages

/**
 * @typedef {object} PresentData
 * @property {string} others
 * @property {{of: string, size: number, bits: string} | null} qr
 * @property {string} asked
 * @property {Record<string, string>} words
 */
/** @typedef {{share: string}} PresentSends */

/**
 * The link as others have to open it: where the reader's own machine is named, its address in the network.
 *
 * @type {(href: string, others: string) => string}
 */
export const linkFor = (href, others) => {
  const url = new URL(href);
  if (others && isOwn(url.hostname)) url.hostname = others.includes(":") ? `[${others}]` : others;
  url.searchParams.delete("present");
  return url.href;
};

const isOwn = (host) => ["localhost", "127.0.0.1", "[::1]"].includes(host);

// What comes next, at the foot of the page.
/** @type {() => HTMLElement | null | undefined} */
const nextPage = () => document.querySelector(".st-key-path [data-testid=stBidiComponentIsolated]")?.shadowRoot?.querySelector(".next");

class Share {
  /** @type {PresentData} */ data;
  /** @type {(name: "share", value: string) => void} */ send;
  /** @type {HTMLDialogElement} */ dialog;

  constructor(root) {
    this.root = root;
    this.heard = (event) => this.key(event);
    window.addEventListener("keydown", this.heard); // behind all others: a step that somebody took is not taken twice
    if (new URL(window.location.href).searchParams.get("present") === "1") present(true);
  }

  close() { window.removeEventListener("keydown", this.heard); }

  /** @type {(data: PresentData, send: (name: "share", value: string) => void) => void} */
  show(data, send) {
    const open = /** @type {HTMLDialogElement | undefined} */ (this.dialog)?.open;
    Object.assign(this, { data, send });
    const button = Object.assign(make("button", "open", data.words.share), { type: "button", onclick: () => this.open() });
    this.dialog = make("dialog");
    this.root.replaceChildren(button, this.dialog);
    if (open) this.open();
  }

  open() {
    const { data: { words, others, qr, asked } } = this, here = window.location, link = linkFor(here.href, others);
    const field = Object.assign(make("input"), { readOnly: true, value: link });
    field.setAttribute("aria-label", words.link);
    field.onfocus = () => field.select();
    const copy = pushButton("copy", words.copy, async () => {
      field.select();
      await navigator.clipboard?.writeText(link);
      copy.textContent = words.copied;
    });
    const row = make("div", "link"), foot = make("div", "foot");
    row.append(field, copy);
    const parts = [make("h2", "", words.title), row];
    if (qr?.of === link) parts.push(/** @type {any} */ (this.code(qr)));
    else if (asked === link) parts.push(make("p", "note", words.too_long));
    if (isOwn(here.hostname)) parts.push(others ? make("p", "note", fill(words.network, { from: here.hostname, to: others })) : make("p", "warning", words.local));
    foot.append(pushButton("present", words.start, () => { this.dialog.close(); this.turn(); }), pushButton("close", words.close, () => this.dialog.close()));
    this.dialog.replaceChildren(...parts, make("p", "note", words.keys), foot);
    this.dialog.setAttribute("aria-label", words.title);
    if (!this.dialog.open) this.dialog.showModal();
    field.focus();
    if (asked !== link) this.send("share", link);
  }

  code({ size, bits }) {
    const all = bytes(bits), whole = size + 2 * QUIET, dark = (i) => all[i >> 3] & (128 >> (i & 7));
    const cells = Array.from({ length: size * size }, (_, i) => (dark(i) ? `M${(i % size) + QUIET} ${Math.floor(i / size) + QUIET}h1v1h-1z` : ""));
    return svg("svg", { class: "code", viewBox: `0 0 ${whole} ${whole}`, role: "img", "aria-label": this.data.words.qr, "shape-rendering": "crispEdges" }, svg("path", { d: cells.join("") }));
  }

  turn(on = !isPresenting()) {
    present(on);
    writeQuery("present", on ? 1 : null);
  }

  key(event) {
    if (withModifier(event) || !this.data || this.dialog.open || focused()?.closest(TYPES)) return;
    const name = event.key.toLowerCase();
    if (name === "p" && !event.shiftKey) return this.turn();
    if (!isPresenting()) return;
    if (name === "escape") this.turn(false);
    else if (name === "d") this.light();
    else if (AHEAD.includes(event.key)) this.step(event, "ArrowRight");
    else if (BACK.includes(event.key)) this.step(event, "ArrowLeft");
  }

  // What has steps takes one; at its end, and where there are none, the next page comes, and the one before.
  step(event, arrow) {
    if (event.defaultPrevented) return;
    if (event.key !== arrow) {
      event.preventDefault();
      document.dispatchEvent(new KeyboardEvent("keydown", { key: arrow, bubbles: true, cancelable: true })); // comes back here
      return;
    }
    if (arrow === "ArrowLeft") window.history.back();
    else nextPage()?.click();
  }

  // Streamlit reads its theme once, at the start; the address brings back what is seen.
  light() {
    window.localStorage.setItem(`${THEME}${window.location.pathname}${VERSION}`, JSON.stringify(this.root.classList.contains("dark") ? "Light" : "Dark"));
    window.location.reload();
  }
}

export default mounted(Share, import.meta.url);
