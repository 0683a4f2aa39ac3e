"""From numbers to a word: what a derivative and the slope that was found say together.

>>> judged(1.0, Slope("kink", 0.5, 1e-17, 0.0, 1.0)).word, judged(-1.0, Slope("smooth", 1.0, 1e-12)).hint
('KINK', 'sign')
"""

import math
from collections.abc import Sequence

from autograd.checking.report import Finding
from autograd.checking.rows import Partial, between
from autograd.checking.slopes import Slope
from autograd.checking.words import named, ratio
from autograd.engine.notation import short

__all__ = ["judged"]

CLOSER = "write the function with Values, which can be replayed at sixty digits, or check where fewer digits cancel"
# What counts as the same derivative: six digits, or what the numbers can tell.
SAME = 1e-6
# Below this part of the slope an error still tells a blunder (a sign, a factor 2) from the truth.
ROUGH = 0.1

SPOILERS = (
    ("infinite", "SINGULAR", "has an infinite slope"),
    ("edge", "DOMAIN", "leaves its domain"),
    ("inexact", "DOMAIN", "overflows"),
)


def judged(
    ours: float,
    found: Slope,
    troubles: Sequence[Partial] = (),
    stairs: float = math.nan,
    whose: str = "ours",
) -> Finding:
    """The finding on one derivative.

    troubles are the operations beneath it that are not smooth there, and stairs the slope over very
    large steps (for a function that is flat at small ones)."""
    it_is = f"{whose} is {short(ours)}"
    spoiled = found.kind == "edge" and any(p.word == "infinite" for p in troubles)
    if not math.isfinite(ours) and (spoiled or found.kind not in ("jump", "infinite", "edge")):
        return _not_finite(ours, found, troubles, whose)
    match found.kind:
        case "kink":
            return _at_kink(ours, found, troubles, whose)
        case "jump":
            at = _who(troubles, "jump")
            evidence = (
                f"the function jumps {at}from {short(found.left)} to {short(found.right)}, {it_is}"
            )
            remedy = "there is no derivative here"
            return _of(troubles, "jump", "DISCONTINUOUS", evidence, remedy)
        case "infinite":
            evidence = f"the slope {_who(troubles, 'infinite')}is infinite, {it_is}"
            remedy = "keep away from this point, or bound the slope"
            return _of(troubles, "infinite", "SINGULAR", evidence, remedy)
        case "edge":
            return _at_edge(f"{whose} {short(ours)}", found, troubles)
        case "round-off" | "truncation":
            return _undecided(ours, found, whose)
    if found.agrees(ours, SAME):
        # A function that is flat within its rounding agrees with every slope that rounding hides.
        return Finding("OK") if found.kind != "flat" or not ours else _undecided(ours, found, whose)
    if found.kind == "flat" and math.isfinite(stairs) and abs(stairs - ours) <= 0.3 * abs(ours):
        evidence = (
            "the function is a staircase here: flat at small steps, yet its slope over large "
        )
        evidence += f"ones is {short(stairs)}, {whose} {short(ours)}"
        remedy = "its numbers are too large for a float to show the change: subtract before you add"
        return Finding("ROUND-OFF", evidence, remedy)
    kinks = [p for p in troubles if p.word in ("kink", "jump")]
    if kinks:
        evidence = f"the kinks {_who(kinks, kinks[0].word)}cancel: "
        evidence += f"the slope is {short(found.value)}, {whose} {short(ours)}"
        return _of(kinks, kinks[0].word, "KINK", evidence, "write it without the kinks")
    return _wrong(ours, found, whose)


def _wrong(ours: float, found: Slope, whose: str) -> Finding:
    if found.coarse:
        smoothed, error = found.coarse
        if abs(ours - smoothed) <= 10 * error + SAME * abs(ours):
            evidence = f"the function has fine teeth, which look like rounding: their slope is {known(found)}, that "
            evidence += f"without them {short(smoothed)} ± {error:.1g}, with which {whose}, {short(ours)}, does agree"
            return Finding("ROUND-OFF", evidence, CLOSER)
    hint, q = named(ours, found.value), ratio(ours, found.value)
    evidence = f"{whose} is {short(ours)}, the derivative {known(found)}"
    evidence += f", ratio {q:.6g}" if math.isfinite(q) else ""
    return Finding("BUG", evidence + (f" ({hint})" if hint else ""), ratio=q, hint=hint)


def known(found: Slope) -> str:
    """``0.5 ± 1e-12``, and without an error where it is that of a float."""
    exact = found.error <= 2e-16 * abs(found.value)
    return short(found.value) + ("" if exact else f" ± {found.error:.1g}")


def _sides(found: Slope) -> str:
    # 0.0, never -0.0
    return f"{short(found.left + 0.0)} on the left, {short(found.right + 0.0)} on the right"


def _at_kink(ours: float, found: Slope, troubles: Sequence[Partial], whose: str) -> Finding:
    valid = between(ours, found)
    is_what = "a valid subgradient" if valid else "not between them"
    evidence = f"{_who(troubles, 'kink')}the slope is {_sides(found)}; "
    evidence += f"{whose}, {short(ours)}, is {is_what}"
    remedy = "" if valid else "take a number between the two slopes"
    return _of(troubles, "kink", "KINK", evidence, remedy, valid=valid)


def _at_edge(whose: str, found: Slope, troubles: Sequence[Partial]) -> Finding:
    at = _who(troubles, "edge").strip()
    tail = f", {at}" if at else ""
    evidence = f"the function is not defined here{tail}"
    for side, one in (("left", found.left), ("right", found.right)):
        if math.isfinite(one):
            evidence = (
                f"the domain ends here{tail}: the slope on the {side} is {short(one)}, {whose}"
            )
            break
    return _of(troubles, "edge", "DOMAIN", evidence, "stay inside the domain")


def _not_finite(ours: float, found: Slope, troubles: Sequence[Partial], whose: str) -> Finding:
    it_is = f"{whose} is {short(ours)}"
    true = f"the derivative {known(found)}"
    if found.kind in ("kink", "edge"):
        true = f"the slope {_sides(found)}"
    for word, verdict, says in SPOILERS:
        for p in troubles:
            if p.word == word and (word != "inexact" or not math.isfinite(p.ours)):
                evidence = f"{p.op.name}{_place(p)} {says} and spoils the gradient: {it_is}, {true}"
                remedy = "keep its operand away from there: where computes both sides, also the one that is not chosen"
                return _of([p], word, verdict, evidence, remedy)
    if found.kind == "kink":
        return _at_kink(ours, found, troubles, whose)
    return Finding("BUG", f"{it_is}, {true}")


def _undecided(ours: float, found: Slope, whose: str) -> Finding:
    apart = abs(ours - found.value)
    blunder = apart > 10 * found.error and apart > 0.2 * abs(found.value)
    if found.error <= ROUGH * abs(found.value) and blunder:
        return _wrong(ours, found, whose)
    does = "does" if apart <= 10 * found.error else "does not"
    evidence = f"no step can tell: at best {known(found)}, "
    evidence += f"with which {whose}, {short(ours)}, {does} agree"
    if found.kind == "truncation":
        return Finding("TRUNCATION", evidence, "check where the function varies more slowly")
    return Finding("ROUND-OFF", evidence, CLOSER)


def _who(troubles: Sequence[Partial], word: str) -> str:
    for partial in troubles:
        if partial.word == word:
            return f"at {partial.op.name}{_place(partial)} "
    return ""


def _place(partial: Partial) -> str:
    """``(n = 0)``: the operand of an operation, with its number."""
    operand = partial.operand
    return f"({operand.label + ' = ' if operand.label else ''}{short(operand.data)})"


def _of(
    troubles: Sequence[Partial],
    kind: str,
    word: str,
    evidence: str,
    remedy: str,
    *,
    valid: bool = False,
) -> Finding:
    """A finding that names the first operation of that kind, if there is one."""
    for p in troubles:
        if p.word == kind:
            return Finding(word, evidence, remedy, p.op.name, p.name, p.operand.label, valid=valid)
    return Finding(word, evidence, remedy, valid=valid)
