"use strict";
(() => {
  const stage = by("stage"), svg = stage.querySelector("svg");

  // The graph, as drawn: each box and arrow with its element, and what the passes do to it.
  const nodes = data.nodes.map(node => {
    const element = by(node.key), find = role => element.querySelector(role);
    const number = find(".data"), grad = find(".grad"), shown = number?.textContent;
    return { ...node, element, number, grad, shown, steps: [] };
  });
  const keyed = parts => Object.fromEntries(parts.map(part => [part.key, part]));
  const node = keyed(nodes), edges = data.edges.map(([key, operand, result]) =>
    ({ key, element: by(key), operand: node[operand], result: node[result] }));
  for (const { element } of [...nodes, ...edges]) outline(element);
  const edge = keyed(edges), output = node[data.output];
  const stepOf = ([at, partial, outer, contribution, before, grad, arrow, level, text], number) => {
    const ends = { edge: edge[at], node: edge[at]?.operand ?? output, result: edge[at]?.result };
    return { ...ends, partial, outer, contribution, before, grad, number, arrow, level, text };
  };
  const seed = stepOf(data.seed, -1), steps = data.reverse.map(stepOf);
  for (const step of [seed, ...steps]) step.node.steps.push(step);
  for (const step of steps) step.edge.step = step;
  const forward = data.forward.map(([key, text]) => ({ node: node[key], text }));
  forward.forEach((step, i) => { step.node.computed = i + 1; });

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
    const known = node.computed === undefined || node.computed <= place, step = last(node);
    const grad = place < start ? "" : `${node.prefix} ${step?.grad ?? "0"}`;
    node.element.classList.toggle("waiting", !known);
    if (node.number) put(node.number, known ? node.shown : "…");
    if (node.grad) put(node.grad, asking?.node === node ? `${grad} → ?` : grad);
    shade(node.element, step && node.kind !== "constant" ? step.level : "none");
  }
  let marked = [];
  function mark(...parts) {
    for (const element of marked) element.classList.remove("now");
    marked = parts.filter(Boolean).map(part => part.element);
    for (const element of marked) element.classList.add("now");
    if (marked.length) intoView(marked[0]);
  }
  const intoView = element => element.scrollIntoView({ block: "nearest", inline: "nearest" });

  // Modules
  const modules = Modules(data.frames, nodes, edges, svg);
  function summarise() {
    for (const frame of modules.covers()) {
      const size = step => Math.abs(number(step.grad));
      const larger = (a, b) => (size(a) >= size(b) || a.grad === "nan" ? a : b);
      const reached = frame.nodes.map(last).filter(Boolean), started = place >= start;
      const top = reached.reduce(larger, { grad: "0", level: "zero" });
      put(frame.words, started ? `largest grad ${top.grad}` : `${frame.nodes.length} values`);
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
    fit();
  }

  // Moving
  function show(target) {
    if (asking && target > place) return place;
    const hidden = s => s.partial && !passed(s) && start + s.number < target;
    asking = (by("predict").checked && steps.find(hidden)) || null;
    place = asking ? start + asking.number : target;
    const step = steps[place - start - 1] ?? seed, result = forward[place - 1];
    for (const node of nodes) write(node);
    for (const { element, step } of edges) shade(element, passed(step) ? step.arrow : "none");
    summarise();
    const done = Math.min(place, forward.length);
    put(by("place"), place < start ? `forward pass, ${done} of ${forward.length}`
      : `reverse pass, ${place - start} of ${steps.length}`);
    const { edge, node, result: from } = asking ?? step;
    mark(...(place < start ? [result?.node] : [edge, node, from]));
    if (place >= start) say(step.text);
    else say(result?.text ?? "The leaves are known; every other value is computed from them.");
    question();
    ledger(chosen);
    return place;
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
      const product = !result ? "" : partial ? `${partial} × ${outer}` : "several";
      row([result?.name ?? "the seed", product, contribution, grad]);
    }
    const left = node.steps.length - done.length, hint = text =>
      make("p", { className: "hint", textContent: text });
    const title = `${node.name}${node.number ? ` = ${node.shown}` : ""}`;
    const about = hint([node.kind, node.path].filter(Boolean).join(" "));
    const more = hint(left ? `${left} more to come` : "complete");
    by("ledger").replaceChildren(make("h2", { textContent: title }), about, table, more);
  }
  function choose(node) {
    chosen?.element.classList.remove("chosen");
    chosen = node;
    chosen.element.classList.add("chosen");
    ledger(chosen);
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
    const { node, result, before } = asking;
    say(`${result.name} passes its grad on to ${node.name}.`);
    put(by("asked"), `${node.name}.grad is ${before} so far. ` +
      `What is it after this contribution from ${result.name}?`);
    by("guess").value = "";
    put(by("verdict"), "");
    if (document.activeElement !== by("slider")) by("guess").focus();
  }
  function reveal(said = "") {
    const step = asking;
    asking = null;
    place += 1;
    go(place);
    say(said + step.text);
    stage.focus({ preventScroll: true });
  }
  by("question").addEventListener("submit", event => {
    event.preventDefault();
    const text = by("guess").value.trim().toLowerCase().replace("−", "-").replace(",", ".");
    const guess = number(text.replace(/^[+]/, "").replace(/inf.*/, "inf"));
    const typed = text !== "" && (guess === guess || text === "nan");
    const verdict = typed ? judge(guess, asking) : { text: "Type a number, such as -0.42." };
    put(by("verdict"), verdict.text);
    if (verdict.right) reveal("Right. ");
  });
  by("show").addEventListener("click", () => reveal());

  // Controls
  function scale(to) {
    zoom = Math.max(0.02, Math.min(8, to));
    const { width, height } = svg.viewBox.baseVal;
    svg.setAttribute("width", width * zoom);
    svg.setAttribute("height", height * zoom);
  }
  function fit() {
    const { width, height } = svg.viewBox.baseVal;
    const [across, down] = [(stage.clientWidth - 4) / width, (stage.clientHeight - 4) / height];
    scale(Math.min(1.9, across, Math.max(0.6, down)));
  }
  const smaller = () => scale(zoom / 1.25), larger = () => scale(zoom * 1.25);
  const go = controls({
    show, end, delay: () => 1200 / by("speed").value, told: by("formula"),
    actions: { smaller, larger, fit, theme: switchTheme, modules: collapseAll },
    keys: {
      "+": larger, "-": smaller, 0: fit, b: () => go(start),
      j: () => chooseNext(1), k: () => chooseNext(-1),
      p: () => { by("predict").checked = !by("predict").checked; go(); },
      Enter: () => { const key = chosen && (chosen.cover || chosen.frame); if (key) toggle(key); },
    },
  });
  by("predict").addEventListener("change", () => go());
  const nodeAt = event => nodes.find(n => n.element === event.target.closest?.(".node"));
  stage.addEventListener("pointerover", event => ledger(nodeAt(event)));
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
  arrange();
  fit();
  go();
})();
