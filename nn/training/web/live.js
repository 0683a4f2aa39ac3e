(() => {
  const { run } = data, classes = run.classes, most = { layers: run.most[0], units: run.most[1] };
  const options = { sizes: [...run.sizes], activation: run.activation, rate: run.optimizer.rate,
    l1: run.l1, l2: run.l2, noise: 0, batch: Math.min(run.batch, run.features.length), seed: 1,
    own: true };
  let training, curves, playing = false, units = [], lines = [];

  // Colours: orange through paper to blue, or one for each of several classes.
  const HUES = ["#d9660f", "#2f7fc1", "#0b6e4f", "#e78ac3", "#5e2a84", "#e0b000", "#7a1f1f",
    "#57606a"];
  const several = classes.length > 2 || run.sizes.at(-1) > 2;
  const rgb = hex => [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
  // As a canvas keeps them, for numbers from -1 to 1.
  const packed = ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r;
  const ramp = new Uint32Array(255);
  let theme;
  function readTheme() {
    const style = getComputedStyle(document.documentElement);
    const colour = name => rgb(style.getPropertyValue(`--${name}`).trim());
    theme = { paper: colour("paper"), ink: colour("ink"), high: colour("p3"), low: colour("n3") };
    ramp.forEach((_, i) => { ramp[i] = packed(signed((i - 127) / 127)); });
  }
  const mix = (a, b, share) => a.map((x, i) => x + (b[i] - x) * share);
  const signed = v =>
    mix(theme.paper, v > 0 ? theme.high : theme.low, 0.85 * Math.min(1, Math.abs(v)));
  const classColour = k => (several ? rgb(HUES[k % HUES.length]) : k ? theme.high : theme.low);
  function paint(canvas, colourAt) {
    const { cells } = run, pen = canvas.getContext("2d");
    const image = canvas.image ??= pen.createImageData(cells, cells);
    const pixels = canvas.pixels ??= new Uint32Array(image.data.buffer);
    for (let at = 0; at < pixels.length; at++) pixels[at] = colourAt(at);
    pen.putImageData(image, 0, 0);
  }
  const onRamp = v => ramp[Math.max(0, Math.min(254, Math.round(127 + 127 * v)))] ?? ramp[127];

  // The network: a box for each unit, and a line for each weight.
  const button = (textContent, ariaLabel, onclick, enabled) =>
    make("button", { type: "button", textContent, ariaLabel, onclick, disabled: !enabled });
  const last = () => options.sizes.length - 1;
  function resize(change) {
    change(options.sizes);
    options.own = true;
    restart();
  }
  function heading(l) {
    const { sizes } = options, hidden = l > 0 && l < last(), head = make("header");
    if (!l) head.append("features");
    else if (!hidden) head.append("output");
    else {
      head.append(make("span", { textContent: `${sizes[l]} unit${sizes[l] > 1 ? "s" : ""}` }));
      const by_ = step => () => resize(s => { s[l] += step; });
      const fewer = button("−", `A unit less in layer ${l}`, by_(-1), sizes[l] > 1);
      const more = button("+", `A unit more in layer ${l}`, by_(1), sizes[l] < most.units);
      head.append(make("span", { className: "group" }, fewer, more));
    }
    if (l === last()) {
      const [drop, add] = [s => s.splice(-2, 1), s => s.splice(-1, 0, 4)];
      const fewer = button("−", "A hidden layer less", () => resize(drop), last() > 1);
      const more = button("+", "A hidden layer more", () => resize(add), last() <= most.layers);
      head.append(make("span", { className: "group" }, fewer, " layer ", more));
    }
    return head;
  }
  function build() {
    const inputs = run.names.map(textContent =>
      ({ box: make("div", { className: "input unit", textContent }) }));
    const tall = Math.floor(430 / Math.max(...options.sizes)) - 8;
    const side = Math.max(22, Math.min(46, tall));
    units = [inputs, ...training.net.layers.map(neurons => neurons.map(neuron => {
      const { cells } = run, box = make("canvas", { className: "unit" });
      box.width = box.height = cells;
      Object.assign(box.style, { width: `${side}px`, height: `${side}px` });
      return { ...neuron, box };
    }))];
    by("layers").replaceChildren(...units.map((layer, l) =>
      make("div", { className: "layer" }, heading(l),
        make("div", { className: "units" }, ...layer.map(unit => unit.box)))));
    const svg = by("lines"), from = svg.getBoundingClientRect();
    svg.replaceChildren();
    lines = units.slice(1).flatMap((layer, l) => layer.flatMap((unit, k) => unit.w.map((p, i) => {
      const a = units[l][i].box.getBoundingClientRect(), b = unit.box.getBoundingClientRect();
      const ends = { x1: a.right - from.left, y1: a.top + a.height / 2 - from.top,
        x2: b.left - from.left, y2: b.top + b.height / 2 - from.top };
      const line = drawn("line", ends);
      const name = l ? `unit ${i + 1} of layer ${l}` : run.names[i];
      const to = l + 1 === last() ? `output ${k + 1}` : `unit ${k + 1} of layer ${l + 1}`;
      line.addEventListener("pointerenter", () => {
        const [w, grad] = [training.theta, training.grads].map(all => short(all[p - training.first]));
        tell(`weight from ${name} to ${to}: ${w}, gradient ${grad}`);
      });
      svg.append(line);
      return { line, p };
    })));
  }
  const tell = text => { by("status").textContent = text; };

  // What is shown of this moment
  function draw() {
    const maps = training.survey(), { layers } = training.net;
    let n = 0;
    for (const [l, layer] of layers.entries()) {
      for (const k of layer.keys()) {
        const map = maps[n++], isOutput = l + 1 === last();
        const shift = isOutput && !several ? run.middle : 0, scale = isOutput ? run.scale : 1;
        paint(units[l + 1][k].box, at => onRamp((map[at] - shift) / scale));
      }
    }
    const outputs = maps.slice(n - layers.at(-1).length);
    const [only] = outputs, isRamp = outputs.length === 1 && !several;
    paint(small, at => (isRamp ? onRamp((only[at] - run.middle) / run.scale)
      : packed(colourOf(outputs.map(map => map[at])))));
    boundary();
    const { theta, grads, first } = training, ofGrads = by("shown").value === "gradients";
    const largest = Math.max(...grads.map(Math.abs)) || 1;
    for (const { line, p } of lines) {
      const w = ofGrads ? 2 * grads[p - first] / largest : theta[p - first];
      const size = Math.min(6, 0.4 + 2.4 * Math.abs(w));
      const look = [size.toFixed(1), w > 0 ? "p3" : "n3", Math.min(1, 0.15 + Math.abs(w)).toFixed(2)];
      if (String(look) === line.look) continue;
      line.look = String(look);
      give(line, { "stroke-width": look[0], stroke: `var(--${look[1]})`, opacity: look[2] });
    }
    by("epoch").textContent = `epoch ${training.epochs}`;
    chart();
  }
  function colourOf(outputs) {
    if (outputs.length === 1) {
      const nearest = Math.max(0, Math.min(classes.length - 1, Math.round(outputs[0])));
      return mix(theme.paper, classColour(nearest), 0.7);
    }
    const best = outputs.indexOf(Math.max(...outputs));
    const second = Math.max(...outputs.filter((_, k) => k !== best));
    const sure = Math.tanh((outputs[best] - second) / 2);
    return mix(theme.paper, classColour(best), 0.2 + 0.65 * sure);
  }
  const small = make("canvas", { width: run.cells, height: run.cells });
  function boundary() {
    const canvas = by("boundary"), side = 640, pen = canvas.getContext("2d");
    if (canvas.width !== side) canvas.width = canvas.height = side;
    pen.imageSmoothingEnabled = true;
    pen.drawImage(small, 0, 0, side, side);
    const [left, right, low, high] = run.bounds;
    const dot = (x, y, target, radius) => {
      const at = [(x - left) / (right - left) * side, (high - y) / (high - low) * side];
      const full = classes.length ? classColour(target) : signed((target - run.middle) / run.scale);
      pen.beginPath();
      const corner = at.map(z => z - radius), wide = 2 * radius;
      if (classes.length && target % 2 === 0) pen.rect(...corner, wide, wide);
      else pen.arc(...at, radius * 1.1, 0, 7);
      pen.fillStyle = `rgb(${mix(full, theme.ink, 0.15)})`;
      pen.strokeStyle = `rgb(${theme.paper})`;
      pen.lineWidth = 3;
      pen.fill();
      pen.stroke();
    };
    for (const [r, target] of run.targets.entries()) {
      dot(training.feature(r, 0), training.feature(r, 1), target, 7);
    }
    for (const [r, [x, y]] of run.validation[0].entries()) dot(x, y, run.validation[1][r], 4);
  }
  function chart() {
    const own = [0, 1].map(j => run.history.map(pair => number(pair[j] ?? "nan")));
    const sets = { training: curves[0], validation: curves[1], "own-training": own[0],
      "own-validation": own[1] };
    const finite = Object.values(sets).flat().filter(Number.isFinite);
    const top = finite.reduce((a, b) => Math.max(a, b), 0) || 1;
    const length = Math.max(20, curves[0].length, own[0].length) - 1;
    for (const [id, losses] of Object.entries(sets)) {
      const stride = Math.ceil(losses.length / 300), shown = [];
      for (let i = 0; i < losses.length; i += stride) {
        const x = 4 + 292 * i / length, y = 86 - 82 * losses[i] / top;
        if (Number.isFinite(y)) shown.push(`${x.toFixed(1)},${y.toFixed(1)}`);
      }
      by(id).setAttribute("d", shown.length ? `M${shown.join("L")}` : "");
    }
    const [now, held] = curves.map(losses => losses.at(-1));
    by("training-loss").textContent = now === undefined ? "" : short(now);
    by("validation-loss").textContent = held === undefined ? "" : short(held);
  }

  // Moving
  const hasValidation = run.validation[0].length > 0;
  function epoch() {
    const loss = training.epoch();
    curves[0].push(loss);
    if (hasValidation) curves[1].push(training.validation());
    return Number.isFinite(loss) && training.theta.every(Number.isFinite);
  }
  function restart() {
    training = Training(data, options);
    curves = [[], []];
    tell("");
    build();
    draw();
  }
  function halt(text) {
    play(false);
    tell(text);
  }
  function go(count = 1) {
    const until = performance.now() + 12; // milliseconds of a frame
    for (let i = 0; i < count && (i === 0 || performance.now() < until); i++) {
      if (epoch()) continue;
      draw();
      halt(`Epoch ${training.epochs} became nan or infinite: lower the learning rate, then reset.`);
      return false;
    }
    draw();
    return true;
  }
  function play(on) {
    playing = on;
    pressed(on);
    if (!on) return report();
    tell("");
    requestAnimationFrame(tick);
  }
  const report = () =>
    tell(`Epoch ${training.epochs}: training loss ${by("training-loss").textContent}`);
  function tick() {
    if (!playing) return;
    go(Number(by("speed").value));
    requestAnimationFrame(tick);
  }

  // Controls
  const moves = { play: () => play(!playing), reset: () => { options.own = true; restart(); },
    step: () => { play(false); if (go()) report(); }, theme: () => { switchTheme(); recolour(); },
    again: () => { options.own = false; options.seed += 1; restart(); } };
  for (const id in moves) by(id).addEventListener("click", moves[id]);
  const power = x => (x > 0 ? Math.log10(x) : -5);
  const scales = { rate: [power, x => 10 ** x], l1: [power, x => (x <= -5 ? 0 : 10 ** x)],
    l2: [power, x => (x <= -5 ? 0 : 10 ** x)], noise: [Number, Number], batch: [Number, Number] };
  const show = id => {
    by(`${id}-shown`).textContent = short(options[id]);
    by(id).setAttribute("aria-valuetext", short(options[id]));
  };
  by("batch").max = run.features.length;
  for (const [id, [to, from]] of Object.entries(scales)) {
    by(id).value = to(options[id]);
    show(id);
    by(id).addEventListener("input", () => {
      options[id] = Number(short(from(Number(by(id).value))));
      show(id);
      if (!playing) draw();
    });
  }
  const shownName = name => (name.startsWith("own ") ? "your own" : name);
  by("activation").append(...run.activations.map(name => make("option", { value: name,
    textContent: shownName(name), selected: name === options.activation })));
  by("activation").addEventListener("change", event => {
    options.activation = event.target.value;
    options.own = true;
    restart();
  });
  by("shown").addEventListener("change", () => draw());
  by("controls").addEventListener("submit", event => event.preventDefault());
  onKeys({ " ": moves.play, ArrowRight: moves.step, r: moves.reset, t: moves.theme });
  by("note").textContent = run.note;
  by("own-name").hidden = !run.history.length;
  by("validation-name").hidden = !hasValidation;
  by("boundary").setAttribute("aria-label", `The output over ${run.names.join(" and ")}`);
  for (const [k, name] of classes.entries()) {
    const swatch = make("span", { className: "swatch" });
    swatch.dataset.class = k;
    by("legend").append(swatch, name);
  }
  const regression = "blue: above the middle of the targets; orange: below";
  if (!classes.length) by("legend").textContent = regression;
  readTheme();
  for (const swatch of document.querySelectorAll(".swatch")) {
    swatch.style.background = `rgb(${classColour(Number(swatch.dataset.class))})`;
  }
  const recolour = () => { readTheme(); draw(); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  let width = 0;
  new ResizeObserver(([entry]) => {
    if (Math.abs(entry.contentRect.width - width) < 2) return;
    width = entry.contentRect.width;
    build();
    draw();
  }).observe(by("net"));
  restart();
})();
