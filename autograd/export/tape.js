// A graph in numbers, to be computed over and over: results by the rows of the table, grads by the
// chain rule, which stands here once. values: of each its kind and operands, operands before
// results, [] for a leaf; a kind is a row with constants and counts of operands. fixed: results and
// partials that are not computed.
function Tape(values, kinds, fixed = {}) {
  const x = new Float64Array(values.length), grads = new Float64Array(values.length);
  const ops = [];
  for (const [i, [kind, operands]] of values.entries()) {
    if (!operands) continue;
    const { row, sizes, constants, operands: names } = kinds[kind];
    let at = 0;
    const bundles = sizes.map(size => operands.slice(at, at += size));
    const many = names.map(name => name[0] === "*");
    const given = bundles.map((bundle, j) => (many[j] ? bundle.map(() => 0) : 0));
    const [y, ...by] = fixed[i] ?? [];
    if (fixed[i]) x[i] = y;
    ops.push({ i, row: rows[row], operands, bundles, many, fixed: i in fixed,
      given: [...given, ...constants], after: [...given, 0, ...constants],
      partials: fixed[i] ? by : operands.map(() => 0) });
  }
  function compute({ i, row, bundles, many, given, after, partials }, withPartials) {
    for (let j = 0; j < bundles.length; j++) {
      const bundle = bundles[j];
      if (many[j]) for (let k = 0; k < bundle.length; k++) given[j][k] = x[bundle[k]];
      else given[j] = after[j] = bundle.length ? x[bundle[0]] : 0;
    }
    x[i] = after[bundles.length] = Number(row.result(...given));
    if (!withPartials) return;
    let at = 0;
    for (let j = 0; j < bundles.length; j++) {
      const found = bundles[j].length ? row.partials[j](...after) : 0;
      if (!many[j]) partials[at] = found;
      else for (let k = 0; k < found.length; k++) partials[at + k] = found[k];
      at += bundles[j].length;
    }
  }
  function forward(withPartials = true) {
    for (const op of ops) if (!op.fixed) compute(op, withPartials);
  }
  // Results before operands; seen hears of each contribution.
  function reverse(end, seen) {
    grads.fill(0);
    grads[end] = 1;
    for (let r = ops.length - 1; r >= 0; r--) {
      const { i, operands, partials } = ops[r], outer = grads[i];
      for (let k = 0; k < operands.length; k++) {
        const before = grads[operands[k]], contribution = partials[k] * outer;
        grads[operands[k]] = before + contribution;
        if (seen) seen(i, k, partials[k], outer, before, contribution);
      }
    }
  }
  return { x, grads, forward, reverse, of: new Map(ops.map(op => [op.i, op])) };
}
