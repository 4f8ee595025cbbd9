// Explains the dotted terms of the whole page, those within components, too: one box, which opens beside the term that is
// pointed at, reached by Tab, or tapped. It lies over the page, so that nothing moves.
import { make } from "../shared/draw/dom.js";
import { told } from "../shared/mount/told.js";

const SLOW = 150, LINGERS = 250; // milliseconds until it opens and until it closes: the mouse may go over into the box
const EDGE = 8; // pixels from the window's edge, and from the term

/**
 * @typedef {object} TermsData
 * @property {Record<string, string[]>} terms name and explanation by id
 * @property {Record<string, string>} words all
 * @property {string} glossary
 */

class Tips {
  /** @type {TermsData} */ data;

  constructor() {
    this.box = make("div", "gf-term-box");
    Object.assign(this.box, { id: "gf-term", hidden: true });
    this.box.setAttribute("role", "tooltip");
    this.box.onpointerenter = () => clearTimeout(this.timer);
    this.box.onpointerleave = () => this.later(null);
    document.addEventListener("pointerover", (event) => this.over(event));
    document.addEventListener("pointerout", (event) => { if (this.termOf(event)) this.later(null); });
    document.addEventListener("focusin", (event) => this.show(this.termOf(event)));
    document.addEventListener("focusout", () => this.later(null));
    document.addEventListener("click", (event) => this.click(event), true);
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") this.show(null); });
    document.addEventListener("scroll", () => { if (this.term) this.place(); }, true);
  }

  /** @param {TermsData} data */
  tell(data) {
    this.data = data;
    if (!this.box.isConnected) document.body.append(this.box);
  }

  // What was pointed at lies within components as well: the first element of the path, not the target, which is their host.
  termOf(event) {
    return event.composedPath().find((element) => element.localName === "a" && this.isTerm(element)) ?? null;
  }

  isTerm(link) { return Boolean(this.data) && (link.getAttribute("href") ?? "").startsWith(`${this.data.glossary}#`); }

  idOf(term) { return term.getAttribute("href").split("#")[1]; }

  over(event) {
    const term = event.pointerType === "mouse" ? this.termOf(event) : null;
    if (term) this.later(term);
  }

  // A tap or a click opens and closes; Enter, and a click with a key held down, go to the glossary.
  click(event) {
    const term = this.termOf(event);
    if (!term) { if (this.term && !event.composedPath().includes(this.box)) this.show(null); return; }
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.detail === 0) window.location.href = this.address(term);
    else this.show(this.term === term && this.clicked ? null : term);
    this.clicked = this.term === term;
  }

  address(term) { return new URL(`${this.data.glossary}${window.location.search}#${this.idOf(term)}`, document.baseURI).href; }

  later(term) {
    clearTimeout(this.timer);
    if (term === this.term) return;
    this.timer = setTimeout(() => this.show(term), term ? SLOW : LINGERS);
  }

  show(term) {
    clearTimeout(this.timer);
    if (this.term === term) return;
    if (this.term) this.describe(this.term, false);
    const told = term && this.data.terms[this.idOf(term)];
    this.term = told ? term : null;
    this.clicked = false;
    this.box.hidden = !told;
    if (!told) return;
    const all = make("a", "", this.data.words.all);
    all.href = this.address(term);
    this.box.replaceChildren(make("b", "", told[0]), make("p", "", told[1]), all);
    this.describe(term, true);
    this.place();
  }

  // An id means nothing across the border of a component: there the element itself is named.
  describe(term, on) {
    if (term.getRootNode() === document) {
      if (on) term.setAttribute("aria-describedby", this.box.id);
      else term.removeAttribute("aria-describedby");
    } else if ("ariaDescribedByElements" in term) term.ariaDescribedByElements = on ? [this.box] : null;
    else if (on) term.setAttribute("aria-description", this.box.textContent);
  }

  place() {
    if (!this.term.isConnected) { this.show(null); return; }
    const { left, top, bottom } = this.term.getBoundingClientRect(), { offsetWidth, offsetHeight } = this.box;
    const below = bottom + EDGE + offsetHeight <= window.innerHeight;
    this.box.style.left = `${Math.max(EDGE, Math.min(left, window.innerWidth - offsetWidth - EDGE))}px`;
    this.box.style.top = `${below ? bottom + EDGE / 2 : Math.max(EDGE, top - offsetHeight - EDGE / 2)}px`;
  }
}

const RESTS = 250; // milliseconds without a change, after which it is found out which term stands first

// A term is dotted where it stands first on the page; where it stands again it still explains itself to the mouse.
class Firsts {
  constructor() {
    this.watched = new WeakSet();
    this.observer = new MutationObserver(() => this.soon());
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.find(), RESTS);
  }

  find() {
    const seen = new Set();
    for (const term of this.termsIn(document)) {
      const id = term.getAttribute("href"), again = seen.has(id);
      if (!again && term.checkVisibility()) seen.add(id);
      if (again === term.hasAttribute("data-again")) continue;
      term.toggleAttribute("data-again", again);
      if (again) term.tabIndex = -1;
      else term.removeAttribute("tabindex");
    }
  }

  *termsIn(root) {
    if (!this.watched.has(root)) {
      this.watched.add(root);
      this.observer.observe(root, { childList: true, subtree: true });
    }
    for (const element of root.querySelectorAll("*")) {
      if (element.localName === "a" && tips.isTerm(element)) yield element;
      if (element.shadowRoot) yield* this.termsIn(element.shadowRoot);
    }
  }
}

const tips = new Tips(), firsts = new Firsts();

export default told((/** @type {TermsData} */ data) => {
  tips.tell(data);
  firsts.soon();
});
