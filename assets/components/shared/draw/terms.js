// Dotted terms in a component: a link to the glossary, which the page's own module (terms/terms.js) explains in place.
import { make } from "./dom.js";

const CODED = /\ue000(\w+)\ue001([^\ue002]+)\ue002/; // as `ui.frame.text.coded` marks them

/** A text as nodes, its terms dotted. @type {(text: string) => (string | HTMLElement)[]} */
export const withTerms = (text) => {
  const parts = text.split(CODED), nodes = [];
  for (let i = 0; i < parts.length; i += 3) {
    if (parts[i]) nodes.push(parts[i]);
    if (i + 2 < parts.length) nodes.push(termLink(parts[i + 1], parts[i + 2]));
  }
  return nodes;
};

/** A text as it is read out, without its marks. @type {(text: string) => string} */
export const withoutTerms = (text) => text.replace(new RegExp(CODED, "g"), "$2");

export const termLink = (id, label) => Object.assign(make("a", "term", label), { href: `glossary#${id}` });

/** @type {<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, className: string, text: string) => HTMLElementTagNameMap[Tag]} */
export const makeTold = (tag, className, text) => {
  const element = make(tag, className);
  element.append(...withTerms(text));
  return element;
};
