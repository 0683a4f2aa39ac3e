"""Programs elsewhere: each target is one printer, and all of them read the rows of the table."""

from importlib import import_module

from autograd.engine.errors import GraphError
from autograd.recording.form import NormalForm
from autograd.recording.program import Program

__all__ = ["TARGETS", "check", "exported"]

# A module of each name prints it.
TARGETS = ("jax", "torch", "onnx", "c", "javascript", "latex")


def exported(program: Program, target: str, dtype: str = "float64") -> str | bytes:
    """A program as source of another language, or as the bytes of a file."""
    if target not in TARGETS:
        known = ", ".join(map(repr, TARGETS))
        raise ValueError(f"export needs a target among {known}, got {target!r}")
    check(program._engines.form, f"export to {target}")
    module = import_module(f"autograd.recording.export.{target}")
    kinds = getattr(module, "KINDS", ("float64",))
    if dtype not in kinds:
        known = " or ".join(map(repr, kinds))
        raise ValueError(f"export to {target} needs dtype to be {known}, got {dtype!r}")
    printed: str | bytes = module.printed(program, *[dtype] * (len(kinds) > 1))
    return printed


def check(form: NormalForm, what: str) -> None:
    """Raise a GraphError for what other languages have no words for."""
    if foreign := [op.name for op in form.kinds if op.vocabulary]:
        needed = f"{what} needs operations whose formulas are text in the functions of the table"
        raise GraphError(f"{needed}, got {min(foreign)}, which calls a function of Python")
