// The mode for a projector. All that is measured in the size of the root's letters grows with them; what is drawn in
// pixels asks for the unit.

const MARK = "present";

export const isPresenting = () => document.documentElement.hasAttribute(`data-${MARK}`);

/** @param {boolean} on */
export const present = (on) => {
  document.documentElement.toggleAttribute(`data-${MARK}`, on);
  window.dispatchEvent(new Event("resize"));
};

/** How many pixels stand for one that was meant for a reader in front of the screen. */
export const unit = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
