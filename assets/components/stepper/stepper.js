// A road of stages with Back and Next; the left and right arrow keys step while nothing that uses them has the focus.
const TAKES_ARROWS = "input, textarea, select, [contenteditable], [role=slider], [role=radio], [role=radiogroup], " +
  "[role=combobox], [role=listbox], [role=tab], [role=menu], [role=option], [data-testid=stButtonGroup]";

function focused() {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gf");
  root.className = `gf ${data.mode}`;
  const ids = data.stages.map(([id]) => id);
  const at = ids.indexOf(data.chosen);
  const choose = (index) => { if (index >= 0 && index < ids.length && index !== at) setTriggerValue("choose", ids[index]); };

  const button = (text, index, className) => {
    const element = document.createElement("button");
    element.type = "button";
    element.textContent = text;
    element.className = className;
    element.onclick = () => choose(index);
    return element;
  };
  const road = document.createElement("div");
  road.className = "road";
  road.setAttribute("role", "group");
  const back = button(`← ${data.words.back}`, at - 1, "move");
  const next = button(`${data.words.next} →`, at + 1, "move");
  back.disabled = at === 0;
  next.disabled = at === ids.length - 1;
  road.append(back);
  data.stages.forEach(([id, label], index) => {
    const stage = button(label, index, index === at ? "now" : index < at ? "done" : "");
    if (index === at) stage.setAttribute("aria-current", "step");
    if (index) { const line = document.createElement("span"); line.className = "between"; road.append(line); }
    road.append(stage);
  });
  const keys = document.createElement("span");
  keys.className = "keys";
  keys.textContent = data.words.keys;
  road.append(next, keys);
  const had = parentElement.activeElement?.textContent;
  root.replaceChildren(road);
  // The buttons are new; a reader who steps by keyboard keeps the place.
  if (had) [...road.querySelectorAll("button:not(:disabled)")].find((b) => b.textContent === had)?.focus();

  parentElement.step = (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || focused()?.closest(TAKES_ARROWS)) return;
    event.preventDefault();
    choose(at + (event.key === "ArrowRight" ? 1 : -1));
  };
  if (!parentElement.listening) {
    parentElement.listening = (event) => parentElement.step(event);
    document.addEventListener("keydown", parentElement.listening);
  }
  return () => {
    document.removeEventListener("keydown", parentElement.listening);
    parentElement.listening = null;
  };
}
