// A table of terms: a label, its numbers, and a bar to the right of zero (positive) or to the left (negative).
const cell = (kind, text) => { const td = document.createElement(kind); td.textContent = text; return td; };

function bar(value, signed) {
  const axis = document.createElement("div");
  axis.className = "axis";
  const zero = signed ? 50 : 0;
  const reach = signed ? 50 : 100;
  axis.style.setProperty("--zero", `${zero}%`);
  const length = Math.abs(value) * reach;
  const filled = document.createElement("i");
  if (value < 0) filled.className = "negative";
  filled.style.left = `${value < 0 ? zero - length : zero}%`;
  filled.style.width = `${length}%`;
  axis.append(filled);
  return axis;
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".gf");
  root.className = `gf ${data.mode}`;
  const signed = data.rows.some((row) => row.bar < 0);
  const table = document.createElement("table");
  const head = document.createElement("tr");
  head.append(...data.header.map((text) => cell("th", text)), cell("th", ""));
  table.append(head);
  for (const row of data.rows) {
    const line = document.createElement("tr");
    if (row.mark) line.className = "mark";
    if (row.total) line.className = "total";
    line.append(cell("td", row.label), ...row.numbers.map((text) => cell("td", text)));
    const last = cell("td", "");
    last.className = "bar";
    if (!row.total) last.append(bar(row.bar, signed));
    line.append(last);
    table.append(line);
  }
  const scroll = document.createElement("div");
  scroll.className = "scroll";
  scroll.append(table);
  root.replaceChildren(scroll);
}
