// A component on a page of its own, outside of the app: drawn once, and nobody hears what it tells.

/**
 * @template Data
 * @param {new (root: HTMLElement) => import("./component.js").Drawn<Data>} Component
 */
export const mounted = (Component) => (/** @type {HTMLElement} */ root, /** @type {Data} */ data) => {
  new Component(root).show(data, () => {});
};

/**
 * @template Data
 * @param {(root: HTMLElement, data: Data, send: import("./component.js").Send) => void} show
 * @returns {new (root: HTMLElement) => import("./component.js").Drawn<Data>}
 */
export const drawnAnew = (show) => class {
  constructor(root) { this.root = root; }

  show(data, send) { show(this.root, data, send); }
};
