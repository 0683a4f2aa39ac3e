"use strict";
(() => {
  const stage = by("stage"), svg = stage.querySelector("svg"), slider = by("slider");

  // The graph, as drawn: each node and edge with its element, what is written in it, and what the pass does to it.
  const nodes = data.nodes.map(([key, kind, name, value, frame, op, path, several]) => {
    const element = by(key), words = role => element.querySelector("." + role);
    return { key, kind, name, value: number(value), frame, op, path, several, element, number: words("data"), grad: words("grad"), steps: [] };
  });
  const edges = data.edges.map(([key, operand, result]) => ({ element: by(key), operand: nodes[operand], result: nodes[result] }));
  const output = nodes[data.seed[0]];
  const steps = data.reverse.map(([at, partial, outer, contribution, before, grad, shown, text], i) => {
    const edge = edges[at], numbers = { partial, outer, contribution, before, grad };
    for (const name in numbers) numbers[name] = number(numbers[name]);
    const single = partial !== null, ends = { edge, node: edge.operand, result: edge.result };
    const step = { ...ends, ...numbers, single, shown, text, number: i };
    step.node.steps.push(step);
    step.edge.step = step;
    return step;
  });
  const forward = data.forward.map(([node, text]) => ({ node: nodes[node], text }));
  forward.forEach((step, i) => { step.node.computed = i + 1; });
  const start = forward.length + 1, end = start + steps.length; // the place of the seed, and of the last step
  const largest = Math.max(1, ...steps.flatMap(s => [s.grad, s.contribution]).map(Math.abs).filter(Number.isFinite));
  for (const part of [...nodes, ...edges]) {
    outline(part.element);
    if (part.number) part.value_text = part.number.textContent;
  }

  const level = gradient => {
    if (gradient === null) return "none";
    if (!Number.isFinite(gradient)) return "bad";
    const size = data.shares.filter(share => Math.abs(gradient) > share * largest).length;
    return size ? (gradient > 0 ? "p" : "n") + size : "zero";
  };

  const gradOf = node => {
    if (place < start) return null;
    const done = taken(node);
    return done.length ? done.at(-1).grad : node === output ? 1 : 0;
  };
  const modules = Modules(data.frames, nodes, edges, svg);
  function summarise() {
    for (const frame of modules.covers()) {
      const grads = frame.nodes.map(gradOf).filter(g => g !== null);
      const top = grads.reduce((a, b) => (Math.abs(b) > Math.abs(a) || b !== b ? b : a), 0);
      frame.words.textContent = place < start ? `${frame.nodes.length} values` : `largest grad ${Number(top.toPrecision(4))}`;
      frame.cover.dataset.level = level(place < start ? null : top);
    }
  }
  function arrange(said) {
    modules.arrange();
    resize();
    by("modules").setAttribute("aria-pressed", String(modules.covers().length > 0));
    summarise();
    if (said) { refresh(); say(said); }
  }
  function toggle(key) {
    const frame = modules.get(key);
    frame.covered = !frame.covered;
    if (!frame.covered) modules.all().forEach(inner => { if (inner.outer === key) inner.covered = true; }); // one level at a time
    arrange(`${frame.title} ${frame.covered ? "collapsed" : "expanded"}`);
  }

  // The place in the passes: 0 is before the forward pass, start is the seed, end is the last contribution.
  let zoom = 1, place = 0, asking = null, timer = 0, chosen = null;
  const shownSteps = () => Math.max(0, place - start);
  const taken = node => node.steps.filter(step => step.number < shownSteps());
  function write(node) {
    const known = node.computed === undefined || node.computed <= place, passed = place >= start;
    const done = passed ? taken(node) : [];
    const shown = !passed ? "" : done.length ? done.at(-1).shown : node === output ? "1" : "0";
    let grad = shown && (node.several ? "largest grad " : "grad ") + shown;
    if (asking?.node === node) grad += " → ?";
    const colour = node.kind === "constant" || !passed || !(done.length || node === output) ? "none" : level(gradOf(node));
    if (node.known !== known) node.element.classList.toggle("waiting", !(node.known = known));
    if (node.number) put(node.number, known ? node.value_text : "…");
    if (node.grad) put(node.grad, grad);
    if (node.colour !== colour) node.element.dataset.level = node.colour = colour;
  }
  const put = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  function paint(edge) {
    const colour = edge.step !== undefined && edge.step.number < shownSteps() ? level(edge.step.contribution) : "none";
    if (edge.colour !== colour) edge.element.dataset.level = edge.colour = colour;
  }

  // What is in sight is brought up to date at once; in a large picture, the rest as soon as the reader's hand rests.
  const stale = new Set();
  let rest = 0;
  function refresh(all = nodes.length + edges.length < 1500) {
    const { x, y } = svg.viewBox.baseVal, { scrollLeft, scrollTop, clientWidth, clientHeight } = stage;
    const seen = ([left, top]) => {
      const [across, down] = [(left - x) * zoom - scrollLeft, (top - y) * zoom - scrollTop];
      return across > -200 && across < clientWidth + 200 && down > -100 && down < clientHeight + 100;
    };
    let budget = all === "some" ? 400 : Infinity;
    for (const part of stale) {
      const ends = part.operand ? [part.operand, part.result] : [part];
      if (all === false && !ends.some(node => node.cover === "" && seen(node.at))) continue;
      if (budget-- === 0) break;
      stale.delete(part);
      if (part.operand) paint(part);
      else write(part);
    }
    clearTimeout(rest);
    if (stale.size) rest = setTimeout(refresh, all === "some" ? 0 : 150, "some");
    stage.toggleAttribute("aria-busy", stale.size > 0);
  }
  let marked = [];
  function mark(...parts) {
    for (const element of marked) element.classList.remove("now");
    marked = parts.filter(Boolean).map(part => part.element);
    for (const element of marked) element.classList.add("now");
    const first = marked[0]?.getBoundingClientRect(), seen = stage.getBoundingClientRect();
    if (first && (first.left < seen.left || first.right > seen.right || first.top < seen.top || first.bottom > seen.bottom)) {
      marked[0].scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }
  function go(target) {
    const from = place;
    target = Math.max(0, Math.min(end, target));
    const blocked = by("predict").checked ? steps.findIndex((s, i) => s.single && i >= shownSteps() && start + i < target) : -1;
    const was = asking;
    asking = blocked >= 0 ? steps[blocked] : null;
    place = asking ? start + blocked : target;
    const touched = new Set(was ? [was.node] : []), arrows = new Set();
    if (asking) touched.add(asking.node);
    for (let i = Math.min(from, place); i < Math.max(from, place); i++) {
      if (i < forward.length) touched.add(forward[i].node);
      else if (i >= start) { touched.add(steps[i - start].node); arrows.add(steps[i - start].edge); }
    }
    const everything = (from < start) !== (place < start);
    for (const part of everything ? [...nodes, ...edges] : [...touched, ...arrows]) stale.add(part);
    refresh();
    report();
  }
  function report() {
    const step = steps[place - start - 1], result = forward[place - 1];
    summarise();
    slider.value = place;
    by("place").textContent = place < start ? `forward pass, ${Math.min(place, forward.length)} of ${forward.length}` : `reverse pass, ${place - start} of ${steps.length}`;
    slider.setAttribute("aria-valuetext", by("place").textContent);
    let text = "The leaves are known; every other value is computed from them.";
    if (place >= start) text = step ? step.text : data.seed[1];
    else if (result) text = result.text;
    if (asking) mark(asking.edge, asking.node, asking.result);
    else if (step && place > start) mark(step.edge, step.node, step.result);
    else mark(place === start ? output : result?.node);
    say(text);
    question();
    ledger(chosen);
  }
  const say = text => { by("formula").textContent = text; };

  // The ledger of one value: what has been added to its grad, and from where.
  function ledger(node) {
    const box = by("ledger");
    if (!node) return;
    const row = (cells, kind = "td") => { const tr = document.createElement("tr"); for (const c of cells) tr.append(Object.assign(document.createElement(kind), { textContent: c })); return tr; };
    const short = x => (Number.isFinite(x) ? String(Number(x.toPrecision(4))) : String(x));
    const done = place < start ? [] : taken(node), table = document.createElement("table");
    const heading = Object.assign(document.createElement("h2"), { textContent: `${node.name}${node.number ? ` = ${node.value_text}` : ""}` });
    const about = Object.assign(document.createElement("p"), { className: "hint", textContent: [node.kind, node.path].filter(Boolean).join(" ") });
    table.append(row(["from", "partial × grad", "adds", "sum"], "th"));
    if (node === output && place >= start) table.append(row(["the seed", "", "1", "1"]));
    for (const s of done) table.append(row([s.result.name, s.single ? `${short(s.partial)} × ${short(s.outer)}` : "several", short(s.contribution), s.shown]));
    const rest = node.steps.length - done.length;
    const more = Object.assign(document.createElement("p"), { className: "hint", textContent: rest ? `${rest} more to come` : "complete" });
    box.replaceChildren(heading, about, table, more);
  }
  function choose(node) {
    chosen?.element.classList.remove("chosen");
    chosen = node;
    chosen?.element.classList.add("chosen");
    ledger(chosen);
  }

  // Predict first
  function question() {
    by("question").hidden = !asking;
    stage.classList.toggle("predicting", by("predict").checked);
    if (!asking) return;
    const { node, result, before } = asking;
    say(`${result.name} passes its grad on to ${node.name}.`);
    by("asked").textContent = `${node.name}.grad is ${Number(before.toPrecision(4))} so far. What is it after this contribution from ${result.name}?`;
    by("guess").value = by("verdict").textContent = "";
    if (document.activeElement !== slider) by("guess").focus();
  }
  function reveal() {
    const step = asking;
    asking = null;
    place = start + step.number + 1;
    write(step.node);
    paint(step.edge);
    report();
    stage.focus({ preventScroll: true });
  }
  by("question").addEventListener("submit", event => {
    event.preventDefault();
    const text = by("guess").value.trim().replace("−", "-").replace(",", ".");
    const guess = /^[+-]?inf/i.test(text) ? (text.startsWith("-") ? -Infinity : Infinity) : Number(text);
    if (text === "" || (guess !== guess && !/^nan$/i.test(text))) { by("verdict").textContent = "Type a number, such as -0.42."; return; }
    const { right, text: verdict } = judge(guess, asking);
    by("verdict").textContent = verdict;
    if (right) { const said = asking.text; reveal(); say(`Right. ${said}`); }
  });
  by("show").addEventListener("click", reveal);

  // Controls
  function play(on = !timer) {
    clearTimeout(timer);
    timer = 0;
    if (on && place === end) go(0);
    const tick = () => {
      if (asking) { timer = setTimeout(tick, 300); return; }
      go(place + 1);
      timer = place < end ? setTimeout(tick, 1200 / by("speed").value) : play(false);
    };
    if (on) timer = setTimeout(tick, 50);
    by("play").textContent = on ? "⏸ Pause" : "▶ Play";
    by("play").setAttribute("aria-pressed", String(on));
    by("formula").setAttribute("aria-live", on ? "off" : "polite");
    return 0;
  }
  function resize() {
    svg.setAttribute("width", svg.viewBox.baseVal.width * zoom);
    svg.setAttribute("height", svg.viewBox.baseVal.height * zoom);
  }
  function scale(z) {
    zoom = Math.max(0.02, Math.min(8, z));
    resize();
  }
  const fit = () => {
    const { width, height } = svg.viewBox.baseVal;
    scale(Math.min(1.9, (stage.clientWidth - 4) / width, Math.max(0.6, (stage.clientHeight - 4) / height)));
  };
  function walk(by_) {
    const seen = nodes.filter(n => n.cover === "" || n === chosen);
    const next = seen[(seen.indexOf(chosen) + by_ + seen.length) % seen.length];
    choose(next);
    next.element.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  function collapseAll() {
    const cover = modules.covers().length === 0;
    modules.all().forEach(frame => { frame.covered = cover && frame.outer === ""; });
    arrange(cover ? "All modules are collapsed." : "All modules are expanded.");
    fit();
  }
  const actions = {
    first: () => go(0), back: () => go(place - 1), play: () => play(), forward: () => go(place + 1), last: () => go(end),
    fit, smaller: () => scale(zoom / 1.25), larger: () => scale(zoom * 1.25), theme: switchTheme, modules: collapseAll,
  };
  for (const [id, action] of Object.entries(actions)) by(id).addEventListener("click", action);
  by("predict").addEventListener("change", () => go(place));
  let wanted = 0;
  slider.addEventListener("input", () => {
    if (!wanted) requestAnimationFrame(() => { go(wanted - 1); wanted = 0; });
    wanted = Number(slider.value) + 1;
  });
  onKeys({
    ArrowRight: () => go(place + 1), ArrowLeft: () => go(place - 1), Home: () => go(0), End: () => go(end), " ": () => play(),
    b: () => go(start), j: () => walk(1), k: () => walk(-1), t: switchTheme, "+": actions.larger, "-": actions.smaller, 0: fit,
    p: () => { by("predict").checked = !by("predict").checked; go(place); },
    Enter: () => { const key = chosen && (chosen.cover || chosen.frame); if (key) toggle(key); },
  });
  const nodeAt = target => nodes.find(n => n.element === target.closest?.(".node"));
  stage.addEventListener("pointerover", event => { const node = nodeAt(event.target); if (node) ledger(node); });
  stage.addEventListener("pointerout", event => { if (nodeAt(event.target)) ledger(chosen); });
  stage.addEventListener("click", event => {
    const frame = event.target.closest(".cover")?.dataset.frame ?? event.target.closest(".frame")?.id, node = nodeAt(event.target);
    if (node) choose(node);
    else if (frame) toggle(frame);
  });
  stage.addEventListener("scroll", () => { if (stale.size) refresh(); });
  stage.addEventListener("wheel", event => {
    if (event.ctrlKey) { event.preventDefault(); scale(zoom * Math.exp(-event.deltaY / 300)); }
  }, { passive: false });

  slider.max = end;
  by("modules").hidden = data.frames.length === 0;
  for (const key of data.collapsed) modules.get(key).covered = true;
  for (const part of [...nodes, ...edges]) stale.add(part);
  arrange();
  fit();
  refresh();
  report();
})();
