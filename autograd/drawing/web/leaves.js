"use strict";
// What if: the number of a leaf is dragged at its box, typed over it, or moved by a slider below.
function Leaves(graph, nodes, stage, { changed, pick, refuse }) {
  const { frozen, why } = data.graph;
  const form = by("leaf"), field = by("typed"), slider = by("dragged");
  const place = node => node.values[0], given = node => graph.given[place(node)];
  const alone = nodes.filter(n => n.values.length === 1 && n.number && graph.isLeaf(place(n)));
  const leaves = alone.filter(n => !frozen.includes(place(n)));
  let node = null, zoom = 1, drag = null, due = 0, wrong = false, before = 0;
  for (const leaf of leaves) {
    const { element, name } = leaf;
    element.classList.add("live");
    give(element, { role: "spinbutton", "aria-label": name, tabindex: 0 });
    tell(leaf);
    element.addEventListener("focus", () => { if (element.matches(":focus-visible")) pick(leaf); });
    element.addEventListener("keydown", event => {
      if (/^[\d.]$/.test(event.key)) { pick(leaf); edit(); } // which the digit goes into
      nudge(event, leaf);
    });
  }
  function tell(leaf) {
    leaf.shown = graph.x[place(leaf)];
    give(leaf.element, { "aria-valuenow": leaf.shown, "aria-valuetext": short(leaf.shown) });
  }
  const which = leaves.length ? "Some" : "The";
  if (why) by("whatif").textContent = `${which} numbers are fixed: ${why}.`;
  else by("whatif").hidden = leaves.length === 0;
  by("reset").hidden = leaves.length === 0;

  // Steps that are round numbers: 0.01 for what is below 10, 0.1 below 100
  const power = x => Math.max(0, Math.floor(Math.log10(Math.abs(x) || 1)));
  const stepOf = node => 10 ** ((Number.isFinite(given(node)) ? power(given(node)) : 0) - 2);
  const rounded = (x, step) => Number((Math.round(x / step) * step).toPrecision(12));
  function set(leaf, x) {
    if (Object.is(graph.x[place(leaf)], x)) return;
    graph.x[place(leaf)] = x;
    due ||= requestAnimationFrame(update);
  }
  function update() {
    due = 0;
    graph.update();
    const differs = leaf => !Object.is(graph.x[place(leaf)], given(leaf));
    for (const leaf of leaves) {
      if (leaf.shown === graph.x[place(leaf)]) continue;
      leaf.element.classList.toggle("changed", differs(leaf));
      tell(leaf);
    }
    by("reset").disabled = !leaves.some(differs);
    changed();
    follow();
  }
  // The field lies over the number, the slider under the box.
  function follow(to = zoom) {
    zoom = to;
    form.hidden = !node || node.cover !== "";
    if (form.hidden) return;
    const at = stage.getBoundingClientRect(), box = node.element.getBoundingClientRect();
    const text = node.number.getBoundingClientRect(), size = Math.max(12, 11 * zoom);
    const left = Math.min(text.left - 3, box.right - 5 * size);
    const top = text.top + text.height / 2 - size * 0.75;
    const style = { left: left - at.left + stage.scrollLeft, top: top - at.top + stage.scrollTop,
      width: box.right - left - 3, height: box.bottom - top + 18, fontSize: size };
    for (const key in style) form.style[key] = `${style[key]}px`;
    const x = graph.x[place(node)];
    const reach = Math.max(2, 2 * Math.abs(given(node) || 0), Math.abs(x));
    Object.assign(slider, { min: -reach, max: reach, step: stepOf(node), value: x });
    slider.setAttribute("aria-valuetext", short(x));
    if (document.activeElement !== field && !wrong) field.value = exact(x);
  }
  // While what is typed is no number the leaf keeps its own: 1/ is not a 1.
  function judge(isWrong) {
    wrong = isWrong;
    field.setAttribute("aria-invalid", String(wrong));
    if (!wrong) refuse("");
  }
  function complain() {
    if (!wrong) return;
    refuse(`${node.name} needs a number, such as -0.42 or 1/2, got ${field.value.trim() || "nothing"}`);
  }
  function choose(chosen) {
    node = leaves.includes(chosen) ? chosen : null;
    wrong = false;
    field.removeAttribute("aria-invalid");
    field.setAttribute("aria-label", `Number of ${node?.name}`);
    slider.setAttribute("aria-label", `Slider for ${node?.name}`);
    follow();
  }
  function edit() {
    if (!node && leaves[0]) pick(leaves[0]);
    if (!node) return;
    field.focus({ preventScroll: true });
    field.select();
  }
  function reset() {
    for (const leaf of leaves) set(leaf, given(leaf));
    judge(false);
    field.blur();
  }
  field.addEventListener("input", () => {
    const x = typed(field.value);
    judge(x === undefined);
    set(node, wrong ? before : x);
  });
  field.addEventListener("focus", () => { if (!wrong) before = graph.x[place(node)]; });
  field.addEventListener("blur", () => { complain(); follow(); });
  slider.addEventListener("input", () => {
    judge(false);
    set(node, before = Number(slider.value));
  });
  form.addEventListener("submit", event => event.preventDefault());
  function nudge(event, leaf) {
    const by_ = { ArrowUp: 1, ArrowDown: -1 }[event.key], step = stepOf(leaf);
    if (!by_) return;
    event.preventDefault();
    judge(false);
    set(leaf, before = rounded(graph.x[place(leaf)] + by_ * step, step));
    if (leaf === node) field.value = exact(graph.x[place(leaf)]);
  }
  form.addEventListener("keydown", event => {
    if (event.key === "Escape") judge(false);
    if (event.key === "Enter" && wrong) { complain(); field.select(); }
    if (event.key === "Escape" || (event.key === "Enter" && !wrong)) {
      node.element.focus({ preventScroll: true });
    }
    if (event.target === field) nudge(event, node);
  });
  stage.addEventListener("pointerdown", event => {
    const leaf = leaves.find(n => n.element === event.target.closest?.(".live"));
    if (leaf && event.button === 0) drag = { leaf, from: event.clientX, x: graph.x[place(leaf)] };
  });
  stage.addEventListener("pointermove", event => {
    const moved = drag ? event.clientX - drag.from : 0;
    if (!drag || (!drag.moving && Math.abs(moved) < 4)) return;
    if (!drag.moving) {
      drag.moving = true;
      stage.setPointerCapture(event.pointerId);
      pick(drag.leaf);
    }
    const step = stepOf(drag.leaf), start = Number.isFinite(drag.x) ? drag.x : 0;
    set(drag.leaf, rounded(start + moved * step, step));
  });
  for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, () => { drag = null; });
  return { choose, edit, follow, reset };
}
