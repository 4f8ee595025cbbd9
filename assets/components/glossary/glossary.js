// All terms, by group: what each is, what it is called in the other language, and the pages on which it matters. What is
// typed in the field leaves those in which it occurs; an address with a term's name behind # goes to it.
import { mounted } from "../shared/mount/component.js";
import { fill, make } from "../shared/draw/dom.js";
import { pageLink } from "../shared/draw/links.js";

/** @typedef {{label: string, href: string, place: string}} Place */
/** @typedef {{id: string, name: string, other: string, text: string, places: Place[]}} Term */
/**
 * @typedef {object} GlossaryData
 * @property {{title: string, terms: Term[]}[]} groups
 * @property {Record<string, string>} words lead, find, none, found_on, other
 */

class Glossary {
  /** @type {{group: HTMLElement, entries: HTMLElement[]}[]} */ groups = [];
  /** @type {HTMLParagraphElement} */ none;

  constructor(root) {
    this.root = root;
    this.wanted = "";
    this.went = false;
    this.onHash = () => this.goTo(window.location.hash.slice(1));
    window.addEventListener("hashchange", this.onHash);
  }

  close() { window.removeEventListener("hashchange", this.onHash); }

  /** @type {(data: GlossaryData, send: (name: "go", value: string) => void) => void} */
  show({ groups, words }, send) {
    const field = make("input", "find");
    Object.assign(field, { type: "search", value: this.wanted, placeholder: words.find });
    field.setAttribute("aria-label", words.find);
    field.oninput = () => { this.wanted = field.value; this.sift(); };
    this.none = make("p", "none", words.none);
    this.none.setAttribute("role", "status");
    this.groups = groups.map(({ title, terms }) => {
      const group = make("section"), entries = terms.map((term) => this.entry(term, words, send));
      group.append(make("h4", "", title), ...entries);
      return { group, entries };
    });
    this.root.replaceChildren(make("p", "lead", words.lead), field, this.none, ...this.groups.map(({ group }) => group));
    this.sift();
    if (!this.went) this.onHash();
    this.went = true;
  }

  /** @type {(term: Term, words: Record<string, string>, send: (name: "go", value: string) => void) => HTMLElement} */
  entry({ id, name, other, text, places }, words, send) {
    const entry = make("article"), title = make("h5", "", name), where = make("p", "where", `${words.found_on} `);
    entry.dataset.term = id;
    entry.dataset.said = `${name} ${other} ${text}`.toLowerCase();
    entry.tabIndex = -1;
    if (other) title.append(make("small", "", fill(words.other, { name: other })));
    places.forEach(({ label, href, place }, i) => where.append(...(i ? [" · "] : []), pageLink(href, label, () => send("go", place))));
    entry.append(title, make("p", "", text), where);
    return entry;
  }

  sift() {
    const wanted = this.wanted.trim().toLowerCase();
    for (const { group, entries } of this.groups) {
      for (const entry of entries) entry.hidden = !(entry.dataset.said ?? "").includes(wanted);
      group.hidden = entries.every((entry) => entry.hidden);
    }
    this.none.hidden = this.groups.some(({ group }) => !group.hidden);
  }

  goTo(id) {
    const entry = this.groups.flatMap(({ entries }) => entries).find((one) => one.dataset.term === id);
    for (const one of this.root.querySelectorAll(".meant")) one.classList.remove("meant");
    if (!entry) return;
    entry.classList.add("meant");
    entry.scrollIntoView({ block: "center" });
    entry.focus({ preventScroll: true });
  }
}

export default mounted(Glossary, import.meta.url);
