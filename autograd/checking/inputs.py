"""The arguments of a function as one flat list of numbers, and back again: floats, Values, arrays
and tensors.

>>> given = Arguments(lambda w, x: w[0] * x, ([2.0, 3.0], 0.5), {})
>>> given.names, given.numbers
(['w[0]', 'w[1]', 'x'], [2.0, 3.0, 0.5])
>>> given.call([2.0, 3.0, 1.5])
(3.0, True)
"""

import inspect
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograd.engine.notation import called, described
from autograd.engine.number import number
from autograd.engine.value import Value

__all__ = ["Arguments", "leaves", "same"]

Make = Callable[[float, int], Any]


def _plain(x: float, _: int) -> float:
    return x


def _imaginary(x: complex, _: int) -> complex:
    return x


class Arguments:
    """The numbers that a function is differentiated by, with a name for each.

    They are the positional arguments, or the keyword arguments if there are no others; next to
    positional ones, keywords go to the function as they are. Raises TypeError for what has no
    derivative (a string, None, a bool)."""

    def __init__(
        self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self.f = f
        self.args, self.kwargs = args, kwargs
        self.given: dict[str, Any] = (
            dict(zip(_parameters(f, len(args)), args, strict=True)) if args else dict(kwargs)
        )
        self.names: list[str] = []
        self.numbers: list[float] = []
        self.groups: list[range] = []
        self.epsilon = sys.float_info.epsilon
        for name, x in self.given.items():
            if hasattr(x, "new_tensor") and "float" not in str(x.dtype):
                raise TypeError(
                    f"check needs numbers to differentiate by, and {name} is a tensor of {x.dtype}"
                )
            start = len(self.numbers)
            for path, item in _items(x, name):
                self.numbers.append(_checked(item, path))
                self.names.append(path)
            self.groups.append(range(start, len(self.numbers)))
            self.epsilon = max(self.epsilon, _epsilon(x))
        if not self.numbers:
            raise TypeError(
                f"check needs a point to check at: give {called(f)} numbers, as in check(f, 1.5)"
            )

    def structure(self, numbers: Sequence[Any], make: Make | None = None) -> list[Any]:
        """The arguments with other numbers in them, each freshly made; make turns a number and its
        index into one.
        """
        rest = iter(enumerate(numbers))

        def fresh(_: Any) -> Any:
            i, x = next(rest)
            return make(x, i) if make else x

        return [_rebuilt(x, fresh, make is not None) for x in self.given.values()]

    def values(self) -> tuple[list[Value], list[Any]]:
        """A Value for each number, and the arguments made of them."""
        variables: list[Value] = []

        def make(x: float, i: int) -> Value:
            variables.append(Value(x, self.names[i]))
            return variables[-1]

        return variables, self.structure(self.numbers, make)

    def pass_to(self, f: Callable[..., Any], built: list[Any]) -> Any:
        """Call f with arguments that ``structure`` or ``values`` built."""
        if self.args:
            return f(*built, **self.kwargs)
        return f(**dict(zip(self.given, built, strict=True)))

    def call(self, numbers: Sequence[Any], f: Callable[..., Any] | None = None) -> tuple[Any, bool]:
        """f of these numbers, and whether it left its arguments as they were."""
        built = self.structure(numbers)
        before = [item for x in built for item in leaves(x)]
        result = self.pass_to(f or self.f, built)
        return result, same([item for x in built for item in leaves(x)], before)

    def call_on_values(self, numbers: Sequence[float]) -> Any:
        """f of these numbers as Values."""
        return self.pass_to(self.f, self.structure(numbers, lambda x, _: Value(x)))

    def call_on_complex(self, numbers: Sequence[complex]) -> Any:
        """f of complex numbers, for the complex step."""
        return self.pass_to(self.f, self.structure(numbers, _imaginary))

    def at(self, indices: Sequence[int]) -> str:
        """``x = 1.5, y = 2``: where this is."""
        shown = [f"{self.names[i]} = {self.numbers[i]:.4g}" for i in indices[:4]]
        return ", ".join([*shown, "..."] if len(indices) > 4 else shown)


def _parameters(f: Callable[..., Any], count: int) -> list[str]:
    """The names that f gives to its positional arguments; x1, x2 ... where it has none."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return [f"x{i + 1}" for i in range(count)]
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    # Rows as functions call their first operand self, because they are methods too.
    names = ["x" if p.name == "self" else p.name for p in parameters if p.kind in kinds][:count]
    return names + [f"x{i + 1}" for i in range(len(names), count)]


def _items(x: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(x, dict):
        for key, item in x.items():
            yield from _items(item, f"{path}[{key!r}]")
    elif isinstance(x, (list, tuple)):
        for i, item in enumerate(x):
            yield from _items(item, f"{path}[{i}]")
    elif getattr(x, "shape", ()):
        shape = tuple(x.shape)
        for i, item in enumerate(_flat(x)):
            places = []
            for length in reversed(shape):
                places.append(i % length)
                i //= length
            yield f"{path}[{', '.join(map(str, reversed(places)))}]", item
    else:
        yield path, x.item() if hasattr(x, "item") else x


def _flat(x: Any) -> list[Any]:
    """The elements of an array or a tensor, row by row."""
    x = x.detach() if hasattr(x, "detach") else x
    flat: list[Any] = x.reshape(-1).tolist()
    return flat


def leaves(x: Any) -> list[Any]:
    """The numbers in a result or an argument, in order, whatever holds them."""
    if isinstance(x, dict):
        return [item for part in x.values() for item in leaves(part)]
    if isinstance(x, (list, tuple)):
        return [item for part in x for item in leaves(part)]
    if getattr(x, "shape", None) is not None:
        return _flat(x)
    return [x]


def same(after: Sequence[Any], before: Sequence[Any]) -> bool:
    """Whether two lists hold the same numbers (nan equals nan)."""
    return len(after) == len(before) and all(
        a is b or a == b or (a != a and b != b) for a, b in zip(after, before, strict=True)
    )


def _checked(x: Any, path: str) -> float:
    if isinstance(x, Value):
        return x.data
    if isinstance(x, (bool, str, bytes)) or x is None or callable(x):
        raise TypeError(
            f"check needs numbers to differentiate by, and {path} is {described(x)}: "
            "fix it inside, check(lambda x: f(x, ...), x), or pass it by keyword"
        )
    return number(x, f"check needs numbers to differentiate by in {path}")


def _epsilon(x: Any) -> float:
    """The rounding unit of what holds the number: 2**-23 for float32, 2**-10 for float16, else that
    of a float.
    """
    if isinstance(x, dict):
        return max(map(_epsilon, x.values()), default=0.0)
    if isinstance(x, (list, tuple)):
        return max(map(_epsilon, x), default=0.0)
    kind = str(getattr(x, "dtype", ""))
    return next(
        (e for name, e in PRECISIONS.items() if kind.endswith(name)), sys.float_info.epsilon
    )


PRECISIONS = {"bfloat16": 2.0**-7, "float16": 2.0**-10, "float32": 2.0**-23}


def _rebuilt(x: Any, fresh: Callable[[Any], Any], objects: bool) -> Any:
    """The structure of x with a fresh number for each; arrays hold objects if these are not plain
    numbers.
    """
    if isinstance(x, dict):
        return {key: _rebuilt(item, fresh, objects) for key, item in x.items()}
    if isinstance(x, (list, tuple)):
        items = [_rebuilt(item, fresh, objects) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else type(x)(items)
    if getattr(x, "shape", None) is None or (objects and not x.shape):
        return fresh(x)
    if objects and type(x).__module__.partition(".")[0] != "numpy":
        raise TypeError(
            f"check needs the derivative of a function of {type(x).__name__}s, which cannot hold Values: "
            "check(f, x, gradient=...)"
        )
    count = math.prod(x.shape)
    items = [fresh(None) for _ in range(count)]
    if hasattr(x, "new_tensor"):  # torch
        return x.new_tensor(items).reshape(x.shape)
    import numpy as np

    if objects:
        kind: Any = complex if any(isinstance(item, complex) for item in items) else object
        array = np.empty(count, dtype=kind)
        array[:] = items
        return array.reshape(x.shape)
    floating = np.issubdtype(x.dtype, np.floating) or "float" in str(x.dtype)
    array = np.array(items, dtype=x.dtype if floating else float).reshape(x.shape)
    space = getattr(x, "__array_namespace__", None)
    if isinstance(x, np.ndarray):
        return array
    return space().asarray(array) if space is not None else array[()]
