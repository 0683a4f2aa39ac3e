"use strict";
// Modules: a collapsed one is covered by one box, and the space that nothing else needs is folded away. Every part stays
// in its place relative to the others, so that the eye finds it again.
function Modules(list, nodes, edges, svg) {
  const by = id => document.getElementById(id);
  const graph = svg.querySelector(".graph"), shapes = "path, polygon, ellipse, rect";
  const box = element => { const b = element.getBBox(); return { x: [b.x, b.x + b.width], y: [b.y, b.y + b.height] }; };
  const frames = new Map(list.map(([key, outer, title]) => [key, { key, outer, title, element: by(key), covered: false, nodes: [] }]));
  const holders = key => { const all = []; for (; key; key = frames.get(key).outer) all.unshift(key); return all; };
  const coverOf = key => holders(key).find(holder => frames.get(holder).covered) ?? "";
  const covers = () => [...frames.values()].filter(f => f.cover && coverOf(f.key) === f.key);
  const LEAST = { x: 150, y: 52 }, GAP = 10; // points: of a cover, and between what lies around folded space

  // Where everything is at first
  for (const node of nodes) {
    node.box = box(node.element.querySelector(shapes));
    for (const key of holders(node.frame)) frames.get(key).nodes.push(node);
  }
  for (const frame of frames.values()) frame.box = box(frame.element.querySelector(shapes));
  for (const edge of edges) {
    edge.path = edge.element.querySelector("path");
    edge.words = edge.path.getAttribute("d").split(/(-?[\d.]+)/);
    edge.tip = edge.words.filter((_, i) => i % 2).slice(-2).map(Number);
  }
  const paper = graph.querySelector(":scope > polygon"), whole = box(paper);
  const legend = [...graph.children].filter(e => e !== paper && !e.matches(".node, .edge, .cluster"));
  const place = legend.map(box);
  const legendBox = { x: [Math.min(...place.map(b => b.x[0])), Math.max(...place.map(b => b.x[1]))], y: [Math.min(...place.map(b => b.y[0])), Math.max(...place.map(b => b.y[1]))] };

  // Along one axis: what is solid keeps its size, and gaps that lie under a cover shrink.
  function folding(axis) {
    const under = covers().map(f => f.box[axis]);
    if (!under.length) return x => x;
    const centre = ([from, to]) => [(from + to) / 2 - LEAST[axis] / 2, (from + to) / 2 + LEAST[axis] / 2];
    const solid = under.map(([from, to]) => (to - from < LEAST[axis] ? [from, to] : centre([from, to])));
    for (const [from, to] of under) solid.push([from - GAP, from + 1], [to - 1, to + GAP]);
    for (const node of nodes) if (node.cover === "") solid.push(node.box[axis]);
    for (const frame of frames.values()) {
      const [from, to] = frame.box[axis];
      if (coverOf(frame.key) === "") solid.push([from, from + (axis === "y" ? 24 : 6)], [to - 6, to]);
    }
    solid.push(legendBox[axis], [whole[axis][0], whole[axis][0] + 4], [whole[axis][1] - 4, whole[axis][1]]);
    solid.sort((a, b) => a[0] - b[0]);
    const knots = [[whole[axis][0], whole[axis][0]]];
    const extend = (x, share) => { const [from, to] = knots.at(-1); if (x > from) knots.push([x, to + (x - from) * share]); };
    for (const [from, to] of solid) {
      const at = knots.at(-1)[0], gap = from - at;
      const folded = gap > GAP && under.some(([low, high]) => low < from && high > at);
      extend(from, folded ? GAP / gap : 1);
      extend(to, 1);
    }
    return x => {
      let low = 0, high = knots.length - 1;
      if (x <= knots[0][0]) return x;
      if (x >= knots[high][0]) return knots[high][1] + x - knots[high][0];
      while (high - low > 1) { const middle = (low + high) >> 1; if (knots[middle][0] <= x) low = middle; else high = middle; }
      const [[a, from], [b, to]] = [knots[low], knots[high]];
      return from + ((x - a) * (to - from)) / (b - a);
    };
  }
  const middle = ([from, to]) => (from + to) / 2;
  const shift = (element, dx, dy) => (dx || dy ? element.setAttribute("transform", `translate(${dx.toFixed(1)},${dy.toFixed(1)})`) : element.removeAttribute("transform"));

  function make(name, attributes, text) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  }
  function cover(frame) {
    frame.cover = make("g", { class: "cover", role: "button", "aria-label": `${frame.title}, collapsed` });
    frame.sheet = make("rect", { rx: 8, class: "outline" });
    frame.name = make("text", { "font-weight": "bold" }, frame.title);
    frame.words = make("text", { class: "grad" });
    frame.cover.append(frame.sheet, frame.name, frame.words);
    frame.cover.dataset.frame = frame.key;
    graph.append(frame.cover);
  }
  function arrange() {
    for (const frame of frames.values()) {
      const outermost = coverOf(frame.key) === frame.key;
      if (outermost && !frame.cover) cover(frame);
      if (frame.cover) frame.cover.classList.toggle("away", !outermost);
      frame.element.classList.toggle("away", coverOf(frame.key) !== "");
    }
    for (const node of nodes) node.element.classList.toggle("away", (node.cover = coverOf(node.frame)) !== "");
    for (const { element, operand, result } of edges) {
      element.classList.toggle("away", operand.cover !== "" && operand.cover === result.cover);
    }
    const X = folding("x"), Y = folding("y");
    for (const node of nodes) {
      const [x, y] = [middle(node.box.x), middle(node.box.y)];
      node.at = [X(x) + offset.x, Y(y) + offset.y]; // in the coordinates of the whole picture
      if (node.cover === "") shift(node.element, X(x) - x, Y(y) - y);
    }
    for (const edge of edges) {
      let across = false;
      edge.path.setAttribute("d", edge.words.map((word, i) => (i % 2 ? ((across = !across) ? X : Y)(Number(word)).toFixed(1) : word)).join(""));
      const [x, y] = edge.tip;
      for (const head of edge.element.querySelectorAll("polygon")) shift(head, X(x) - x, Y(y) - y);
      for (const text of edge.element.querySelectorAll("text")) {
        const [x, y] = [Number(text.getAttribute("x")), Number(text.getAttribute("y"))];
        shift(text, X(x) - x, Y(y) - y);
      }
    }
    for (const frame of frames.values()) {
      const [left, right] = frame.box.x.map(X), [top, bottom] = frame.box.y.map(Y);
      const area = { x: left, y: top, width: right - left, height: bottom - top };
      if (coverOf(frame.key) === frame.key) {
        const size = Math.max(9, Math.min(area.height / 4, area.width / 9, 26)), x = left + area.width / 2;
        for (const [key, value] of Object.entries(area)) frame.sheet.setAttribute(key, value);
        for (const [text, share, down] of [[frame.name, 1, -0.1], [frame.words, 0.72, 1]]) {
          text.setAttribute("x", x);
          text.setAttribute("y", top + area.height / 2 + size * down);
          text.setAttribute("font-size", size * share);
        }
      }
      const outline = frame.element.querySelector(shapes);
      if (outline.tagName !== "rect") outline.replaceWith(make("rect", { ...area, rx: 8, fill: outline.getAttribute("fill"), stroke: outline.getAttribute("stroke") }));
      else for (const [key, value] of Object.entries(area)) outline.setAttribute(key, value);
      for (const text of frame.element.querySelectorAll("text")) shift(text, left - frame.box.x[0], top - frame.box.y[0]);
    }
    const dx = X(middle(legendBox.x)) - middle(legendBox.x), dy = Y(middle(legendBox.y)) - middle(legendBox.y);
    for (const element of legend) shift(element, dx, dy);
    const [left, right] = whole.x.map(X), [top, bottom] = whole.y.map(Y);
    paper.setAttribute("points", `${left},${top} ${right},${top} ${right},${bottom} ${left},${bottom}`);
    svg.setAttribute("viewBox", `${left + offset.x} ${top + offset.y} ${right - left} ${bottom - top}`);
  }
  const start = svg.viewBox.baseVal, offset = { x: start.x - whole.x[0], y: start.y - whole.y[0] };
  return { arrange, covers, get: key => frames.get(key), all: () => [...frames.values()] };
}
