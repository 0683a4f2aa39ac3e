"""Sample: a program for one sample at a time, as C and JavaScript have it."""

import re

from autograd.engine.errors import GraphError
from autograd.recording.across import ACROSS
from autograd.recording.export.language import Language, labels
from autograd.recording.export.loops import Loops
from autograd.recording.program import Program
from autograd.recording.schedule import distinct
from autograd.tree import NUMBER

# What the files call otherwise than arguments, results among it; and words of the languages.
OWN = (
    r"[gv]|t\d+|numbers|parameters|room|values|step\d+(_back|_numbers)?|row_\w*[^_]"
    "|abort|arguments|copysign|eval|fabs|fmod|free|isfinite|memcpy|memset|realloc|size_t"
    r"|Float64Array|INFINITY|Infinity|M_\w*[^_]|Math|NAN|NULL|NaN|Number|asm|linux|unix"
    "|alignas|alignof|auto|bool|case|catch|char|const|constexpr|debugger|default|delete|do|double"
    "|enum|export|extends|extern|false|float|function|goto|implements|inline|instanceof|int"
    "|interface|let|long|new|null|nullptr|package|private|protected|public|register|restrict"
    "|short|signed|sizeof|static|static_assert|struct|super|switch|this|thread_local|throw|true"
    "|typedef|typeof|union|unsigned|var|void|volatile"
)


class Sample(Loops):
    """The loops of a program, and what its arguments and parameters are."""

    def __init__(self, program: Program, language: Language) -> None:
        layout = program._engines.layout
        if across := layout.form.kinds & ACROSS:
            name = min(op.name for op in across)
            raise GraphError(f"export to {language.name} goes by samples, and has no {name}")
        super().__init__(layout, language)
        self.parameters = [self.form.parameters[node].data for node in layout.parameters]
        names = distinct([*layout.arguments], re.compile(OWN + "|y" * (len(self.outputs) > 1)))
        self.arguments = dict(zip(names, program.arguments.values(), strict=True))
        own = [self.bases[name] for name in layout.arguments]
        self.bases |= dict(zip(names, own, strict=True))
        self.has_gradient = program.result == NUMBER
        self.back = self.reverse if self.has_gradient else []
        self.numbers = [*self.form.numbers.values()] if self.has_numbers else []

    @property
    def tables(self) -> dict[str, tuple[int, ...]]:
        """Where operands lie that are in no even order, by name."""
        return {name: table for table, name in self.table_of.items()}

    @property
    def pieces(self) -> list[tuple[str, int, bool]]:
        """Of each argument, and of the parameters p if there are some, the name, how many numbers
        it holds, and whether it is one."""
        found = [(name, tree.size, tree == NUMBER) for name, tree in self.arguments.items()]
        return found + [("p", len(self.parameters), False)] * bool(self.parameters)

    @property
    def labels(self) -> list[str]:
        """What the numbers of arguments are that hold several."""
        pairs = self.arguments.items()
        return [f"{name}: {labels(name, tree)}" for name, tree in pairs if tree != NUMBER]

    @property
    def text(self) -> str:
        """Its functions, and what is done on both ways."""
        return "\n".join([*self.functions.values(), *self.forward, *self.back])

    @property
    def written(self) -> dict[str, list[float]]:
        """The numbers that it has written into it, by name."""
        found = {"parameters": self.parameters, "numbers": self.numbers, **self.constants}
        return {name: numbers for name, numbers in found.items() if numbers}

    @property
    def places(self) -> list[str]:
        """What lies where in v, in words."""
        lines, words = list[str](), {"p": "the parameters", "c": "numbers"}
        for name, height, _ in [*self.pieces, ("c", len(self.numbers), False)]:
            first, what = self.bases[name], words.get(name, name)
            until = f" to v[{first + height - 1}]" * (height > 1)
            lines += [f"v[{first}]{until}: {what}"] * bool(height)
        return lines
