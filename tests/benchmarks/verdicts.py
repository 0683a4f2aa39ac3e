"""The same derivatives before three checkers: check, torch.autograd.gradcheck and jax's
check_grads.

Needs the peers: ``pip install torch==2.13.0 jax==0.10.2``. ``python -m tests.benchmarks.verdicts``
prints the table of README.md. Each checker runs with its own settings, in double precision."""

import random
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import torch
from jax.test_util import check_grads

import autograd
from autograd import OPS, check
from autograd.engine.recorder import recorder
from tests.corpus import forgetful_engine

jax.config.update("jax_enable_x64", True)

WIDTH = 150
NOISE = random.Random(1)


@dataclass(frozen=True)
class Case:
    """One function in three libraries, the point, and what is the matter with it."""

    name: str
    matter: str
    x: float
    ours: Callable[[Any], Any]
    torch: Callable[[Any], Any]
    jax: Callable[[Any], Any]


def planted(
    f: Callable[[Any], Any], slope: Callable[[Any], Any]
) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """f with that slope for its derivative, in torch and in jax; both take the module to compute
    with.
    """

    class Planted(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return f(torch)(x)

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            (x,) = ctx.saved_tensors
            return grad * slope(torch)(x)

    there = jax.custom_vjp(f(jnp))
    there.defvjp(lambda x: (f(jnp)(x), x), lambda x, grad: (grad * slope(jnp)(x),))
    return Planted.apply, there


def case(name: str, matter: str, x: float, f: Callable[[Any], Callable[[Any], Any]]) -> Case:
    """A case whose function reads the same in every library."""
    return Case(name, matter, x, f(autograd), f(torch), f(jnp))


WRONG = planted(lambda np: np.tanh, lambda np: lambda x: 1.01 / np.cosh(x) ** 2)
LOST = planted(lambda np: lambda x: x * np.exp(x) + np.sin(x), lambda np: lambda x: x * np.exp(x))


def _forgetful(x: Any) -> Any:
    """x exp(x) + sin(x) by an engine that has = where += belongs."""
    with forgetful_engine():
        return check(lambda v: v * autograd.exp(v) + autograd.sin(v), x)


CASES = [
    case("tanh(2x) at 0.5", "right", 0.5, lambda np: lambda x: np.tanh(2 * x)),
    Case(
        "tanh, its derivative 1.01 times",
        "a bug",
        0.5,
        recorder(replace(OPS["tanh"], partials=("1.01 * sech(x)**2",))),
        *WRONG,
    ),
    Case("x exp(x) + sin(x), = for +=", "a bug", 0.7, _forgetful, *LOST),
    Case(
        "x · x.detach() at 3",
        "a bug",
        3.0,
        lambda x: x * x.detach(),
        lambda x: x * x.detach(),
        lambda x: x * jax.lax.stop_gradient(x),
    ),
    Case("relu(x) at 0", "a kink", 0.0, autograd.relu, torch.relu, jax.nn.relu),
    case("abs(x) at 1e-7", "right", 1e-7, lambda np: np.abs),
    case("(x + 1e10) − 1e10 at 1", "right", 1.0, lambda np: lambda x: (x + 1e10) - 1e10),
    case("sin(1e6 x) at 1", "right", 1.0, lambda np: lambda x: np.sin(1e6 * x)),
    case("floor(x) at 2", "a jump", 2.0, lambda np: np.floor),
    case("sqrt(x) at 0", "infinite slope", 0.0, lambda np: np.sqrt),
    Case("acosh(x) at 0.5", "outside", 0.5, autograd.acosh, torch.acosh, jnp.arccosh),
    Case(
        "where(x > 0, sqrt(x), 0) at −1",
        "nan for 0",
        -1.0,
        lambda x: autograd.where(x > 0, autograd.sqrt(x), 0.0),
        lambda x: torch.where(x > 0, torch.sqrt(x), torch.zeros_like(x)),
        lambda x: jnp.where(x > 0, jnp.sqrt(x), 0.0),
    ),
    case("x (1 + noise) at 1", "random", 1.0, lambda np: lambda x: x * (1 + 1e-3 * NOISE.random())),
]


def ours(case: Case) -> str:
    """What check says."""
    report = case.ours(case.x) if case.ours is _forgetful else check(case.ours, case.x)
    if report.verdict == "OK":
        return f"OK, {report.digits:.1f} digits"
    return f"{report.verdict}: {report.finding.evidence}"


def gradcheck(case: Case) -> str:
    """What torch says."""
    x = torch.tensor(case.x, dtype=torch.float64, requires_grad=True)
    return said(lambda: torch.autograd.gradcheck(case.torch, (x,)))


def checked_by_jax(case: Case) -> str:
    """What jax says."""
    return said(lambda: check_grads(case.jax, (jnp.float64(case.x),), order=1, modes=["rev"]))


def said(run: Callable[[], Any]) -> str:
    """What a checker raises, abridged to its sentence and its numbers; or that it is content."""
    try:
        run()
    except Exception as error:
        text = " ".join(f"{error}".split())
        text = re.sub(r":tensor\(\[\[(.*?)\]\], dtype=torch.float64\)", r" \1", text)
        return re.sub(
            r"Mismatched elements.*?(Max absolute difference) among violations(: \S+) .*",
            r"\1\2",
            text,
        )
    return "passes"


def cell(text: str) -> str:
    """A cell of a table in Markdown: one line, not too long."""
    text = text.replace("|", "\\|")
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def main() -> None:
    """Print the table, in Markdown."""
    warnings.simplefilter("ignore")
    print(f"torch {torch.__version__}, jax {jax.__version__}\n")
    print("| function | what it is | `check` | `torch.autograd.gradcheck` | jax `check_grads` |")
    print("|---|---|---|---|---|")
    for case in CASES:
        cells = (case.name, case.matter, ours(case), gradcheck(case), checked_by_jax(case))
        print(f"| {' | '.join(map(cell, cells))} |")


if __name__ == "__main__":
    main()
