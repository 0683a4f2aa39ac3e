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
function expression(text, known) {
  const names = [...known.keys()].sort((a, b) => b.length - a.length);
  let rest = text;
  const space = () => { rest = rest.trimStart(); };
  const take = sign => {
    space();
    if (!rest.startsWith(sign) || (sign === "*" && rest.startsWith("**"))) return false;
    rest = rest.slice(sign.length);
    return true;
  };
  const need = sign => { if (!take(sign)) throw `${sign} is missing in ${text}`; };
  function atom() {
    space();
    const digits = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i.exec(rest);
    if (digits) {
      rest = rest.slice(digits[0].length);
      const x = Number(digits[0]);
      if (x === Infinity) throw `a number below 1.8e308 is needed, got ${digits[0]}: write inf`;
      return x;
    }
    if (take("(")) {
      const inner = sum();
      need(")");
      return inner;
    }
    const called = Object.keys(FUNCTIONS).find(name => new RegExp(`^${name}\\s*\\(`).test(rest));
    if (called) {
      rest = rest.slice(called.length);
      need("(");
      const inner = sum();
      need(")");
      return FUNCTIONS[called](inner);
    }
    const ends = name => !/^[\w.#(]/.test(rest.slice(name.length));
    const name = names.find(name => rest.startsWith(name) && ends(name));
    if (name === undefined) throw `this is no number and no known name: ${rest || text || "nothing"}`;
    rest = rest.slice(name.length);
    return known.get(name);
  }
  function power() {
    const base = atom();
    return take("**") ? base ** signed() : base;
  }
  const signed = () => take("-") ? -signed() : take("+") ? signed() : power();
  function product() {
    let x = signed();
    for (;;) {
      if (take("*")) x *= signed();
      else if (take("/")) x /= signed();
      else return x;
    }
  }
  function sum() {
    let x = product();
    for (;;) {
      if (take("+")) x += product();
      else if (take("-")) x -= product();
      else return x;
    }
  }
  const x = sum();
  space();
  if (rest) throw rest.startsWith("^") ? "^ is no power: write **" : `what is ${rest}?`;
  return x;
}
