// Predict first: the slips that learners make, each with the number that it leads to.
const close = (a, b) => a === b || (a !== a && b !== b) || Math.abs(a - b) <= 0.006 * Math.abs(b);
function slips(step, grad) {
  const { node, result } = step;
  const { before, partial, outer, contribution } = step;
  const outerless = "you forgot the outer factor";
  const list = [
    [before + partial, `${outerless}: multiply the partial by the grad of the result`],
    [before - contribution, "check the sign of the contribution"],
    [before + outer, "you passed the grad on unchanged: multiply it by the partial"],
  ];
  const alone = "this is the contribution alone, and the value is used elsewhere too (+=)";
  if (before) list.push(
    [contribution, `you forgot to add: ${alone}`],
    [partial, `${outerless}, and to add`],
    [-grad, "check the sign"],
    [before, "this is the grad so far: the contribution is still to be added"],
    [before * contribution, "contributions add up: they do not multiply"],
  );
  if (["multiply", "dot"].includes(result.op)) {
    const other = "the partial of a product is the other factor";
    list.push([before + node.value * outer, other]);
  }
  return list.filter(([x]) => !close(x, grad));
}
function judge(guess, step) {
  const { grad } = step;
  if (close(guess, grad)) return { right: true, text: "Right." };
  const found = slips(step, grad).filter(([x]) => close(guess, x)).map(([, why]) => why);
  if (found.length) return { right: false, text: `Not yet: ${found.join("; or ")}.` };
  const near = Math.abs(guess - grad) <= 0.1 * Math.abs(grad);
  const rule = "Not yet. It is the grad so far, plus partial × grad of the result.";
  return { right: false, text: near ? "Close: give three digits." : rule };
}
