"""The text of an expression: Python's own parser reads it, and what it cannot be is refused."""

import ast
import re
import unicodedata
import warnings
from keyword import iskeyword

LONGEST = 2000  # characters
DEEPEST = 100  # operations within operations
REMEDY = "split it up, or write a long sum as total([...])"
TOO_DEEP = f"an expression may be {DEEPEST} operations deep: {REMEDY}"


class ExpressionError(ValueError):
    """A text that is no expression, in one sentence, with the place marked if there is one."""

    def __init__(self, sentence: str, text: str = "", column: int | None = None) -> None:
        if column is not None:
            start = max(0, column - 60)
            shown = text[start : start + 76]
            sentence = f"{sentence}\n  {shown}\n  {' ' * (column - start)}^"
        super().__init__(sentence)


def parsed(text: str) -> tuple[str, ast.expr]:
    """An expression, neither too long nor too deep, in plain characters, and its syntax tree.

    >>> parsed("x² + 1")
    Traceback (most recent call last):
        ...
    autograd.debugging.syntax.ExpressionError: ² is no power: write **2
      x² + 1
       ^
    """
    for column, character in enumerate(text := " ".join(text.split())):
        if unicodedata.decomposition(character).startswith("<super>"):  # else x² would be x2
            power = unicodedata.normalize("NFKC", character)
            raise ExpressionError(f"{character} is no power: write **{power}", text, column)
    text = unicodedata.normalize("NFKC", text)
    if not text:
        raise ExpressionError('an expression is needed, as "tanh(w*x + b)"')
    if len(text) > LONGEST:
        limit = f"an expression may have {LONGEST} characters"
        raise ExpressionError(f"{limit}, got {len(text)}: split it up")
    for column, character in enumerate(text):
        # Python would read on, or stop, without a word.
        if character == "#" or not character.isprintable():
            said = f"the character {character!r} has no meaning here"
            shown = "".join(c if c.isprintable() else " " for c in text)
            raise ExpressionError(said, shown, column)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's remarks on style
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        column = min(max((error.offset or 1) - 1, 0), len(text))
        reason = "" if error.msg == "invalid syntax" else f": {error.msg}"
        if error.msg == "invalid decimal literal":
            reason = ": write a product with *, as in 2*x"
        words = [word for word in re.findall(r"\w+", text) if iskeyword(word)]
        if words and not reason and words[0] not in ("and", "or", "not", "if", "else"):
            reason += f": {words[0]} is a word of Python's, call a number {words[0]}_, say"
        raise ExpressionError(f"the expression does not parse{reason}", text, column) from None
    except (RecursionError, MemoryError):
        raise ExpressionError(TOO_DEEP) from None
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST):
        level = [inner for node in level for inner in ast.iter_child_nodes(node)]
    if level:
        raise ExpressionError(TOO_DEEP)
    return text, tree
