// What keys do everywhere: the arrows go from cell to cell within what has cells, and step along a road elsewhere.

/** @type {Record<string, [number, number]>} rows and columns */
export const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** @type {Record<string, "in" | "out" | "all">} */
export const ZOOMS = { "+": "in", "=": "in", "-": "out", 0: "all" };

// What needs the arrow keys itself while it has the focus. Our own sliders of steps are no exception: the arrows do there
// what they do everywhere.
const TAKES_ARROWS = "input:not([type=range][data-name=slider]), textarea, select, [contenteditable], [role=slider], [role=radio], " +
  "[role=radiogroup], [role=combobox], [role=listbox], [role=tab], [role=menu], [role=menuitem], [role=option], [data-testid=stButtonGroup]";

/** @type {(event: KeyboardEvent) => boolean} */
export const withModifier = (event) => event.altKey || event.ctrlKey || event.metaKey;

/** The element that has the focus, however deep in components. */
export const focused = () => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
};

/** Whether an arrow key that nothing has heard so far may step along a road. */
export const isFree = (event) => !withModifier(event) && !event.shiftKey && !focused()?.closest(TAKES_ARROWS);

/** Heard here, and nowhere else: the road must not take a step for it. */
export const taken = (event) => {
  event.preventDefault();
  event.stopPropagation();
};
