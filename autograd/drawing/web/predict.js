"use strict";
// Predict first: the slips that learners make, each with the number that it leads to.
const close = (a, b) => a === b || (a !== a && b !== b) || Math.abs(a - b) <= 0.006 * Math.abs(b);
function slips({ before, partial, outer, contribution, grad, node, result }) {
  const list = [];
  if (before) list.push([contribution, "you forgot to add: this is the contribution alone, and the value is used elsewhere too (+=)"]);
  list.push([before + partial, "you forgot the outer factor: multiply the partial by the grad of the result"]);
  if (before) list.push([partial, "you forgot the outer factor, and to add"]);
  list.push([before - contribution, "check the sign of the contribution"]);
  if (before) list.push([-grad, "check the sign"]);
  list.push([before + outer, "you passed the grad on unchanged: multiply it by the partial"]);
  if (before) list.push([before, "this is the grad so far: the contribution is still to be added"]);
  if (["multiply", "dot"].includes(result.op)) list.push([before + node.value * outer, "the partial of a product is the other factor"]);
  if (before) list.push([before * contribution, "contributions add up: they do not multiply"]);
  return list.filter(([x]) => !close(x, grad));
}
function judge(guess, step) {
  if (close(guess, step.grad)) return { right: true, text: "Right." };
  const found = slips(step).filter(([x]) => close(guess, x)).map(([, why]) => why);
  if (found.length) return { right: false, text: `Not yet: ${found.join("; or ")}.` };
  const near = Math.abs(guess - step.grad) <= 0.1 * Math.abs(step.grad);
  return { right: false, text: near ? "Close: give three digits." : "Not yet. It is the grad so far, plus partial × grad of the result." };
}
