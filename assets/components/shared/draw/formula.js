// A formula that is written in LaTeX, drawn by our own copy of KaTeX. A long one breaks at its signs.
import "../../katex/katex.min.js"; // as its authors made it: it puts itself onto the window
import { make } from "./dom.js";

const katex = /** @type {{render: (latex: string, element: HTMLElement, options: object) => void}} */ (window["katex"]);

// A font is known to the whole document or to nobody: in the place of a component its face would not be heard of.
const fonts = Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("../../katex/fonts.css", import.meta.url).href });
document.head.append(fonts);

/** @type {(latex: string, className?: string) => HTMLDivElement} */
export const formula = (latex, className = "") => {
  const element = make("div", className);
  katex.render(latex, element, { throwOnError: false, strict: false, output: "htmlAndMathml" });
  return element;
};
