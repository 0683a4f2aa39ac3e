"""From numbers to a word: what a derivative and the slope that was found say together.

>>> judged(1.0, Slope("kink", 0.5, 1e-17, 0.0, 1.0)).word
'KINK'
>>> judged(-1.0, Slope("smooth", 1.0, 1e-12)).hint
'sign'
"""

import math
from collections.abc import Sequence

from autograd.checking.causes import described_ratio, named, ratio
from autograd.checking.partials import Partial
from autograd.checking.report import Finding
from autograd.checking.slopes import Slope
from autograd.engine.notation import short

__all__ = ["judged"]

# What counts as the same derivative: six digits, or what the numbers can tell.
SAME = 1e-6
# Below this part of the slope an error still tells a blunder (a sign, a factor 2) from the truth.
ROUGH = 0.1

CLOSER = (
    "write it with Values, which are computed at sixty digits, or check where fewer digits cancel"
)
AWAY = "keep its operand away from there: where computes both sides, not only the chosen one"
SPOILERS = (
    ("infinite", "SINGULAR", "has an infinite slope"),
    ("edge", "DOMAIN", "leaves its domain"),
    ("inexact", "DOMAIN", "overflows"),
)


def judged(
    ours: float, found: Slope, troubles: Sequence[Partial] = (), whose: str = "ours"
) -> Finding:
    """The finding on one derivative; troubles are the partials beneath it that are not right, or
    not smooth there.
    """
    it_is = f"{whose} is {short(ours)}"
    left, right = (short(x + 0.0) for x in (found.left, found.right))
    infinite = found.kind == "edge" and any(p.word == "infinite" for p in troubles)
    if not math.isfinite(ours) and (infinite or found.kind not in ("jump", "infinite", "edge")):
        sided = found.kind in ("kink", "edge")
        true = f"the slope {left} on the left, {right} on the right"
        true = true if sided else f"the derivative {_known(found)}"
        for word, verdict, does in SPOILERS:
            for p in troubles:
                if p.word == word and (word != "inexact" or not math.isfinite(p.ours)):
                    evidence = f"{p.at} {does} and spoils the gradient: {it_is}, {true}"
                    return _at(p, verdict, evidence, AWAY)
        if found.kind != "kink":
            return Finding("BUG", f"{it_is}, {true}")
    here = next((p for p in troubles if p.word == found.kind), None)
    at = f"at {here.at} " if here else ""
    match found.kind:
        case "kink":
            valid = found.bounds(ours)
            is_what = "a valid subgradient" if valid else "not between them"
            evidence = f"{at}the slope is {left} on the left, {right} on the right; "
            evidence += f"{whose}, {short(ours)}, is {is_what}"
            remedy = "" if valid else "take a number between the two slopes"
            return _at(here, "KINK", evidence, remedy, valid=valid)
        case "jump":
            evidence = f"the function jumps {at}from {left} to {right}, {it_is}"
            return _at(here, "DISCONTINUOUS", evidence, "there is no derivative here")
        case "infinite":
            evidence = f"the slope {at}is infinite, {it_is}"
            return _at(here, "SINGULAR", evidence, "keep away from this point, or bound the slope")
        case "edge":
            tail = f", {at.strip()}" if at else ""
            sides = [("left", found.left), ("right", found.right)]
            known = [f"{side} is {short(x)}" for side, x in sides if math.isfinite(x)]
            evidence = f"the function is not defined here{tail}"
            if known:
                evidence = f"the domain ends here{tail}: the slope on the {known[0]}, "
                evidence += f"{whose} {short(ours)}"
            return _at(here, "DOMAIN", evidence, "stay inside the domain")
        case "round-off" | "truncation":
            return _undecided(ours, found, whose)
    if found.agrees(ours, SAME):
        # A function that is flat within its rounding agrees with every slope that rounding hides.
        hidden = found.kind == "flat" and ours
        return _undecided(ours, found, whose) if hidden else Finding("OK")
    for p in troubles:
        if p.word in ("kink", "jump"):
            evidence = f"the kinks at {p.at} cancel: the slope is {short(found.value)}, "
            evidence += f"{whose} {short(ours)}"
            return _at(p, "KINK", evidence, "write it without the kinks")
    return _wrong(ours, found, whose)


def _wrong(ours: float, found: Slope, whose: str) -> Finding:
    smoothed, error = found.coarse or (math.nan, 0.0)
    if abs(ours - smoothed) <= 10 * error + SAME * abs(ours):
        evidence = f"rounding gives the function fine teeth of slope {_known(found)}; without them "
        evidence += (
            f"it is {short(smoothed)} ± {error:.1g}, with which {whose}, {short(ours)}, agrees"
        )
        return Finding("ROUND-OFF", evidence, CLOSER)
    hint, q = named(ours, found.value), ratio(ours, found.value)
    evidence = f"{whose} is {short(ours)}, the derivative {_known(found)}{described_ratio(q, hint)}"
    return Finding("BUG", evidence, ratio=q, hint=hint)


def _undecided(ours: float, found: Slope, whose: str) -> Finding:
    apart = abs(ours - found.value)
    blunder = apart > 10 * found.error and apart > 0.2 * abs(found.value)
    if found.error <= ROUGH * abs(found.value) and blunder:
        return _wrong(ours, found, whose)
    does = "does" if apart <= 10 * found.error else "does not"
    evidence = f"no step can tell: at best {_known(found)}, "
    evidence += f"with which {whose}, {short(ours)}, {does} agree"
    if found.kind == "truncation":
        return Finding("TRUNCATION", evidence, "check where the function varies more slowly")
    return Finding("ROUND-OFF", evidence, CLOSER)


def _known(found: Slope) -> str:
    """``0.5 ± 1e-12``, and without an error where it is that of a float."""
    exact = found.error <= 2e-16 * abs(found.value)
    return short(found.value) + ("" if exact else f" ± {found.error:.1g}")


def _at(
    p: Partial | None, word: str, evidence: str, remedy: str, *, valid: bool = False
) -> Finding:
    """A finding that names an operation, if one is known."""
    where = (p.op.name, p.name, p.label) if p else ("", "", "")
    return Finding(word, evidence, remedy, *where, valid=valid)
