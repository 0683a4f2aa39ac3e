"use strict";
// The graph of a picture, whose numbers follow when a leaf changes, and the steps of its passes.
function Graph(from, boxes, edges) {
  const { values, names, labels, kinds, fixed, stale, end, shares } = from;
  const kept = Object.entries(fixed).map(([i, numbers]) => [i, numbers.map(number)]);
  const tape = Tape(values, kinds, Object.fromEntries(kept)), { x, grads } = tape;
  for (const [i, leaf] of from.numbers.entries()) if (!values[i].length) x[i] = number(leaf);
  const given = [...x], kindOf = i => kinds[values[i][0]];

  // The steps of a reverse pass, in its order; contributions of a merged arrow are one step.
  const steps = [], stepOf = values.map(() => []), met = new Map();
  for (let i = values.length - 1; i >= 0; i--) {
    for (const [place, at] of (values[i][2] ?? []).entries()) {
      if (at < 0) continue;
      const edge = edges[at], { count, operand: node, result } = edge;
      const step = edge.step ??= { edge, node, result, from: i, place, to: values[i][1][place] };
      stepOf[i][place] = step;
      met.set(edge, (met.get(edge) ?? 0) + 1);
      if (met.get(edge) === Math.max(count, 1)) step.number = steps.push(step) - 1;
    }
  }
  const size = gradient => (gradient === gradient ? Math.abs(gradient) : Infinity);
  const larger = (a, b) => (size(b) > size(a) ? b : a);
  function passed(i, place, partial, outer, before, contribution) {
    const step = stepOf[i][place];
    if (!step) return;
    const facts = { partial, outer, contribution, before, grad: before + contribution };
    if (step.edge.count) {
      const sum = (met.get(step) ?? 0) + contribution;
      met.set(step, sum);
      facts.contribution = sum;
      facts.partial = facts.before = null;
      facts.grad = step.node.values.map(v => grads[v]).reduce(larger);
    }
    Object.assign(step, facts);
  }
  const seed = { node: boxes.find(box => box.values.includes(end)), number: -1, partial: 1,
    outer: 1, contribution: 1, before: 0, grad: 1 };
  let largest = 1;
  function level(gradient) {
    if (!Number.isFinite(gradient)) return "bad";
    const reached = shares.filter(share => Math.abs(gradient) > share * largest).length;
    return reached ? `${gradient > 0 ? "p" : "n"}${reached}` : "zero";
  }
  function update() {
    tape.forward();
    met.clear();
    tape.reverse(end, passed);
    const sizes = steps.flatMap(({ contribution, grad }) => [contribution, grad]).map(Math.abs);
    largest = sizes.filter(Number.isFinite).reduce((a, b) => Math.max(a, b), 1);
    for (const step of [seed, ...steps]) {
      [step.arrow, step.level] = [level(step.contribution), level(step.grad)];
    }
  }

  // In words, as a walk has them
  const isWord = /^(\d[\d.]*e[-+]\d+|[\p{L}\p{N}_.#[\]]+)$/u;
  const wrapped = text => (isWord.test(text) ? text : `(${text})`);
  const inParentheses = text => (/^[\p{L}\p{N}_.#]+$/u.test(text) ? text : `(${text})`);
  const wraps = [String, wrapped, inParentheses];
  const name = i => names[i] || short(x[i]);
  const gradOf = i => (names[i] ? `${wrapped(name(i))}.grad` : `(${name(i)}).grad`);
  const fill = (template, word) =>
    template.map(part => (typeof part === "string" ? part : word(part))).join("");
  const formula = (i, of) =>
    fill(kindOf(i).text, place => wraps[kindOf(i).wrap](of(values[i][1][place])));
  const late = i => (stale.includes(i) ? " (recorded before the data changed)" : "");
  function computation(i) {
    const y = short(x[i]), count = values[i][1].length;
    if (kindOf(i).text.join("") === "") return `${name(i)} = ${y}, the sum of ${count} terms`;
    const texts = new Set([formula(i, name), formula(i, v => short(x[v]))]);
    return [name(i), ...texts, y].join(" = ") + late(i);
  }
  // The row of a partial, which of its operands it is by, and the values that its words stand for.
  function partOf(i, place) {
    const { row, sizes, constants } = kindOf(i), { bundles, many } = tape.of.get(i);
    let which = 0, at = place;
    while (at >= sizes[which]) at -= sizes[which++];
    const of = bundles.map((v, j) => v[many[j] ? at : 0] ?? 0);
    const put = template => fill(template, word => wrapped(name(word < 0 ? i : of[word])))
      .replace(/\((\([^()]*\))\)/g, "$1");
    return { row, which, put, numbers: [...of.map(v => x[v]), x[i], ...constants] };
  }
  function partialText(i, place) {
    const { row, which, put, numbers } = partOf(i, place), choose = choosing[row]?.[which];
    return put(kindOf(i).partials[which][choose ? choose(...numbers) : 0]);
  }
  // What usually goes wrong with a contribution: the number that comes out, and a sentence.
  function slips({ from, place, to, partial: p, outer: g, before, contribution }) {
    const { row, which, put, numbers } = partOf(from, place), { marking } = data;
    const words = { result: name(from), grad: gradOf(from), operand: name(to) };
    const say = (text, why) => text.replace(/{(\w+)}/g, (_, word) => words[word] ?? why);
    const wrong = edits.map(([factors, why]) => [...factors(p, g, x[from]), say(why)]);
    for (const [j, partial] of (mistaken[row]?.[which] ?? []).entries()) {
      const q = partial(...numbers), why = put(kindOf(from).mistakes[which][j]);
      if (![NaN, 0, 1, p, -p].includes(q)) wrong.push([q, g, say(marking.partial, why)]);
    }
    const found = wrong.map(([p, g, why]) => [before + p * g, why]);
    return before ? [...found, ...wrong.map(([p, g, why]) => [p * g, say(marking.too, why)]),
      [contribution, say(marking.alone)], [before * contribution, marking.multiplied],
      [before, "this is the grad so far: the contribution is still to be added"]] : found;
  }
  function text(step) {
    const { edge, from, place, to, partial, outer, contribution, grad } = step;
    if (!edge) return `${gradOf(end)} = 1, the seed`;
    const [added, now] = [short(contribution), short(grad)];
    if (edge.count) {
      const whose = step.node.values.length === 1 ? gradOf(to) : "the largest grad";
      const count = edge.count.toLocaleString("en");
      return `${count} contributions, together ${added}: ${whose} is now ${now}`;
    }
    const product = `${partialText(from, place)} * ${gradOf(from)}`;
    const inNumbers = `${short(partial)} * ${wrapped(short(outer))}`;
    return `${gradOf(to)} += ${product} = ${inNumbers} = ${added}, now ${now}${late(from)}`;
  }

  // Outside of a domain: the sentence about the first operation that is, or nothing.
  function spelled(i, depth) {
    if (labels[i] || !(values[i].length && depth)) return labels[i] || short(x[i]);
    return brief(i, values[i][1].map(v => (values[i][1].length <= 3 ? spelled(v, depth - 1) : "")));
  }
  function brief(i, texts) {
    const wrap = kindOf(i).wrap === 2 ? inParentheses : String;
    return fill(kindOf(i).brief, place => wrap(texts[place]));
  }
  function trouble() {
    for (const i of values.keys()) {
      if (Number.isFinite(x[i]) || !values[i].length || !rows[kindOf(i).row]) continue;
      const { row, constants, operands: plain } = kindOf(i), operands = values[i][1];
      const where = brief(i, operands.map(v => spelled(v, 3)));
      const named = operands.some(v => labels[v] || values[v].length);
      const { bundles, many } = tape.of.get(i), located = named && where !== brief(i, plain);
      const given = bundles.map((all, j) => (many[j] ? all.map(v => x[v]) : x[all[0]] ?? 0));
      const place = located && !many.some(Boolean) ? ` in ${where}` : "";
      const said = complaint(rows[row], given, constants, x[i], place);
      if (said) return said;
    }
    return "";
  }
  update();
  const isLeaf = i => values[i].length === 0;
  return { x, given, grads, gradOf, larger, steps, seed, update, computation, text, slips, trouble, isLeaf };
}
