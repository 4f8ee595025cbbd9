// Lines of words as chips: source words in their colour, target words in theirs, special tokens outlined.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".gf");
  root.className = `gf ${data.mode}`;
  root.replaceChildren(...data.lines.map((line) => {
    const row = document.createElement("div");
    row.className = "line";
    const title = document.createElement("span");
    title.className = "title";
    title.textContent = line.title;
    row.append(title, ...line.words.map((word, index) => {
      const chip = document.createElement("bdi");
      chip.className = `word ${line.special[index] ? "special" : line.side}${line.unseen[index] ? " unseen" : ""}`;
      chip.textContent = word;
      return chip;
    }));
    return row;
  }));
}
