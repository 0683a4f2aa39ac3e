"use strict";
// A network and its training in numbers: what happens to one row is a graph (see Tape), and an
// epoch is what nn's training loop does: batches, mean gradients, penalties, a step of an optimiser.
function random(seed) { // mulberry32
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// The graph of a network and of each loss after it. Parameters are the first leaves after the two
// inputs and the target, in the order of model.parameters().
function Network(sizes, activations, { graphs, kinds }) {
  const dotRow = rows.findIndex(row => row.name === "dot"), all = [...kinds];
  const dotKind = count => {
    const known = all.findIndex(k => k.row === dotRow && k.sizes[0] === count && k.sizes[2] === 1);
    const sizes = [count, count, 1];
    return known >= 0 ? known
      : all.push({ row: dotRow, operands: ["*a", "*b", "c"], constants: [], sizes }) - 1;
  };
  const values = [[], [], []], inputs = [0, 1], target = 2;
  const parameters = [], weights = [], layers = [];
  for (let l = 1; l < sizes.length; l++) {
    layers.push(Array.from({ length: sizes[l] }, () => {
      const own = Array.from({ length: sizes[l - 1] + 1 }, () => values.push([]) - 1);
      parameters.push(...own);
      weights.push(...own.slice(0, -1));
      return { w: own.slice(0, -1), b: own.at(-1) };
    }));
  }
  // Puts a graph after what is there, its leaves by their labels; others are constants.
  function splice(graph, leaf, into, constants) {
    const at = [];
    for (const [i, [kind, operands]] of graph.values.entries()) {
      if (operands) at.push(into.push([kind, operands.map(o => at[o])]) - 1);
      else if (graph.labels[i] in leaf) at.push(leaf[graph.labels[i]]);
      else {
        at.push(into.push([]) - 1);
        constants.push([at[i], number(graph.numbers[i])]);
      }
    }
    return at[graph.end];
  }
  let before = inputs;
  const constants = [];
  for (const [l, neurons] of layers.entries()) {
    for (const neuron of neurons) {
      const sum = values.push([dotKind(neuron.w.length), [...neuron.w, ...before, neuron.b]]) - 1;
      neuron.out = splice(graphs[activations[l]], { x: sum }, values, constants);
    }
    before = neurons.map(neuron => neuron.out);
  }
  const leaf = { target, ...Object.fromEntries(before.map((out, k) => [`o${k}`, out])) };
  const names = Object.keys(graphs).filter(name => /^loss( \d+)?$/.test(name));
  function tapeOf(values, constants) {
    const tape = Tape(values, all);
    for (const [i, x] of constants) tape.x[i] = x;
    return tape;
  }
  const losses = names.map(name => {
    const more = values.slice(), own = constants.slice();
    const end = splice(graphs[name], leaf, more, own);
    return { tape: tapeOf(more, own), end };
  });
  const plain = tapeOf(values, constants);
  return { parameters, weights, layers, outputs: before, plain, losses };
}

// How each optimiser moves a number x: like nn's, with what it kept of it in s.
const OPTIMIZERS = {
  SGD({ momentum = 0, nesterov = false }) {
    return (x, grad, rate, s) => {
      if (!momentum) return x - rate * grad;
      s[0] = momentum * (s[0] ?? 0) + grad;
      return x - rate * (nesterov ? grad + momentum * s[0] : s[0]);
    };
  },
  RMSProp({ decay, epsilon }) {
    return (x, grad, rate, s) => {
      s[0] = decay * (s[0] ?? 0) + (1 - decay) * (grad * grad);
      return x - rate * grad / (Math.sqrt(s[0]) + epsilon);
    };
  },
  Adam({ beta1, beta2, epsilon, weight_decay = 0 }) {
    return (x, grad, rate, s) => {
      const [k = 0, m = 0, v = 0] = s;
      s[0] = k + 1;
      s[1] = beta1 * m + (1 - beta1) * grad;
      s[2] = beta2 * v + (1 - beta2) * (grad * grad);
      const mean = s[1] / (1 - beta1 ** s[0]), square = s[2] / (1 - beta2 ** s[0]);
      return x - rate * weight_decay * x - rate * mean / (Math.sqrt(square) + epsilon);
    };
  },
};
OPTIMIZERS.AdamW = OPTIMIZERS.Adam;

// A training of a network: options are read at each step, so that controls may change them.
function Training(data, options) {
  const { run } = data, classes = run.classes.length > 0;
  const activations = options.sizes.slice(1).map((_, l) =>
    (l === options.sizes.length - 2 ? run.output : options.activation));
  const net = Network(options.sizes, activations, data), draw = random(options.seed);
  const count = net.parameters.length, theta = new Float64Array(count), g = new Float64Array(count);
  const isWeight = net.parameters.map(p => net.weights.includes(p));
  const first = net.parameters[0] ?? 0; // they lie side by side
  const update = OPTIMIZERS[run.optimizer.name](run.optimizer), kept = net.parameters.map(() => []);
  const penalties = ["l1", "l2"].map(name => {
    const graph = data.graphs[name], tape = Tape(graph.values, data.kinds);
    for (const [i, leaf] of graph.numbers.entries()) tape.x[i] = number(leaf);
    return { name, tape, end: graph.end, at: graph.labels.indexOf("x") };
  });
  const gauss = run.features.map(() => [0, 0].map(() =>
    Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())));
  const [left, right, low, high] = run.bounds, spread = [right - left, high - low];
  const feature = (row, j) => run.features[row][j] + options.noise * gauss[row][j] * spread[j];

  const same = String(options.sizes) === String(run.sizes) && options.activation === run.activation;
  if (same && options.own) theta.set(run.initial);
  else {
    for (const [l, neurons] of net.layers.entries()) {
      const most = run.gains[activations[l]] * Math.sqrt(3 / options.sizes[l]);
      for (const { w } of neurons) for (const i of w) theta[i - first] = most * (2 * draw() - 1);
    }
  }
  const give = tape => tape.x.set(theta, first);
  const lossOf = target => net.losses[classes ? target : 0];
  function row(features, target) {
    const { tape, end } = lossOf(target), { x } = tape;
    x[0] = features[0];
    x[1] = features[1];
    x[2] = target;
    return { tape, end };
  }
  function step(batch) {
    g.fill(0);
    for (const { tape } of net.losses) give(tape);
    let loss = 0;
    for (const r of batch) {
      const { tape, end } = row([feature(r, 0), feature(r, 1)], run.targets[r]);
      tape.forward();
      tape.reverse(end);
      loss += tape.x[end];
      for (let p = 0; p < count; p++) g[p] += tape.grads[first + p];
    }
    for (let p = 0; p < count; p++) g[p] /= run.summed ? 1 : batch.length;
    for (const { name, tape, end, at } of penalties.filter(({ name }) => options[name])) {
      for (let p = 0; p < count; p++) {
        if (!isWeight[p]) continue;
        tape.x[at] = theta[p];
        tape.forward();
        tape.reverse(end);
        g[p] += options[name] * tape.grads[at];
      }
    }
    // At the kink of L1 weights come to rest, as nn's proximal has it.
    const kink = options.l1;
    for (let p = 0; p < count; p++) {
      if (isWeight[p] && kink && theta[p] === 0) g[p] -= Math.min(Math.max(g[p], -kink), kink);
    }
    const { clip_value: most = Infinity, clip_norm: longest = Infinity } = run.optimizer;
    const clipped = g.map(x => Math.min(Math.max(x, -most), most)), length = Math.hypot(...clipped);
    const shrink = length > longest ? longest / length : 1;
    for (let p = 0; p < count; p++) {
      const x = theta[p];
      theta[p] = update(x, clipped[p] * shrink, options.rate, kept[p]);
      const crossed = x * theta[p] < 0 || (x === 0 && g[p] === 0);
      if (isWeight[p] && kink && crossed) theta[p] = 0;
    }
    return loss;
  }
  let epochs = 0;
  function epoch() {
    const order = run.features.map((_, r) => r), size = Math.max(1, options.batch);
    for (let i = size < order.length ? order.length - 1 : 0; i > 0; i--) {
      const j = Math.floor(draw() * (i + 1));
      [order[i], order[j]] = [order[j], order[i]];
    }
    let loss = 0;
    for (let at = 0; at < order.length; at += size) loss += step(order.slice(at, at + size));
    epochs += 1;
    return loss / order.length;
  }
  function mean(features, targets) {
    for (const { tape } of net.losses) give(tape);
    const losses = features.map((x, r) => {
      const { tape, end } = row(x, targets[r]);
      tape.forward(false);
      return tape.x[end];
    });
    return losses.reduce((a, b) => a + b, 0) / losses.length;
  }
  const validation = () => mean(...run.validation);

  // The outputs of all neurons over a grid of the two features, row by row from the top.
  const cells = run.cells, neurons = net.layers.flat();
  const maps = neurons.map(() => new Float64Array(cells * cells));
  function survey() {
    const { x, forward } = net.plain;
    give(net.plain);
    for (let at = 0; at < cells * cells; at++) {
      x[0] = left + ((at % cells) + 0.5) / cells * spread[0];
      x[1] = high - (Math.floor(at / cells) + 0.5) / cells * spread[1];
      forward(false);
      for (let n = 0; n < neurons.length; n++) maps[n][at] = x[neurons[n].out];
    }
    return maps;
  }
  return { net, theta, grads: g, first, epoch, validation, survey, feature,
    get epochs() { return epochs; } };
}
