// Answers as people write them, and what they are worth: as exercises/marking.py has it.
// A number with half a unit of its last digit, or an expression; throws a sentence.
function answered(text, known) {
  const digits = /^[+-]?(?:\d+\.?(\d*)|\.(\d+))(?:e([+-]?\d+))?$/i.exec(plainly(text));
  const places = digits && (digits[1] ?? digits[2] ?? "").length - Number(digits[3] ?? 0);
  return { x: arithmetic(text, known), half: digits ? 0.5 * 10 ** -places : 0 };
}
const fits = ({ x }, right, size = 0) => Number.isFinite(x) && Number.isFinite(right)
  ? Math.abs(x - right) <= Math.max(data.marking.share * Math.abs(right), data.marking.rounding * size)
  : Object.is(x, right);
const rounds = ({ x, half }, right) => Math.abs(x) >= 20 * half && x !== right &&
  Math.abs(x - right) <= half * (1 + 1e-9);

// slips are rows: a number, a sentence, and whether it says what the number is, not how it came.
function judged({ right, size, slips }, answer) {
  if (fits(answer, right, size)) return { mark: "right", text: "right" };
  if (rounds(answer, right)) return { mark: "", text: data.marking.few };
  const fitting = slips.filter(([x]) => x !== right && (fits(answer, x) || rounds(answer, x)));
  const away = fitting.map(([x]) => Math.abs(x - answer.x));
  const near = Math.min(...away) + Math.max(answer.half, 0.001 * Math.abs(answer.x));
  const nearest = fitting.filter((_, i) => !(away[i] > near));
  const special = nearest.filter(([, , general]) => !general);
  const named = [...new Set((special.length ? special : nearest).map(([, why]) => why))];
  const text = named.length ? `not yet: ${named.join("; or ")}` : data.marking.unknown;
  return { mark: "wrong", text };
}
