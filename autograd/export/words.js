// What formulas call and Math lacks, or has with another meaning: as in Python and in IEEE 754.
const pow = (x, n) => (x === 1 || (x === -1 && Math.abs(n) === Infinity) ? 1 : Math.pow(x, n));
const exp2 = x => Math.pow(2, x);
const whole = x => x % 1 === 0;
const rint = x => { // half to even
  const up = Math.round(x);
  return Math.abs(x % 1) === 0.5 && up % 2 ? up - 1 : up;
};
function mod(a, b) { // has the sign of b, where that of % is a's
  const rest = a % b;
  if (rest) return rest < 0 === b < 0 ? rest : rest + b;
  return rest === 0 ? 0 * Math.sign(b) : NaN;
}
function floor_divide(a, b) {
  if (b === 0) return a / b;
  const rest = a % b, times = (a - rest) / b - (rest !== 0 && rest < 0 !== b < 0);
  if (!times) return times === 0 ? 0 * Math.sign(a / b) : NaN;
  const low = Math.floor(times);
  return times - low > 0.5 ? low + 1 : low;
}
function erf(x) { // by its series, whose terms do not cancel: Abramowitz and Stegun, 7.1.6
  if (Math.abs(x) >= 2) return Math.sign(x) * (1 - erfc(Math.abs(x)));
  let term = 2 * x / Math.sqrt(Math.PI), sum = term;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) sum += term *= x * x / (n + 0.5);
  return sum * Math.exp(-x * x);
}
function erfc(x) { // far out by its continued fraction: 7.1.14
  if (!(x >= 2)) return 1 - erf(x);
  if (x > 28) return 0;
  let below = x;
  for (let n = 60; n > 0; n--) below = x + n / 2 / below;
  return Math.exp(-x * x) / below / Math.sqrt(Math.PI);
}
const sum = (x, term) => x.reduce((all, _, i) => all + term(i), 0);
const largest = x => x.reduce((a, b) => (a >= b || a !== a ? a : b));
const smallest = x => x.reduce((a, b) => (a <= b || a !== a ? a : b));
const peak = x => (Number.isFinite(largest(x)) ? largest(x) : 0);

// Numbers as Python writes them: four significant digits, or all of them.
const tidied = text => text.replace(/e([+-])(\d)$/, "e$10$2").replace("NaN", "nan")
  .replace("Infinity", "inf");
function short(x) {
  if (!Number.isFinite(x) || x === 0) return Object.is(x, -0) ? "-0" : tidied(String(x));
  const [digits, power] = x.toExponential(3).split("e"), tie = /^(-?\d\.\d\d[02468])50*e/;
  const near = tie.test(x.toExponential(4)) && tie.exec(x.toExponential(25));
  const even = Number(near ? near[1] : digits); // Python rounds half to even
  return power < -4 || power > 3 ? tidied(`${even}e${power}`) : String(Number(`${even}e${power}`));
}
function exact(x) {
  if (!Number.isFinite(x) || x === 0) return short(x);
  const text = x.toExponential(), power = text.split("e")[1];
  return power < -4 || power > 15 ? tidied(text) : String(x);
}

// What a row has to say of a result that is nan or infinite: nothing if an operand was so already.
// place, such as " in log(w - 1)", ends the sentence.
function complaint(row, operands, constants, y, place = "") {
  const numbers = operands.flat();
  if (numbers.some(x => x !== x) || (y === y && !numbers.every(Number.isFinite))) return "";
  const list = x => `[${x.slice(0, 4).map(exact).join(", ")}${x.length > 4 ? ", ..." : ""}]`;
  const shown = x => (Array.isArray(x) ? list(x) : exact(x));
  const got = text => row.names.map((name, i) => [name, [...operands, ...constants][i]])
    .filter(([name]) => text.match(/[\p{L}_][\p{L}\w]*/gu)?.includes(name))
    .map(([name, x]) => `${name} = ${shown(x)}`).join(", ");
  for (const [need, holds] of row.needs) {
    if (!holds(...operands, y, ...constants)) {
      return `${row.name} needs ${need}, got ${got(need)}${place}`;
    }
  }
  const came = `${y === y ? "overflows to" : "gives"} ${exact(y)}`;
  return `${row.name} ${came} at ${got(row.text)}${place}`;
}
