"""From numbers to a word: what a derivative that we have, and the slope that was found, say
together.

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
# What is taken for the same derivative: six digits, or what the numbers can tell.
SAME = 1e-6
# Below this part of the slope an error still tells a blunder (a sign, a factor 2) from the truth.
ROUGH = 0.1

SPOILERS = (
    ("infinite", "SINGULAR", "has an infinite slope"),
    ("edge", "DOMAIN", "leaves its domain"),
    ("inexact", "DOMAIN", "overflows"),
)


def judged(
    ours: float, found: Slope, troubles: Sequence[Partial] = (), stairs: float = math.nan
) -> Finding:
    """The finding on one derivative.

    troubles are the operations beneath it that are not smooth there, and stairs the slope over very
    large steps (for a function that is flat at small ones)."""
    spoiled = found.kind == "edge" and any(p.word == "infinite" for p in troubles)
    if not math.isfinite(ours) and (spoiled or found.kind not in ("jump", "infinite", "edge")):
        return _not_finite(ours, found, troubles)
    match found.kind:
        case "kink":
            return _at_kink(ours, found, troubles)
        case "jump":
            evidence = f"{_who(troubles, 'jump')}from {short(found.left)} to {short(found.right)}, ours is {short(ours)}"
            return _of(
                troubles,
                "jump",
                "DISCONTINUOUS",
                f"the function jumps {evidence}",
                "there is no derivative here",
            )
        case "infinite":
            evidence = f"the slope {_who(troubles, 'infinite')}is infinite, ours is {short(ours)}"
            return _of(
                troubles,
                "infinite",
                "SINGULAR",
                evidence,
                "keep away from this point, or bound the slope",
            )
        case "edge":
            return _at_edge(ours, found, troubles)
    if found.kind in ("round-off", "truncation"):
        return _untold(ours, found)
    if found.agrees(ours, SAME):
        # A function that is flat within its rounding agrees with every slope that rounding hides.
        return Finding("OK", "") if found.kind != "flat" or not ours else _untold(ours, found)
    if found.kind == "flat" and math.isfinite(stairs) and abs(stairs - ours) <= 0.3 * abs(ours):
        return Finding(
            "ROUND-OFF",
            f"the function is a staircase here: flat at small steps, yet its slope over large ones is {short(stairs)}, "
            f"ours {short(ours)}",
            "its numbers are too large for a float to show the change: subtract before you add",
        )
    kinks = [p for p in troubles if p.word in ("kink", "jump")]
    if kinks:
        evidence = f"the kinks {_who(kinks, kinks[0].word)}cancel: the slope is {short(found.value)}, ours {short(ours)}"
        return _of(kinks, kinks[0].word, "KINK", evidence, "write it without the kinks")
    if found.coarse and abs(ours - found.coarse[0]) <= 10 * found.coarse[1] + SAME * abs(ours):
        return Finding(
            "ROUND-OFF",
            f"the function has fine teeth, which look like rounding: their slope is {known(found)}, that without them "
            f"{short(found.coarse[0])} ± {found.coarse[1]:.1g}, with which ours, {short(ours)}, does agree",
            CLOSER,
        )
    hint = named(ours, found.value)
    q = ratio(ours, found.value)
    evidence = f"ours is {short(ours)}, the derivative {known(found)}"
    evidence += f", ratio {q:.6g}" if math.isfinite(q) else ""
    return Finding("BUG", evidence + (f" ({hint})" if hint else ""), ratio=q, hint=hint)


def known(found: Slope) -> str:
    """``0.5 ± 1e-12``, and without an error where it is that of a float."""
    exact = found.error <= 2e-16 * abs(found.value)
    return short(found.value) + ("" if exact else f" ± {found.error:.1g}")


def _sides(found: Slope) -> str:
    return f"{short(found.left + 0.0)} on the left, {short(found.right + 0.0)} on the right"  # 0.0, never -0.0


def _at_kink(ours: float, found: Slope, troubles: Sequence[Partial]) -> Finding:
    valid = between(ours, found)
    between_them = "a valid subgradient" if valid else "not between them"
    evidence = f"{_who(troubles, 'kink')}the slope is {_sides(found)}; ours, {short(ours)}, is {between_them}"
    remedy = "" if valid else "take a number between the two slopes"
    return _of(troubles, "kink", "KINK", evidence, remedy, valid=valid)


def _at_edge(ours: float, found: Slope, troubles: Sequence[Partial]) -> Finding:
    one = found.left if math.isfinite(found.left) else found.right
    if math.isfinite(one):
        side = "left" if math.isfinite(found.left) else "right"
        evidence = f"the domain ends here{_tail(troubles)}: the slope on the {side} is {short(one)}, ours {short(ours)}"
    else:
        evidence = f"the function is not defined here{_tail(troubles)}"
    return _of(troubles, "edge", "DOMAIN", evidence, "stay inside the domain")


def _not_finite(ours: float, found: Slope, troubles: Sequence[Partial]) -> Finding:
    true = f"the derivative {known(found)}"
    if found.kind in ("kink", "edge"):
        true = f"the slope {_sides(found)}"
    for word, verdict, says in SPOILERS:
        bad = [
            p
            for p in troubles
            if p.word == word and (word != "inexact" or not math.isfinite(p.ours))
        ]
        if bad:
            evidence = f"{bad[0].op.name}{_place(bad[0])} {says} and spoils the gradient: ours is {short(ours)}, "
            evidence += true
            remedy = "keep its operand away from there: where computes both sides, also the one that is not chosen"
            return _of(bad, word, verdict, evidence, remedy)
    if found.kind == "kink":
        return _at_kink(ours, found, troubles)
    return Finding("BUG", f"ours is {short(ours)}, {true}")


def _untold(ours: float, found: Slope) -> Finding:
    word = "TRUNCATION" if found.kind == "truncation" else "ROUND-OFF"
    apart = abs(ours - found.value)
    if (
        found.error <= ROUGH * abs(found.value)
        and apart > 10 * found.error
        and apart > 0.2 * abs(found.value)
    ):
        q = ratio(ours, found.value)
        hint = named(ours, found.value)
        evidence = f"ours is {short(ours)}, the derivative {known(found)}"
        return Finding("BUG", evidence + (f" ({hint})" if hint else ""), ratio=q, hint=hint)
    does = "does" if apart <= 10 * found.error else "does not"
    return Finding(
        word,
        f"no step can tell: at best {known(found)}, with which ours, {short(ours)}, {does} agree",
        CLOSER if word == "ROUND-OFF" else "check where the function varies more slowly",
    )


def _who(troubles: Sequence[Partial], word: str) -> str:
    for partial in troubles:
        if partial.word == word:
            return f"at {partial.op.name}{_place(partial)} "
    return ""


def _tail(troubles: Sequence[Partial]) -> str:
    return f", {_who(troubles, 'edge').strip()}" if _who(troubles, "edge") else ""


def _place(partial: Partial) -> str:
    """``(n = 0)``: the operand of an operation, with its number."""
    return f"({partial.operand.label + ' = ' if partial.operand.label else ''}{short(partial.operand.data)})"


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
