"""Kind: what something is, in the words of a sentence."""

from typing import Any

__all__ = ["a_kind"]

SPELT = "AEFHILMNORSX"  # letters whose names begin with a vowel: an MLP, an SGD


def a_kind(x: Any) -> str:
    """The name of the class of x with its article.

    >>> from nn import MLP
    >>> a_kind(3), a_kind([3]), a_kind(MLP(2, [1]))
    ('an int', 'a list', 'an MLP')
    """
    name = type(x).__name__
    vowel = (
        name[0] in SPELT if name[:2].isupper() else name[0].lower() in "aeio" or name == "ndarray"
    )
    return f"{'an' if vowel else 'a'} {name}"
