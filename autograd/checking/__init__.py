"""check: a gradient against independent numbers; the verdict says what is wrong, and where.

>>> from autograd import tanh
>>> report = check(lambda w, x: tanh(w * x), -1.2, 0.5)
>>> report.verdict, report.ok, report.digits > 14
('OK', True, True)
>>> check(lambda x: tanh(3 * x), 0.5, gradient=lambda x: 1 - tanh(3 * x) ** 2)
BUG: yours is 0.1807, the derivative 0.5421, ratio 0.333333;
yours lacks the factor 3, the derivative of 3 * x
  -> multiply by it
  x  yours 0.1807  true 0.5421  BUG
"""

from typing import TYPE_CHECKING, Any

# The files of this room are imported when something is checked, or importing autograd takes long.
if TYPE_CHECKING:
    from autograd.checking.report import Report

__all__ = ["assert_gradients", "check"]


def check(
    f: Any,
    *args: Any,
    gradient: Any = None,
    hessian: Any = None,
    order: int = 1,
    seed: int = 0,
    wrt: Any = None,
    **kwargs: Any,
) -> "Report":
    """Check derivatives at a point: ours, or with gradient= or hessian= those that you derived, of
    any function.

    f: a function of numbers (alone, in sequences, dicts, arrays; tensors, if the derivative is
    given), or an output that was recorded already, or a row of the table (an Op). args: the point;
    by keyword, if there are no positional ones. gradient: the derivative, or a function that gives
    it, in the shape of the arguments (a tuple for several); for an f with many outputs, its
    Jacobian. hessian: likewise. order: 2 checks our second derivatives too. seed: of the random
    directions that are asked when there are more than 40 inputs. wrt: the arguments to
    differentiate by (a name or a place, or several), if not all. About 5 evaluations for each input
    where all is well, 60 to 90 more where it is not.

    Raises TypeError or ValueError, in one sentence, for what cannot be checked.

    >>> from autograd import relu
    >>> check(relu, 0.0).verdict, check(relu, 0.0).ok
    ('KINK', True)
    >>> check(lambda x: x**3, 2.0, gradient=lambda x: x**2).finding.hint
    'forgotten exponent, of x**3'
    """
    from autograd.checking.checks import checked

    return checked(f, args, kwargs, gradient, hessian, order, seed, wrt)


def assert_gradients(f: Any, *args: Any, **kwargs: Any) -> None:
    """Raise GradientError, with the report, unless ``check`` finds every derivative usable.

    >>> assert_gradients(lambda x: x**2, 3.0)
    >>> assert_gradients(lambda x: x**2, 3.0, gradient=lambda x: -2 * x)
    Traceback (most recent call last):
        ...
    autograd.GradientError: BUG: yours is -6, the derivative 6, ratio -1 (sign)
      x  yours -6  true 6  BUG
    """
    check(f, *args, **kwargs).raise_if_wrong()
