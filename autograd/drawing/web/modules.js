"use strict";
// Modules: a collapsed one is covered by one box, and the space that nothing else needs is folded
// away. Every part stays in its place relative to the others, so that the eye finds it again.
function Modules(list, nodes, edges, svg) {
  const graph = svg.querySelector(".graph"), shapes = "path, polygon, ellipse, rect";
  const box = element => {
    const { x, y, width, height } = element.getBBox();
    return { x: [x, x + width], y: [y, y + height] };
  };
  const frames = new Map(list.map(frame =>
    [frame.key, { ...frame, element: by(frame.key), nodes: [] }])), all = [...frames.values()];
  const holders = key => (key ? [...holders(frames.get(key).outer), key] : []); // outermost first
  const coverOf = key => holders(key).find(holder => frames.get(holder).covered) ?? "";
  const covers = () => all.filter(f => f.cover && coverOf(f.key) === f.key);
  const LEAST = { x: 144, y: 60 }; // points: the size of a cover,
  const GAP = 10, APART = 24; // and what is left of folded space, and between columns

  // Where everything is at first
  for (const node of nodes) {
    node.box = box(node.element.querySelector(shapes));
    for (const key of holders(node.frame)) frames.get(key).nodes.push(node);
  }
  for (const frame of all) {
    frame.box = box(frame.element.querySelector(shapes));
    frame.depth = holders(frame.key).length;
  }
  for (const edge of edges) {
    edge.path = edge.element.querySelector("path");
    edge.words = edge.path.getAttribute("d").split(/(-?[\d.]+)/);
    edge.tip = edge.words.filter((_, i) => i % 2).slice(-2).map(Number);
  }
  const paper = graph.querySelector(":scope > polygon"), whole = box(paper);
  const legend = [...graph.children].filter(e => e !== paper && !e.matches(".node, .edge, .cluster"));
  const boxes = legend.map(box).filter(({ x: [left, right] }) => right > left); // not blanks, at 0
  const around = ends => [Math.min(...ends), Math.max(...ends)];
  const legendBox = { x: around(boxes.flatMap(b => b.x)), y: around(boxes.flatMap(b => b.y)) };

  // Along one axis: what is solid keeps its size, and gaps that lie under a cover shrink.
  function folding(axis) {
    const under = covers().map(f => f.box[axis]);
    if (!under.length) return x => x;
    // Where all is collapsed, all of it shall be seen: columns are close together.
    const alone = axis === "x" && all.every(f => coverOf(f.key) !== "");
    const solid = under.map(([from, to]) => {
      const half = Math.min(to - from, LEAST[axis]) / 2, centre = (from + to) / 2;
      return [centre - half, centre + half];
    });
    for (const [from, to] of under) solid.push([from - GAP, from + 1], [to - 1, to + GAP]);
    for (const node of nodes) if (node.cover === "") solid.push(node.box[axis]);
    for (const { key, box } of all) {
      const [from, to] = box[axis], title = axis === "y" ? 24 : 6;
      if (coverOf(key) === "") solid.push([from, from + title], [to - 6, to]);
    }
    const [first, last] = whole[axis];
    solid.push([first, first + 4], [last - 4, last]);
    if (axis === "y") solid.push(legendBox.y); // it lies below all, as wide as it is
    solid.sort((a, b) => a[0] - b[0]);
    const gaps = []; // that shrink: where each begins, its size, and what is left
    let at = first;
    for (const [from, to] of solid) {
      const folded = from - at > GAP && under.some(([low, high]) => low < from && high > at);
      if (folded) gaps.push([at, from - at, GAP]);
      else if (alone && from - at > APART) gaps.push([at, from - at, APART]);
      at = Math.max(at, to);
    }
    const share = (x, from, size) => Math.max(0, Math.min(1, (x - from) / size));
    return x => gaps.reduce((to, [at, size, left]) => to - (size - left) * share(x, at, size), x);
  }
  const middle = ([from, to]) => (from + to) / 2;
  const shift = (element, dx, dy) => {
    if (dx || dy) element.setAttribute("transform", `translate(${dx.toFixed(1)},${dy.toFixed(1)})`);
    else element.removeAttribute("transform");
  };
  function cover(frame) {
    frame.sheet = drawn("rect", { rx: 8, class: "outline" });
    frame.name = drawn("text", { "font-weight": "bold" }, frame.title);
    frame.words = drawn("text", { class: "grad" });
    frame.cover = drawn("g", { class: "cover", role: "button", tabindex: 0, "data-frame": frame.key,
      "aria-expanded": "false", "aria-label": frame.title }, frame.sheet, frame.name, frame.words);
    graph.append(frame.cover);
  }
  // Gives the boxes that are seen then.
  function arrange() {
    for (const frame of all) {
      const outermost = coverOf(frame.key) === frame.key;
      if (outermost && !frame.cover) cover(frame);
      frame.cover?.classList.toggle("away", !outermost);
      frame.element.classList.toggle("away", coverOf(frame.key) !== "");
    }
    for (const node of nodes) {
      node.cover = coverOf(node.frame);
      node.element.classList.toggle("away", node.cover !== "");
    }
    for (const { element, operand, result } of edges) {
      element.classList.toggle("away", operand.cover !== "" && operand.cover === result.cover);
    }
    const X = folding("x"), Y = folding("y"), rects = [];
    const follow = (element, x, y) => shift(element, X(x) - x, Y(y) - y);
    for (const { element, cover, box: { x, y } } of nodes) {
      if (cover !== "") continue;
      follow(element, middle(x), middle(y));
      rects.push([X(x[0]) + offset.x, Y(y[0]) + offset.y, x[1] - x[0], y[1] - y[0]]);
    }
    for (const { element, path, words, tip, result } of edges) {
      // The words of a path are letters and numbers in turn, the numbers x and y in turn.
      const moved = (word, i) => (i % 2 ? (i % 4 === 1 ? X : Y)(Number(word)).toFixed(1) : word);
      path.setAttribute("d", words.map(moved).join(""));
      for (const head of element.querySelectorAll("polygon")) follow(head, ...tip);
      for (const text of element.querySelectorAll("text")) {
        text.classList.toggle("away", result.cover !== ""); // its end is under a cover
        follow(text, ...["x", "y"].map(axis => Number(text.getAttribute(axis))));
      }
    }
    for (const frame of all) {
      const [left, right] = frame.box.x.map(X), [top, bottom] = frame.box.y.map(Y);
      const area = { x: left, y: top, width: right - left, height: bottom - top };
      if (coverOf(frame.key) === frame.key) {
        const size = Math.max(16, Math.min(area.height / 4, area.width / 9, 26));
        const x = left + area.width / 2, y = top + area.height / 2;
        give(frame.sheet, area);
        give(frame.name, { x, y: y - size / 10, "font-size": size });
        give(frame.words, { x, y: y + size, "font-size": Math.max(14.5, size * 0.72) });
        rects.push([left + offset.x, top + offset.y, area.width, area.height]);
      }
      const shape = frame.element.querySelector(shapes);
      const [fill, stroke] = ["fill", "stroke"].map(colour => shape.getAttribute(colour));
      shape.replaceWith(drawn("rect", { ...area, rx: 8, fill, stroke }));
      const [dx, dy] = [left - frame.box.x[0], top - frame.box.y[0]];
      for (const text of frame.element.querySelectorAll("text")) shift(text, dx, dy);
    }
    const [top, bottom] = whole.y.map(Y), within = whole.x.map(X);
    const wide = legend.length ? legendBox.x[1] - legendBox.x[0] + 8 : 0;
    const more = Math.max(0, wide - within[1] + within[0]) / 2;
    const [left, right] = [within[0] - more, within[1] + more];
    const dx = middle([left, right]) - middle(legendBox.x);
    for (const element of legend) shift(element, dx, Y(middle(legendBox.y)) - middle(legendBox.y));
    const corners = [[left, top], [right, top], [right, bottom], [left, bottom]];
    paper.setAttribute("points", corners.join(" "));
    const corner = [left + offset.x, top + offset.y], size = [right - left, bottom - top];
    svg.setAttribute("viewBox", [...corner, ...size].join(" "));
    return rects;
  }
  const { x, y } = svg.viewBox.baseVal, offset = { x: x - whole.x[0], y: y - whole.y[0] };
  return { all, arrange, covers, get: key => frames.get(key) };
}
