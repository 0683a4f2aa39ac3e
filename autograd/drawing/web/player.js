"use strict";
begin(() => {
  const stage = by("stage"), svg = stage.querySelector("svg"), say = text => put(by("formula"), text);

  // The graph, as drawn: each box and arrow with its element, and what the passes do to it.
  const nodes = data.nodes.map(node => {
    const element = by(node.key), find = role => element.querySelector(role);
    return { ...node, element, number: find(".data"), grad: find(".grad"), steps: [] };
  });
  const boxOf = new Map(nodes.map(n => [n.element, n]));
  const keyed = Object.fromEntries(nodes.map(node => [node.key, node]));
  const edges = data.edges.map(([key, operand, result, count]) =>
    ({ key, element: by(key), operand: keyed[operand], result: keyed[result], count }));
  for (const { element } of [...nodes, ...edges]) outline(element);
  for (const { element, name, kind } of nodes) {
    give(element, { role: "group", "aria-label": `${name}, ${kind}` });
  }
  const graph = Graph(data.graph, nodes, edges), { steps, seed } = graph;
  for (const step of [seed, ...steps]) step.node.steps.push(step);
  for (const edge of edges) edge.label = edge.count ? null : edge.element.querySelector("text");
  const forward = nodes.filter(n => n.kind !== "more" && !n.values.every(graph.isLeaf));
  forward.forEach((node, i) => { node.computed = i + 1; });
  const computed = ({ values }) => (values.length > 1
    ? `${values.length.toLocaleString("en")} values at once` : graph.computation(values[0]));
  function shown({ values }) {
    const numbers = values.map(i => graph.x[i]);
    const ends = [Math.min, Math.max].map(f => short(numbers.reduce((a, b) => f(a, b))));
    return [...new Set(ends)].join(" … ");
  }
  let refused = ""; // what was typed for a leaf, in a sentence
  function refresh() {
    for (const node of nodes) {
      node.value = graph.x[node.values[0]];
      if (node.kind === "constant") node.name = short(node.value);
    }
    put(by("trouble"), refused || graph.trouble());
    by("trouble").hidden = !by("trouble").said;
  }

  // Places: 0 is before the forward pass, start is the seed, end is the last contribution.
  const start = forward.length + 1, end = start + steps.length;
  let place = 0, chosen = null;
  const passed = step => step !== undefined && step.number < place - start;
  const last = node => node.steps.findLast(passed);

  // Boxes and arrows at this place; those that are covered or far away when they come near.
  function write(node) {
    if (node.far || node.cover) return;
    const known = node.computed === undefined || node.computed <= place, step = last(node);
    const prefix = node.values.length === 1 ? "grad" : "largest grad";
    const grad = place < start ? "" : `${prefix} ${short(step?.grad ?? 0)}`;
    node.element.classList.toggle("waiting", !known);
    if (node.number) put(node.number, known ? shown(node) : "…");
    if (node.grad) put(node.grad, predict.step?.node === node ? `${grad} → ?` : grad);
    shade(node.element, step && node.kind !== "constant" ? step.level : "none");
  }
  const near = new IntersectionObserver(met => {
    for (const { target, isIntersecting } of met) {
      const node = boxOf.get(target);
      node.far = !isIntersecting;
      write(node);
    }
  }, { root: stage, rootMargin: "300px" });
  if (nodes.length > 500) for (const { element } of nodes) near.observe(element);
  const intoView = element => element.scrollIntoView({ block: "nearest", inline: "nearest" });
  const seen = part => (part.cover ? modules.get(part.cover).cover : part.element);
  let marked = [];
  function mark(still, ...parts) {
    for (const element of marked) element.classList.remove("now");
    marked = parts.filter(Boolean).map(seen);
    for (const element of marked) element.classList.add("now");
    if (!still) for (const element of marked.slice(0, 2).reverse()) intoView(element);
  }

  // Modules
  const modules = Modules(data.frames, nodes, edges, svg);
  function summarise() {
    for (const frame of modules.covers()) {
      const larger = (a, b) => (graph.larger(a.grad, b.grad) === a.grad ? a : b);
      const reached = frame.nodes.map(last).filter(Boolean), started = place >= start;
      const top = reached.reduce(larger, { grad: 0, level: "zero" });
      put(frame.words, started ? `largest grad ${short(top.grad)}` : `${frame.nodes.length} values`);
      shade(frame.cover, started ? top.level : "none");
    }
  }
  function arrange() {
    const rects = modules.arrange();
    view.rescale();
    view.chart(rects);
    by("modules").setAttribute("aria-pressed", String(modules.covers().length > 0));
    render();
  }
  function collapse(depth) {
    for (const frame of modules.all) frame.covered = frame.depth === depth;
    arrange();
    view.open();
  }
  function collapseAll() {
    const open = modules.covers().length > 0;
    collapse(open ? 0 : 1);
    go();
    say(`All modules are ${open ? "expanded" : "collapsed"}.`);
  }
  function toggle(key) {
    const frame = modules.get(key);
    frame.covered = !frame.covered;
    if (!frame.covered) stage.focus({ preventScroll: true }); // its cover may have had the focus
    // One level at a time
    if (!frame.covered) for (const f of modules.all) if (f.outer === key) f.covered = true;
    arrange();
    intoView(frame.covered ? frame.cover : frame.element);
    say(`${frame.title} ${frame.covered ? "collapsed" : "expanded"}`);
  }

  // Moving
  function show(target, still = false) {
    if (predict.step && target > place) return place;
    const hidden = s => s.partial !== null && !passed(s) && start + s.number < target;
    const asked = (by("predict").checked && steps.find(hidden)) || null;
    place = asked ? start + asked.number : target;
    predict.about(asked);
    render();
    const { edge, node, result } = asked ?? steps[place - start - 1] ?? seed;
    mark(still, ...(place < start ? [forward[place - 1]] : [edge, node, result]));
    return place;
  }
  function render() {
    for (const node of nodes) write(node);
    for (const { element, label, step, result } of edges) {
      shade(element, passed(step) ? step.arrow : "none");
      if (label && step && !result.cover && !result.far) put(label, short(step.partial));
    }
    summarise();
    put(by("place"), place < start ? `forward pass, ${place} of ${forward.length}`
      : `reverse pass, ${place - start} of ${steps.length}`);
    if (predict.step) predict.ask();
    else if (place === 0) say("The leaves are known; every other value is computed from them.");
    else if (place < start) say(computed(forward[place - 1]));
    else say(graph.text(steps[place - start - 1] ?? seed));
    ledger(chosen);
  }

  // The ledger of one value: what has been added to its grad, and from where.
  function ledger(node) {
    if (!node) return;
    const done = node.steps.filter(passed), left = node.steps.length - done.length;
    const line = (cells, kind = "td") =>
      make("tr", {}, ...cells.map(textContent => make(kind, { textContent })));
    const hint = textContent => make("p", { className: "hint", textContent });
    const title = `${node.name}${node.number ? ` = ${shown(node)}` : ""}`;
    by("ledger").replaceChildren(
      make("h2", { textContent: title }),
      hint([node.kind, node.path].filter(Boolean).join(" ")),
      make("table", {}, line(["from", "partial × grad", "adds", "sum"], "th"),
        ...done.map(({ result, partial, outer, contribution, grad }) => {
          const product = partial === null ? "several" : `${short(partial)} × ${short(outer)}`;
          const from = result ? [result.name, product] : ["the seed", ""];
          return line([...from, short(contribution), short(grad)]);
        })),
      hint(left ? `${left} more to come` : "complete"));
  }
  function choose(node) {
    chosen?.element.classList.remove("chosen");
    chosen = node;
    chosen.element.classList.add("chosen");
    ledger(chosen);
    leaves.choose(chosen);
  }
  function chooseNext(by_) {
    const seen = nodes.filter(n => n.cover === "" || n === chosen);
    choose(seen[(seen.indexOf(chosen) + by_ + seen.length) % seen.length]);
    intoView(chosen.element);
    say(`${by("ledger").firstChild.textContent}, ${chosen.grad?.textContent ?? chosen.kind}`);
  }
  const predict = Predict(stage, graph, { say, reveal: () => go(place += 1) });

  // What if: a leaf has another number
  const leaves = Leaves(graph, nodes, stage, {
    changed() {
      const said = svg.getAttribute("aria-label");
      refresh();
      if (place === 0 && !by("predict").checked) go(end, true); // where all of it is seen
      else render();
      const now = graph.computation(data.graph.end);
      svg.setAttribute("aria-label", `Graph of ${now}${said.slice(said.lastIndexOf(":"))}`);
    },
    pick: node => { if (node !== chosen) choose(node); },
    refuse(sentence) {
      if (refused === sentence) return;
      refused = sentence;
      refresh();
    },
  });

  // Controls
  const view = View(stage, svg, leaves.follow);
  const { smaller, larger, fit } = view, reset = leaves.reset;
  const enter = () => {
    const key = document.activeElement.dataset.frame ?? (chosen && (chosen.cover || chosen.frame));
    if (key) toggle(key);
  };
  const go = controls({
    show, end, delay: () => 1200 / by("speed").value, status: by("formula"),
    actions: { smaller, larger, fit, reset, theme: switchTheme, modules: collapseAll },
    keys: {
      "+": larger, "-": smaller, 0: fit, b: () => go(start), e: leaves.edit, r: reset,
      j: () => chooseNext(1), k: () => chooseNext(-1), Enter: enter,
      p: () => { by("predict").checked = !by("predict").checked; go(); },
    },
  });
  by("predict").addEventListener("change", () => go());
  const nodeAt = event => boxOf.get(event.target.closest?.(".node"));
  let pointer = ""; // a field that appears under a pointer at rest is not pointed at
  for (const kind of ["pointerover", "pointermove"]) stage.addEventListener(kind, event => {
    const before = pointer;
    pointer = `${event.clientX} ${event.clientY}`;
    if (kind === "pointerover" && pointer !== before) ledger(nodeAt(event));
  });
  stage.addEventListener("pointerout", event => { if (nodeAt(event)) ledger(chosen); });
  stage.addEventListener("click", event => {
    const cover = event.target.closest(".cover"), frame = event.target.closest(".frame");
    if (nodeAt(event)) choose(nodeAt(event));
    else if (cover || frame) toggle(cover?.dataset.frame ?? frame.id);
  });

  by("modules").hidden = data.frames.length === 0;
  refresh();
  // As much as nearly fits: the depth that was asked for, or all, or less and less.
  const depths = [...new Set(modules.all.map(f => f.depth))].sort((a, b) => b - a);
  for (const depth of data.depth === null ? [0, ...depths] : [data.depth]) {
    collapse(depth);
    if (view.whole() >= 0.6) break;
  }
  const [pass, at, of] = data.begin, after = forward.findIndex(n => n.key === at) + 1;
  // Where arrows are merged, a walk has more steps, and its place is not known here.
  if (pass === "reverse") go(at === null ? end : start + (of === steps.length ? at : 0));
  else go(at === null ? forward.length : after);
  if (at !== null && place !== 0) return;
  const middle = ({ top, bottom }) => (top + bottom) / 2; // where the first result is
  const [there, here] = [seen(forward[0] ?? nodes[0]), stage].map(e => middle(e.getBoundingClientRect()));
  stage.scrollTo(0, stage.scrollTop + there - here);
});
