"use strict";
begin(() => {
  const stage = by("stage"), svg = stage.querySelector("svg");

  // The graph, as drawn: each box and arrow with its element, and what the passes do to it.
  const nodes = data.nodes.map(node => {
    const element = by(node.key), find = role => element.querySelector(role);
    return { ...node, element, number: find(".data"), grad: find(".grad"), steps: [] };
  });
  const boxOf = new Map(nodes.map(n => [n.element, n]));
  const keyed = parts => Object.fromEntries(parts.map(part => [part.key, part]));
  const node = keyed(nodes), edges = data.edges.map(([key, operand, result, count]) =>
    ({ key, element: by(key), operand: node[operand], result: node[result], count }));
  for (const { element } of [...nodes, ...edges]) outline(element);
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
  function refresh() {
    for (const node of nodes) {
      node.value = graph.x[node.values[0]];
      if (node.kind === "constant") node.name = short(node.value);
    }
    for (const { label, step } of edges) if (label && step) put(label, short(step.partial));
    const trouble = refused || graph.trouble();
    put(by("trouble"), trouble);
    by("trouble").hidden = !trouble;
  }

  // Places: 0 is before the forward pass, start is the seed, end is the last contribution.
  const start = forward.length + 1, end = start + steps.length;
  let zoom = 1, place = 0, asking = null, chosen = null;
  const passed = step => step !== undefined && step.number < place - start;
  const last = node => node.steps.findLast(passed);
  // An element keeps what was last written to it: to ask the page would take longer.
  const put = (element, text) => {
    if (element.said !== text) element.textContent = element.said = text;
  };
  const shade = (element, to) => {
    if (element.level !== to) element.dataset.level = element.level = to;
  };
  const say = text => put(by("formula"), text);

  // Boxes and arrows at this place
  function write(node) {
    if (node.far) return;
    const known = node.computed === undefined || node.computed <= place, step = last(node);
    const prefix = node.values.length === 1 ? "grad" : "largest grad";
    const grad = place < start ? "" : `${prefix} ${short(step?.grad ?? 0)}`;
    node.element.classList.toggle("waiting", !known);
    if (node.number) put(node.number, known ? shown(node) : "…");
    if (node.grad) put(node.grad, asking?.node === node ? `${grad} → ?` : grad);
    shade(node.element, step && node.kind !== "constant" ? step.level : "none");
  }
  // Of a large picture the boxes out of sight are written when they come near.
  const near = new IntersectionObserver(met => {
    for (const { target, isIntersecting } of met) {
      const node = boxOf.get(target);
      node.far = !isIntersecting;
      write(node);
    }
  }, { root: stage, rootMargin: "300px" });
  if (nodes.length > 500) for (const { element } of nodes) near.observe(element);
  let marked = [];
  function mark(...parts) {
    for (const element of marked) element.classList.remove("now");
    marked = parts.filter(Boolean).map(part => part.element);
    for (const element of marked) element.classList.add("now");
    if (marked.length) intoView(marked[0]);
  }
  const intoView = element => element.scrollIntoView({ block: "nearest", inline: "nearest" });

  // The legend's colours, which mean nothing before there are grads
  const legend = [...svg.querySelectorAll(".graph > text, .graph > polygon")];
  const bound = legend.find(element => element.textContent === "−largest")?.getBBox();
  const colours = legend.filter(element => {
    const { y, height } = element.getBBox();
    return bound && Math.abs(y + height / 2 - bound.y - bound.height / 2) < 6;
  });

  // Modules
  const modules = Modules(data.frames, nodes, edges, svg);
  function summarise() {
    for (const frame of modules.covers()) {
      const larger = (a, b) => (graph.larger(a.grad, b.grad) === a.grad ? a : b);
      const reached = frame.nodes.map(last).filter(Boolean), started = place >= start;
      const top = reached.reduce(larger, { grad: 0, level: "zero" });
      const count = frame.nodes.length;
      put(frame.words, started ? `largest grad ${short(top.grad)}` : `${count} values`);
      frame.cover.dataset.level = started ? top.level : "none";
    }
  }
  function arrange(said) {
    modules.arrange();
    scale(zoom);
    by("modules").setAttribute("aria-pressed", String(modules.covers().length > 0));
    summarise();
    if (said) say(said);
  }
  function toggle(key) {
    const frame = modules.get(key), inner = modules.all().filter(f => f.outer === key);
    frame.covered = !frame.covered;
    if (!frame.covered) for (const f of inner) f.covered = true; // one level at a time
    arrange(`${frame.title} ${frame.covered ? "collapsed" : "expanded"}`);
  }
  function collapseAll() {
    const cover = modules.covers().length === 0;
    for (const frame of modules.all()) frame.covered = cover && frame.outer === "";
    arrange(`All modules are ${cover ? "collapsed" : "expanded"}.`);
    fitLegibly();
  }

  // Moving
  function show(target) {
    if (asking && target > place) return place;
    const hidden = s => s.partial !== null && !passed(s) && start + s.number < target;
    asking = (by("predict").checked && steps.find(hidden)) || null;
    place = asking ? start + asking.number : target;
    render();
    const step = steps[place - start - 1] ?? seed;
    const { edge, node, result: from } = asking ?? step;
    mark(...(place < start ? [forward[place - 1]] : [edge, node, from]));
    question();
    return place;
  }
  function render() {
    for (const node of nodes) write(node);
    for (const { style } of colours) style.visibility = place < start ? "hidden" : "";
    for (const { element, step } of edges) shade(element, passed(step) ? step.arrow : "none");
    summarise();
    const done = Math.min(place, forward.length);
    put(by("place"), place < start ? `forward pass, ${done} of ${forward.length}`
      : `reverse pass, ${place - start} of ${steps.length}`);
    if (place === 0) say("The leaves are known; every other value is computed from them.");
    else if (place < start) say(computed(forward[place - 1]));
    else say(graph.text(steps[place - start - 1] ?? seed));
    if (asking) ask();
    ledger(chosen);
  }

  // The ledger of one value: what has been added to its grad, and from where.
  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  function ledger(node) {
    if (!node) return;
    const table = make("table"), done = node.steps.filter(passed);
    const row = (cells, kind = "td") => {
      table.append(make("tr"));
      table.lastChild.append(...cells.map(textContent => make(kind, { textContent })));
    };
    row(["from", "partial × grad", "adds", "sum"], "th");
    for (const { result, partial, outer, contribution, grad } of done) {
      const product = partial === null ? "several" : `${short(partial)} × ${short(outer)}`;
      const from = result ? [result.name, product] : ["the seed", ""];
      row([...from, short(contribution), short(grad)]);
    }
    const left = node.steps.length - done.length, hint = text =>
      make("p", { className: "hint", textContent: text });
    const title = `${node.name}${node.number ? ` = ${shown(node)}` : ""}`;
    const about = hint([node.kind, node.path].filter(Boolean).join(" "));
    const more = hint(left ? `${left} more to come` : "complete");
    by("ledger").replaceChildren(make("h2", { textContent: title }), about, table, more);
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
  }

  // Predict first
  function question() {
    by("question").hidden = !asking;
    stage.classList.toggle("predicting", by("predict").checked);
    if (!asking) return;
    ask();
    by("guess").value = "";
    put(by("verdict"), "");
    if (!["slider", "typed", "dragged"].includes(document.activeElement.id)) by("guess").focus();
  }
  function ask() {
    const { node, result, before } = asking;
    say(`${result.name} passes its grad on to ${node.name}.`);
    put(by("asked"), `${node.name}.grad is ${short(before)} so far. ` +
      `What is it after this contribution from ${result.name}?`);
  }
  function reveal(said = "") {
    const step = asking;
    asking = null;
    place += 1;
    go(place);
    say(said + graph.text(step));
    stage.focus({ preventScroll: true });
  }
  by("question").addEventListener("submit", event => {
    event.preventDefault();
    const guess = typed(by("guess").value), none = { text: `Type a number, such as ${SUCH}.` };
    const verdict = guess === undefined ? none : judge(guess, asking);
    put(by("verdict"), verdict.text);
    if (verdict.right) reveal("Right. ");
  });
  by("show").addEventListener("click", () => reveal());

  // What if: a leaf has another number
  let refused = ""; // what was typed for one, in a sentence
  const leaves = Leaves(graph, nodes, stage, {
    changed() {
      const { scrollLeft, scrollTop } = stage, said = svg.getAttribute("aria-label");
      refresh();
      if (place === 0 && !by("predict").checked) go(end); // where all of it is seen
      else render();
      stage.scrollTo(scrollLeft, scrollTop);
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
  function scale(to) {
    zoom = Math.max(0.02, Math.min(8, to));
    const { width, height } = svg.viewBox.baseVal;
    svg.setAttribute("width", width * zoom);
    svg.setAttribute("height", height * zoom);
    leaves.follow(zoom);
    fade();
  }
  function fit(least = 0) {
    const { width, height } = svg.viewBox.baseVal;
    const [across, down] = [(stage.clientWidth - 4) / width, (stage.clientHeight - 4) / height];
    const whole = Math.min(1.9, across, down), legible = 10 / 12; // pixels of the words
    if (whole >= legible && framed === 0) scale(whole);
    else scale(Math.max(least, Math.min(1.9, across, Math.max(0.6, down))));
  }
  // No words smaller than 12 pixels in a cell of a notebook, or if no overview is lost by that.
  const framed = self === top ? 0 : 1;
  function fitLegibly() {
    fit(!framed && nodes.filter(n => n.cover === "").length > 60 ? 0 : 1);
  }
  function fade() {
    const { scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight } = stage;
    const beyond = { left: scrollLeft, right: scrollWidth - clientWidth - scrollLeft,
      top: scrollTop, bottom: scrollHeight - clientHeight - scrollTop };
    for (const side in beyond) {
      stage.style.setProperty(`--${side}`, `${Math.max(0, Math.min(48, beyond[side] - 1))}px`);
    }
  }
  stage.addEventListener("scroll", fade);
  new ResizeObserver(fade).observe(stage);
  const smaller = () => scale(zoom / 1.25), larger = () => scale(zoom * 1.25);
  const go = controls({
    show, end, delay: () => 1200 / by("speed").value, told: by("formula"),
    actions: { smaller, larger, fit, theme: switchTheme, modules: collapseAll,
      reset: () => leaves.reset() },
    keys: {
      "+": larger, "-": smaller, 0: fit, b: () => go(start),
      j: () => chooseNext(1), k: () => chooseNext(-1),
      e: () => leaves.edit(), r: () => leaves.reset(),
      p: () => { by("predict").checked = !by("predict").checked; go(); },
      Enter: () => { const key = chosen && (chosen.cover || chosen.frame); if (key) toggle(key); },
    },
  });
  by("predict").addEventListener("change", () => go());
  const nodeAt = event => boxOf.get(event.target.closest?.(".node"));
  let pointer = ""; // a field that appears under a pointer at rest is not pointed at
  stage.addEventListener("pointerover", event => {
    const before = pointer;
    pointer = `${event.clientX} ${event.clientY}`;
    if (pointer !== before) ledger(nodeAt(event));
  });
  stage.addEventListener("pointermove", event => {
    pointer = `${event.clientX} ${event.clientY}`;
  });
  stage.addEventListener("pointerout", event => { if (nodeAt(event)) ledger(chosen); });
  stage.addEventListener("click", event => {
    const cover = event.target.closest(".cover"), frame = event.target.closest(".frame");
    if (nodeAt(event)) choose(nodeAt(event));
    else if (cover || frame) toggle(cover?.dataset.frame ?? frame.id);
  });
  stage.addEventListener("wheel", event => {
    if (event.ctrlKey) { event.preventDefault(); scale(zoom * Math.exp(-event.deltaY / 300)); }
  }, { passive: false });

  by("modules").hidden = data.frames.length === 0;
  refresh();
  arrange();
  fitLegibly();
  const [pass, at, of] = data.begin, after = forward.findIndex(n => n.key === at) + 1;
  // Where arrows are merged, a walk has more steps, and its place is not known here.
  if (pass === "reverse") go(at === null ? end : start + (of === steps.length ? at : 0));
  else go(at === null ? forward.length : after);
  if (at === null || place === 0) stage.scrollTo(0, (stage.scrollHeight - stage.clientHeight) / 2);
});
