// Links to other pages of the app.
import { make } from "./dom.js";

/**
 * A plain click goes there within the session; with a key held down, or the other button, it is a link like any other.
 *
 * @type {(href: string, label: string, go: () => void, className?: string) => HTMLAnchorElement}
 */
export const pageLink = (href, label, go, className = "") => {
  const link = make("a", className, label);
  link.href = new URL(href, document.baseURI).href;
  link.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go();
  };
  return link;
};
