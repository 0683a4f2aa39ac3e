// Numbers and arithmetic, as people type them.
const FUNCTIONS = { exp: Math.exp, log: Math.log, sqrt: Math.sqrt, abs: Math.abs, sin: Math.sin,
  cos: Math.cos, tan: Math.tan, tanh: Math.tanh, sinh: Math.sinh, cosh: Math.cosh,
  relu: x => Math.max(x, 0), sigmoid: x => 1 / (1 + Math.exp(-x)) };
const plainly = text => text.trim().replaceAll("−", "-");
// What act gives, or else the sentence that it throws.
function sentence(act) {
  try {
    return act();
  } catch (text) {
    if (typeof text !== "string") throw text;
    return { mark: "", text };
  }
}
// What somebody typed, or undefined where it is no number.
function typed(text) {
  const x = sentence(() => arithmetic(text, new Map()));
  return Number.isFinite(x) || (typeof x === "number" && /inf|nan/i.test(text)) ? x : undefined; // not 1/0
}
// The number of a text, in which known names stand for theirs; throws a sentence.
function arithmetic(text, known) {
  text = plainly(text);
  if (/^[+-]?\d+,\d+$/.test(text)) throw `write a point: ${text.replace(",", ".")}`;
  if (/^([+-]?inf|nan)$/i.test(text)) return number(text.toLowerCase().replace("+", ""));
  return expression(text, known);
}

// + - * / **, parentheses, numbers, functions, and what is known, by the longest name that fits.
const SIGNS = [["+", "-"], ["*", "/"]];
const APPLIED = { "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b,
  "/": (a, b) => a / b };
function expression(text, known) {
  const names = [...known.keys()].sort((a, b) => b.length - a.length);
  let rest = text;
  const take = sign => {
    rest = rest.trimStart();
    if (!rest.startsWith(sign) || (sign === "*" && rest.startsWith("**"))) return false;
    rest = rest.slice(sign.length);
    return true;
  };
  function inside() { // of parentheses
    const x = sum();
    if (!take(")")) throw `) is missing in ${text}`;
    return x;
  }
  function atom() {
    const digits = /^\s*(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i.exec(rest)?.[0];
    if (digits && take(digits.trim())) {
      if (Number(digits) < Infinity) return Number(digits);
      throw `a number below 1.8e308 is needed, got ${digits}: write inf`;
    }
    if (take("(")) return inside();
    const called = Object.keys(FUNCTIONS).find(name => new RegExp(`^${name}\\s*\\(`).test(rest));
    if (called && take(called) && take("(")) return FUNCTIONS[called](inside());
    const ends = name => !/^[\w.#(]/.test(rest.slice(name.length));
    const name = names.find(name => rest.startsWith(name) && ends(name));
    if (name === undefined) throw `this is no number and no known name: ${rest || text || "nothing"}`;
    take(name);
    return known.get(name);
  }
  function power() {
    const base = atom();
    return take("**") ? base ** signed() : base;
  }
  const signed = () => take("-") ? -signed() : take("+") ? signed() : power();
  function sum(level = 0) {
    const operand = () => (level < SIGNS.length - 1 ? sum(level + 1) : signed());
    let x = operand(), sign;
    while ((sign = SIGNS[level].find(take))) x = APPLIED[sign](x, operand());
    return x;
  }
  const x = sum();
  if (rest.trim()) throw /^\s*\^/.test(rest) ? "^ is no power: write **" : `what is ${rest}?`;
  return x;
}
