"""README can be followed: each section by itself, from its first line on."""

import ast
import builtins
import doctest
import re
from collections.abc import Iterator
from pathlib import Path

from tests.cases import each

TEXT = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def sections() -> Iterator[tuple[str, str]]:
    """Each heading with what stands below it; what looks like one in a code block is none."""
    code, title, lines = False, "", []
    for line in TEXT.splitlines():
        code ^= line.startswith("```")
        if not code and re.match(r"#+ ", line):
            yield title, "\n".join(lines)
            title, lines = line.lstrip("# "), []
        lines.append(line)
    yield title, "\n".join(lines)


def unknown_names(session: str) -> list[str]:
    """The names that the lines of a session use and none of them, nor Python, has made."""
    known, unknown = set(dir(builtins)), []
    for example in doctest.DocTestParser().get_examples(session):
        nodes = list(ast.walk(ast.parse(example.source)))
        made = {
            node.id
            for node in nodes
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        }
        made |= {
            alias.asname or alias.name
            for n in nodes
            if isinstance(n, (ast.Import, ast.ImportFrom))
            for alias in n.names
        }
        made |= {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
        made |= {node.arg for node in nodes if isinstance(node, ast.arg)}
        known |= made
        unknown += [n.id for n in nodes if isinstance(n, ast.Name) and n.id not in known]
    return unknown


@each(("title", "text"), [pair for pair in sections() if ">>>" in pair[1]])
def test_a_section_can_be_typed_alone(title: str, text: str) -> None:
    assert unknown_names(text) == []


def test_a_name_from_another_section_would_be_found() -> None:
    assert unknown_names(
        ">>> from math import tau\n>>> x = [k * tau for k in range(3)]\n>>> y + x[0]\n"
    ) == ["y"]


def test_nothing_is_named_that_is_not_there() -> None:
    """Paths of files, and chapters by their module."""
    from demos import CHAPTERS

    root = Path(__file__).parents[1]
    for path in re.findall(r'(?:\]\(|src="|`)((?:demos|tests|nn|autograd)/[\w/.]+)', TEXT):
        assert (root / path).exists(), path
    assert set(re.findall(r"python -m demos\.(\w+)", TEXT)) <= set(CHAPTERS)
