"""Real numbers of every kind become floats here, and everything else is refused with a remedy."""

from typing import Any

from autograd.engine.notation import described


def number(x: Any, needed: str = "Value needs a number") -> float:
    """A real number of any kind (int, bool, Fraction, Decimal, NumPy scalar) as a float.

    >>> number("1.5")
    Traceback (most recent call last):
        ...
    TypeError: Value needs a number, got the str '1.5': write float('1.5')
    """
    if type(x) is float:
        return x
    if type(x) is int and -(2**53) < x < 2**53:
        return float(x)
    remedy = ""
    if hasattr(x, "operands"):
        remedy = ": write v.data for its number, or v + 0 for a new value made from it"
    elif x is None:
        remedy = ": is a return missing where it came from?"
    elif isinstance(x, (str, bytes)):
        remedy = f": write float({x!r})" if len(x) < 30 else ": convert it with float(...)"
    elif isinstance(x, complex) or getattr(getattr(x, "dtype", None), "kind", "f") == "c":
        remedy = ": differentiate its real and imaginary parts separately"
    elif getattr(x, "shape", ()) or isinstance(x, (list, tuple, set, dict)):
        remedy = ": make one Value for each number, [Value(x) for x in data]"
    elif hasattr(type(x), "__float__") or hasattr(type(x), "__index__"):
        try:
            return float(x)
        except OverflowError:
            came = f"the {type(x).__name__} {str(x)[:12]}..."
            raise ValueError(f"{needed} within 1.8e308, got {came}: scale it down first") from None
        except (TypeError, ValueError) as error:
            remedy = f": {error}"
    raise TypeError(f"{needed}, got {described(x)}{remedy}")
