// What a map shows: its name, what to look at, its shape, and its key, which a click copies.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".gf");
  root.className = `gf ${data.mode}`;
  root.replaceChildren(...data.lines.map(({ title, look, shape, key }) => {
    const line = make("div", "heading");
    const copy = make("button", "key", key);
    copy.type = "button";
    copy.title = data.words.copy;
    copy.onclick = async () => {
      await navigator.clipboard.writeText(key);
      copy.textContent = data.words.copied;
      setTimeout(() => { copy.textContent = key; }, 1200);
    };
    const facts = make("p", "facts");
    facts.append(make("span", "", shape), copy);
    line.append(make("p", "look", look), facts);
    return line;
  }));
}
