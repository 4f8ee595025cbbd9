// What several components use; it stands before each of them.
const SVG = "http://www.w3.org/2000/svg";

const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};
const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
// A choice that the server need not know goes into the address, in place; null takes it out.
const writeQuery = (name, value) => {
  const url = new URL(window.location.href);
  if (value === null) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  if (url.href !== window.location.href) window.history.replaceState(window.history.state, "", url);
};
// What Streamlit calls with every change of the data: `Component` is made for its element once, shown, and closed at the end.
const mounted = (Component) => ({ data, parentElement, setTriggerValue }) => {
  parentElement.drawn ??= new Component(parentElement.querySelector(".gf"));
  parentElement.drawn.show(data, setTriggerValue);
  return () => {
    parentElement.drawn.close?.();
    parentElement.drawn = undefined;
  };
};
const pushButton = (name, text, act, className = "") => {
  const button = make("button", className, text);
  button.type = "button";
  button.dataset.name = name;
  button.onclick = act;
  return button;
};
// A number with so many digits, with a real minus, and no zero with a sign.
const decimals = (x, digits) => (Number(x.toFixed(digits)) + 0).toFixed(digits).replace("-", "\u2212");
// Whether a finger is what points: it cannot rest on a cell to read it.
const touches = window.matchMedia("(hover: none)").matches;
const percent = (p) => (p < 0.001 ? "< 0.1 %" : `${(100 * p).toFixed(p >= 0.9995 ? 0 : 1)} %`);

// The younger way is the faster one, but not every browser has it.
const fromBase64 = (text) => Uint8Array.fromBase64?.(text) ?? Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

// A short address for a PNG in base64, in place of the owner's last one: a style with a megabyte in it is read again by
// every element that it belongs to.
const shortAddress = (owner, picture) => {
  URL.revokeObjectURL(owner.address);
  const text = picture.slice(picture.indexOf(",") + 1);
  owner.address = URL.createObjectURL(new Blob([fromBase64(text)], { type: "image/png" }));
  return owner.address;
};
