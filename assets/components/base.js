// What several components use; it stands before each of them.
const SVG = "http://www.w3.org/2000/svg";

const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};
const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const percent = (p) => (p < 0.001 ? "< 0.1 %" : `${(100 * p).toFixed(p >= 0.9995 ? 0 : 1)} %`);

