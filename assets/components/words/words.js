// The sentence and what is written for it, as chips in one strip; a click on it gives the field below the focus.
// Chips: source words in their colour, target words in theirs, typed ones framed where
// the model's own stand beside them, special tokens outlined.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".gf");
  root.className = `gf ${data.mode}`;
  const strip = document.createElement("div");
  strip.className = "strip";
  strip.append(...data.lines.map((line) => {
    const row = document.createElement("div");
    row.className = "line";
    const title = document.createElement("span");
    title.className = "title";
    title.textContent = line.title;
    row.append(title, ...line.words.map((word, index) => {
      const chip = document.createElement("bdi");
      chip.className = `word ${line.special[index] ? "special" : (line.looks?.[index] ?? line.side)}${line.unseen[index] ? " unseen" : ""}`;
      chip.textContent = word;
      if (line.titles?.[index]) chip.title = line.titles[index];
      return chip;
    }));
    if (line.more) {
      const rest = document.createElement("span");
      Object.assign(rest, { className: "rest", textContent: "…", title: line.more });
      row.append(rest);
    }
    return row;
  }));
  strip.onclick = () => document.querySelector(".st-key-source input")?.focus();
  root.replaceChildren(strip);
}
