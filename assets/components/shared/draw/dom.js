// Elements, and the texts in them; texts of the reader are text nodes, never HTML.
import { bytes } from "./numbers.js";

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};

/** @type {(canvas: HTMLCanvasElement) => CanvasRenderingContext2D} */
export const penOf = (canvas) => /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));

/** @type {(template: string, values: Record<string, any>) => string} */
export const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** A right-to-left word does not turn the sentence around it. */
export const isolated = (text) => `\u2068${text}\u2069`;

/** @type {(name: string, text: string, act: () => void, className?: string) => HTMLButtonElement} */
export const pushButton = (name, text, act, className = "") => {
  const button = make("button", className, text);
  button.type = "button";
  button.dataset.name = name;
  button.onclick = act;
  return button;
};

/** The element that has the focus within a component, and its name, by which it is found again after it was drawn anew. */
export const focusIn = (root) => /** @type {HTMLElement | null} */ (root.getRootNode().activeElement);
export const focusedName = (root) => focusIn(root)?.dataset.name;

/** @type {(root: HTMLElement, name: string) => HTMLElement | null} */
export const named = (root, name) => root.querySelector(`[data-name="${name}"]`);

/** Whether a finger is what points: it cannot rest on a cell to read it. */
export const touches = window.matchMedia("(hover: none)").matches;

// A short address for a PNG in base64, in place of the owner's last one: a style with a megabyte in it is read again by
// every element that it belongs to.
export const shortAddress = (owner, picture) => {
  URL.revokeObjectURL(owner.address);
  const text = picture.slice(picture.indexOf(",") + 1);
  owner.address = URL.createObjectURL(new Blob([bytes(text)], { type: "image/png" }));
  return owner.address;
};
