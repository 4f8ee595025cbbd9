// How one cell came to be: formula, terms, total. A click on a cell of the page's heatmaps chooses it; a click on one of
// the numbers goes to where that number stands. It also frames the chosen cell, on top of the chart and not in it: a
// chart that changed would be drawn anew and lose its zoom.
const NARROWEST = 30; // pixels of a cell that has room for its number

const formula = (mathml, className) => {
  const element = make("div", className);
  element.append(document.importNode(new DOMParser().parseFromString(mathml, "application/xml").documentElement, true));
  return element;
};

class Panel {
  constructor(root, doc) {
    this.root = root;
    this.doc = doc;
    this.charts = [];
    this.timer = setInterval(() => this.attach(), 250); // a chart is mounted anew whenever its figure changes
  }

  close() {
    clearInterval(this.timer);
    for (const chart of this.charts) this.detach(chart);
  }

  show(data, send) {
    this.data = data;
    this.send = send;
    this.root.className = `gf ${data.mode}`;
    const active = this.root.getRootNode().activeElement?.dataset.name;
    this.build();
    if (active) this.root.querySelector(`[data-name="${active}"]`)?.focus();
    this.attach();
    this.frame();
    this.stay();
  }

  // The charts of this page, found by the class that their key gives them.
  attach() {
    this.data.maps.forEach((map, number) => {
      const plot = this.doc.querySelector(`.${map.chart} .js-plotly-plot`);
      const known = this.charts[number];
      if (!plot?.on || known?.plot === plot) return;
      if (known) this.detach(known);
      const chart = { plot, click: (event) => this.click(number, event), drawn: () => this.frame() };
      plot.on("plotly_click", chart.click);
      plot.on("plotly_afterplot", chart.drawn);
      this.charts[number] = chart;
      this.frame();
    });
  }

  detach({ plot, click, drawn }) {
    plot.removeListener?.("plotly_click", click);
    plot.removeListener?.("plotly_afterplot", drawn);
    plot.querySelector(".gf-frame")?.remove();
  }

  // Beside the maps the panel stays in sight while the page scrolls; below them, on a phone, it comes into sight.
  stay() {
    const column = this.root.getRootNode().host?.closest("[data-testid=stColumn]");
    if (!column) return;
    const beside = this.doc.documentElement.clientWidth > 640;
    Object.assign(column.style, { position: beside ? "sticky" : "", top: "4.2rem", alignSelf: "flex-start" });
    if (!beside && this.clicked) this.root.scrollIntoView({ block: "nearest" });
    this.clicked = false;
  }

  click(map, { points }) {
    const point = points?.[0];
    this.clicked = true;
    if (point) this.send("cell", { map, row: point.y, column: point.x, nonce: performance.now() });
  }

  frame() {
    const { selected } = this.data;
    this.charts.forEach(({ plot }, number) => {
      plot.querySelector(".gf-frame")?.remove();
      const layout = plot._fullLayout;
      if (!layout?.xaxis) return;
      // Numbers that would overlap say nothing.
      const fits = layout.xaxis.d2p(1) - layout.xaxis.d2p(0) >= NARROWEST;
      for (const label of plot.querySelectorAll(".heatmap-label")) label.style.display = fits ? "" : "none";
      if (selected?.map !== number) return;
      const { xaxis, yaxis } = layout, { row, column } = selected;
      const [left, right] = [xaxis.d2p(column - 0.5), xaxis.d2p(column + 0.5)];
      const [top, bottom] = [yaxis.d2p(row - 0.5), yaxis.d2p(row + 0.5)];
      if (right <= 0 || left >= xaxis._length || bottom <= 0 || top >= yaxis._length) return;
      const frame = make("div", "gf-frame");
      const wide = Math.max(right - left, 5), tall = Math.max(bottom - top, 5);
      Object.assign(frame.style, {
        position: "absolute", pointerEvents: "none", boxSizing: "border-box", borderRadius: "3px",
        left: `${xaxis._offset + (left + right - wide) / 2}px`, top: `${yaxis._offset + (top + bottom - tall) / 2}px`,
        width: `${wide}px`, height: `${tall}px`, outline: `3px solid ${getComputedStyle(this.root).getPropertyValue("--gf-selected")}`,
      });
      plot.append(frame);
    });
  }

  build() {
    const { words, crumbs, place, where, symbols, numbers, told, badge, edited, rows } = this.data;
    const panel = make("section", "explain");
    panel.setAttribute("aria-label", words.panel);
    if (crumbs.length) panel.append(this.crumbs(crumbs, place));
    panel.append(make("p", "place", place), make("p", "where", where), this.pick());
    if (symbols) panel.append(formula(symbols, "formula"), formula(numbers, "formula numbers"));
    const says = make("p", "told", told);
    says.setAttribute("aria-live", "polite");
    panel.append(says);
    if (rows.length) panel.append(this.table());
    panel.append(make("div", `badge${edited ? " edited" : ""}`, badge));
    this.root.replaceChildren(panel);
  }

  crumbs(crumbs, place) {
    const nav = make("nav", "crumbs");
    nav.setAttribute("aria-label", this.data.words.crumbs);
    crumbs.forEach((name, number) => {
      const button = make("button", "", name);
      button.type = "button";
      button.dataset.name = `crumb${number}`;
      button.onclick = () => this.send("back", { number, nonce: performance.now() });
      nav.append(button, make("span", "", "→"));
    });
    nav.append(make("b", "", place));
    return nav;
  }

  // Two number inputs do by keyboard what a click does.
  pick() {
    const { words, limits, at } = this.data;
    const pick = make("div", "pick");
    const inputs = ["row", "column"].map((name, axis) => {
      const label = make("label", "", words[name]);
      const input = make("input");
      Object.assign(input, { type: "number", min: 0, max: limits[axis] - 1, step: 1, value: at[axis] });
      input.dataset.name = name;
      label.append(input);
      pick.append(label);
      return input;
    });
    const choose = () => {
      const [row, column] = inputs.map(({ value, max }) => Math.min(Math.max(Math.round(Number(value)), 0), Number(max)));
      if (row !== at[0] || column !== at[1]) this.send("typed", { row, column, nonce: performance.now() });
    };
    for (const input of inputs) input.onchange = choose;
    return pick;
  }

  table() {
    const { words, columns, last, rows, value } = this.data;
    const signed = rows.some((row) => row.bar < 0);
    const table = make("table");
    const head = make("tr");
    const title = (content) => { const th = make("th"); if (content) th.append(content); return th; };
    head.append(title(make("span", "", words.term)), ...columns.map((symbol) => title(formula(symbol, ""))), title(last ? formula(last, "") : make("span", "", words.number)), title());
    table.append(head, ...rows.map((row, number) => this.row(row, number, signed)));
    const total = make("tr", "total");
    const cells = [words.total, ...columns.map(() => ""), value, ""];
    total.append(...cells.map((text) => make("td", "", text)));
    table.append(total);
    const scroll = make("div", "scroll");
    scroll.append(table);
    return scroll;
  }

  row(row, number, signed) {
    const line = make("tr", row.mark ? "mark" : "");
    const label = make("td", "", row.others ? fill(this.data.words.others, { n: row.others }) : row.label);
    if (row.symbol) label.append(formula(row.symbol, ""));
    line.append(label, ...row.numbers.map((source, column) => {
      const cell = make("td");
      if (!source.key) { cell.textContent = source.text; return cell; }
      const link = make("button", "", source.text);
      link.type = "button";
      link.dataset.name = `number${number}.${column}`;
      link.title = `${source.key}[${source.index.join(", ")}]`;
      link.onclick = () => this.send("open", { key: source.key, index: source.index, nonce: performance.now() });
      cell.append(link);
      return cell;
    }));
    const bar = make("td", "bar");
    if (row.bar !== null) bar.append(this.bar(row.bar, signed));
    line.append(bar);
    return line;
  }

  bar(value, signed) {
    const axis = make("div", "axis"), filled = make("i", value < 0 ? "negative" : "");
    const zero = signed ? 50 : 0, length = Math.abs(value) * (signed ? 50 : 100);
    axis.style.setProperty("--zero", `${zero}%`);
    filled.style.left = `${value < 0 ? zero - length : zero}%`;
    filled.style.width = `${length}%`;
    axis.append(filled);
    return axis;
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gf");
  parentElement.panel ??= new Panel(root, root.ownerDocument);
  parentElement.panel.show(data, setTriggerValue);
  return () => {
    parentElement.panel.close();
    parentElement.panel = undefined;
  };
}
