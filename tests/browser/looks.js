// What is wrong with the looks of a page: letters that are too small, texts that are cut, labels that lie on each other.
// Shadow roots are entered. Every text is looked at as it is painted: what is scaled counts as it looks.
(least) => {
  const SCRIPTS = "sub, sup, .mtight, tspan[baseline-shift], tspan.sub"; // may be smaller: least.script
  const NO_TEXT = "script, style, noscript, title, desc, option, [data-testid=stIconMaterial], [translate=no].material-icons";
  const INK = 0.22; // of the height of the letters: how much of a line is air above and below
  const TOUCH = 1.5; // pixels that boxes may share
  const up = (node) => node.assignedSlot ?? node.parentElement ?? node.getRootNode().host ?? null;
  const styles = new Map(), style = (element) => {
    if (!styles.has(element)) styles.set(element, getComputedStyle(element));
    return styles.get(element);
  };
  const boxes = new Map(), box = (element) => {
    if (!boxes.has(element)) boxes.set(element, element.getBoundingClientRect());
    return boxes.get(element);
  };
  const meet = (a, b) => ({
    left: Math.max(a.left, b.left), top: Math.max(a.top, b.top), right: Math.min(a.right, b.right), bottom: Math.min(a.bottom, b.bottom),
  });
  const wide = (a) => a.right - a.left, high = (a) => a.bottom - a.top;

  // Of an element: whether it is seen, what cuts it, how it is scaled, and which layer of the page it lies in.
  const known = new Map(), about = (element) => {
    if (!element) return { seen: true, clips: [], layer: null, scale: 1 };
    if (known.has(element)) return known.get(element);
    const above = about(up(element)), now = style(element), { width, height } = box(element);
    const hides = ["hidden", "clip"], scrolls = ["auto", "scroll"], svg = element instanceof SVGElement;
    const inline = !(element instanceof SVGSVGElement) && ["inline", "contents"].includes(now.display);
    const shut = hides.includes(now.overflowX) || hides.includes(now.overflowY);
    const away = now.opacity === "0" || now.clipPath.startsWith("inset(50%") || (shut && !inline && (width < 2.5 || height < 2.5));
    const clips = [];
    if (!inline && (!svg || element instanceof SVGSVGElement)) {
      const x = now.overflowX, y = now.overflowY;
      const soft = now.textOverflow === "ellipsis" || now.webkitLineClamp !== "none";
      if (x !== "visible" || y !== "visible") clips.push({
        element, x: scrolls.includes(x) || soft ? "soft" : hides.includes(x) ? "hard" : "", y: scrolls.includes(y) || soft ? "soft" : hides.includes(y) ? "hard" : "",
      });
    }
    clips.push(...above.clips); // from the inside to the outside
    const matrix = now.transform === "none" ? null : new DOMMatrix(now.transform);
    const scale = above.scale * (matrix ? Math.hypot(matrix.a, matrix.b) : 1);
    const layer = now.position === "fixed" ? "fixed" : now.position === "sticky" && above.layer !== "fixed" ? element : above.layer;
    const found = { seen: above.seen && !away, clips, layer, scale };
    known.set(element, found);
    return found;
  };

  const labels = [], small = [], cut = [];
  const says = (node) => node.data.trim().replace(/\s+/g, " ").slice(0, 50);
  const where = (element) => {
    for (let at = element; at; at = up(at)) {
      const name = [...(at.classList ?? [])].find((one) => one.startsWith("st-key-"));
      if (name) return `${name.slice(7)} ${element.localName}.${element.getAttribute("class") ?? ""}`;
    }
    return element.localName;
  };
  const look = (node) => {
    const element = node.parentElement ?? node.getRootNode().host;
    if (!element || element.closest(NO_TEXT) || style(element).visibility !== "visible") return;
    if (style(element).display !== "contents" && !element.checkVisibility()) return; // folded away
    const { seen, clips, layer, scale } = about(element);
    if (!seen) return;
    const range = document.createRange();
    range.selectNodeContents(node);
    const lines = [...range.getClientRects()].filter(({ width, height }) => width > 1 && height > 1);
    if (!lines.length) return;
    const matrix = element.getScreenCTM?.();
    const size = parseFloat(style(element).fontSize) * (matrix ? Math.hypot(matrix.a, matrix.b) : scale * element.currentCSSZoom);
    if (size < 0.5) return;
    const formula = element.closest(".katex");
    for (const line of lines) {
      let shown = { left: line.left, top: line.top, right: line.right, bottom: line.bottom }, shut = null;
      const done = { x: false, y: false }; // beyond what scrolls nothing is cut: the reader can bring it into sight
      for (const { element: by, x, y } of clips) {
        const edge = box(by), page = by.matches("[data-testid=stMain]");
        const rest = meet(shown, {
          left: x && !page ? edge.left : -1e9, right: x && !page ? edge.right : 1e9, top: y && !page ? edge.top : -1e9, bottom: y && !page ? edge.bottom : 1e9,
        });
        if (x === "hard" && !done.x && wide(shown) - wide(rest) > TOUCH) shut = [by, "x", wide(shown) - wide(rest)];
        if (y === "hard" && !done.y && high(shown) - high(rest) > 2 * INK * high(line) + TOUCH) shut = [by, "y", high(shown) - high(rest)];
        done.x ||= x === "soft";
        done.y ||= y === "soft";
        shown = rest;
        if (page || wide(shown) <= 0 || high(shown) <= 0) break;
      }
      if (shut && !formula) cut.push([says(node), where(element), where(shut[0]), `${shut[1]} ${shut[2].toFixed(0)}`]);
      if (wide(shown) <= 1 || high(shown) <= 1) continue;
      const upright = matrix && Math.abs(matrix.b) > Math.abs(matrix.a), air = INK * (upright ? wide(shown) : high(shown));
      labels.push({
        left: shown.left + (upright ? air : 0), right: shown.right - (upright ? air : 0),
        top: shown.top + (upright ? 0 : air), bottom: shown.bottom - (upright ? 0 : air), of: formula ?? element, node, layer,
      });
    }
    const wanted = element.closest(SCRIPTS) ? least.script : least.text;
    if (size < wanted - 0.1) small.push([says(node), where(element), `${size.toFixed(1)} px`]);
  };
  const walk = (root) => {
    for (const child of root.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) { if (child.data.trim()) look(child); }
      else if (child.nodeType === Node.ELEMENT_NODE && !child.matches(NO_TEXT)) {
        if (child.shadowRoot) walk(child.shadowRoot);
        if (child.matches("[role=combobox]") && child.checkVisibility({ visibilityProperty: true }) && child.scrollWidth > child.clientWidth + 1) cut.push([child.value, where(child), "", "x"]);
        walk(child);
      }
    }
  };
  walk(document.body);

  const over = [];
  labels.sort((a, b) => a.left - b.left);
  for (let i = 0; i < labels.length; i++) {
    for (let j = i + 1; j < labels.length && labels[j].left < labels[i].right; j++) {
      const a = labels[i], b = labels[j], both = meet(a, b);
      if (a.of === b.of || a.layer !== b.layer || wide(both) <= TOUCH || high(both) <= TOUCH) continue;
      if (a.of.contains(b.of) && a.of.closest(".katex") || b.of.contains(a.of) && b.of.closest(".katex")) continue;
      over.push([says(a.node), where(a.of), says(b.node), where(b.of), `${wide(both).toFixed(0)} x ${high(both).toFixed(0)}`]);
    }
  }
  const told = (what, found) => found.map((each) => `${what}: ${each.join(" | ")}`);
  return [...told("small", small), ...told("cut", cut), ...told("on each other", over)];
}
