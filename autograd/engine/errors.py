"""What can go wrong, by name, and how it is said: what was needed and what came."""

import os
import sys
import warnings
from collections.abc import Mapping
from types import CodeType, FrameType
from typing import Any

__all__ = ["DomainError", "DomainWarning", "GradientError", "GraphError", "GraphWarning"]
__all__ += ["LayoutError"]


class DomainWarning(RuntimeWarning):
    """An operation left its domain or overflowed; its result is the IEEE one (nan or inf)."""


class GraphWarning(RuntimeWarning):
    """A number left its graph by ``float(v)``, or data have changed since a graph was recorded."""


class DomainError(ValueError):
    """The same sentence as DomainWarning, raised under ``with strict():``."""


class GradientError(AssertionError):
    """A derivative did not pass its check; the message is the report."""


class GraphError(RuntimeError):
    """The graph cannot do what was asked of it."""


class LayoutError(RuntimeError):
    """No layout engine is there to draw a picture, or none of them could."""


# A traceback shows them by the name that users import: autograd.DomainError.
for _name in __all__:
    globals()[_name].__module__ = "autograd"

# What PyTorch's tensors have and a Value lacks, and its options, with what to write here.
CURES = {
    "requires_grad": "every Value gets a grad; write v.data where a constant is meant, and leave a "
    "frozen parameter out of optimizer.step",
    "requires_grad_": "every Value gets a grad already",
    "numpy": "write v.data, or np.array([v.data for v in values])",
    "tolist": "write v.data",
    "cpu": "write v.data for its number",
    "grad_fn": "write v.op and v.operands",
    "is_leaf": "write not v.operands",
    "retain_grad": "every Value keeps its grad already",
    "__invert__": "write a <= b for ~(a > b)",
}
OPTIONS = {
    "retain_graph": "a graph stays, and backward() may run again",
    "create_graph": "write autograd.grad(f) or autograd.hessian(f)",
    "gradient": "write backward(seed)",
    "requires_grad": CURES["requires_grad"],
    "name": "write label=",
    "_children": "write the operation, a * b; operation(...) defines one of your own",
}


class Absent:
    """An attribute that is not there, whose AttributeError says what to write; a subclass of Value
    may set its own.

    >>> from autograd import Value
    >>> Value(1.0).numpy()
    Traceback (most recent call last):
    AttributeError: Value has no numpy: write v.data, or np.array([v.data for v in values])
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, value: Any, cls: type) -> Any:
        own = getattr(value, "__dict__", {})
        if self.name in own:
            return own[self.name]
        sentence = f"{cls.__name__} has no {self.name}: {CURES[self.name]}"
        raise AttributeError(sentence, name=self.name, obj=value)

    def __set__(self, value: Any, x: Any) -> None:
        if not hasattr(value, "__dict__"):
            self.__get__(value, type(value))
        value.__dict__[self.name] = x


def refuse_options(who: str, options: Mapping[str, Any]) -> None:
    """Raise the TypeError for options that ``who`` does not take."""
    for name in options:
        cure = f": {OPTIONS[name]}" if name in OPTIONS else ""
        raise TypeError(f"{who} has no option {name}{cure}")


class _Sentence(str):
    """Equal to any of its subject, or a training loop would be warned of every new number."""

    subject: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sentence) and self.subject == other.subject

    def __hash__(self) -> int:
        return hash(self.subject)


PROMPT = ("<stdin", "<python-input")  # a plain REPL, where each prompt begins with line 1 again
_latest: list[CodeType | None] = [None]
FOREIGN = (os.path.join(os.path.dirname(os.__file__), ""), "<frozen ")


def _is_ours(frame: FrameType) -> bool:
    package = frame.f_globals.get("__name__", "").partition(".")[0]
    # The examples of a module run under its name.
    return package in ("autograd", "nn") and not frame.f_code.co_filename.startswith("<doctest ")


def _is_foreign(frame: FrameType) -> bool:
    file = frame.f_code.co_filename
    return file.startswith(FOREIGN) or "site-packages" in file or "dist-packages" in file


def user_frame(frame: FrameType) -> FrameType:
    """The first frame outwards that is neither ours nor a library's; if none is, a library's."""
    while frame.f_back is not None and _is_ours(frame):
        frame = frame.f_back
    outer: FrameType | None = frame
    while outer is not None and (_is_foreign(outer) or _is_ours(outer)):
        outer = outer.f_back
    return outer or frame


def _prompt(frame: FrameType) -> CodeType:
    """What was typed at the prompt that has led to here."""
    outer, code = frame.f_back, frame.f_code
    while outer is not None:
        code = outer.f_code if outer.f_code.co_filename.startswith(PROMPT) else code
        outer = outer.f_back
    return code


def warn(sentence: str, subject: str, category: type[Warning] = DomainWarning) -> None:
    """Give a warning at the user's own line."""
    frame = user_frame(sys._getframe(1))
    scope, file, said = frame.f_globals, frame.f_code.co_filename, _Sentence(sentence)
    said.subject, registry = subject, scope.setdefault("__warningregistry__", {})
    if file.startswith(PROMPT) and (prompt := _prompt(frame)) is not _latest[0]:
        _latest[0] = prompt
        registry.clear()
    module = scope.get("__name__", "<unknown>")
    warnings.warn_explicit(said, category, file, frame.f_lineno, module, registry)
