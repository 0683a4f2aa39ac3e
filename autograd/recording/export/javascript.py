"""Programs in JavaScript: a module that exports ``f`` and ``value_and_grad`` of one sample."""

import re
from collections.abc import Mapping

from autograd.engine.table import Op
from autograd.export.javascript import JavaScript, define, words
from autograd.recording.export.language import Hoisting, Language, arranged, indented, labels
from autograd.recording.export.sample import Sample
from autograd.recording.program import Program
from autograd.tree import NUMBER


class InJavaScript(Hoisting, JavaScript):
    """A formula in JavaScript."""

    def __init__(self, op: Op, names: Mapping[str, str]) -> None:
        super().__init__(op, names)
        self.hoisted = []


LANGUAGE = Language(
    name="JavaScript",
    loop="for (let {i} = 0; {i} < {n}; {i}++) {{",
    variable="let",
    constant="const",
    infinity="Infinity",
    nan="NaN",
    finite="Number.isFinite",
    truth="Number{}",
    counter="let",
    kept=(["const s = [];"], [], []),
    spelling=InJavaScript,
)


def printed(program: Program) -> str:
    code = Sample(program, LANGUAGE)
    names, has_p, bases = [*code.arguments], bool(code.parameters), code.bases
    signature = ", ".join([*names, *["p = parameters"] * has_p])
    call = ", ".join([*names, *["p"] * has_p])
    grads = ", ".join(f"d{n}" for n in (*names, *["p"] * has_p))
    about = [f"{program.name}, as glassgrad wrote it, for one sample: f({call}) gives its value."]
    if code.has_gradient:
        about.append(f"value_and_grad({call}) gives [value, [{grads}]].")
    several = {name: tree for name, tree in code.arguments.items() if tree != NUMBER}
    about += [f"{labels(*pair)}, in lists of any depth" for pair in several.items()]
    text = "".join(f"// {line}\n" for line in [*about, *code.places]) + "\n" + _definitions(code)
    copies = [
        f"v.set({n}.flat(Infinity), {bases[n]});" if n in several else f"v[{bases[n]}] = {n};"
        for n in names
    ]
    copies += [f"v.set(p, {bases['p']});"] * has_p
    copies += [f"v.set(numbers, {bases['c']});"] * bool(code.numbers)
    inner = [f"const v = new Float64Array({code.size});", *copies, *code.forward, "return v;"]
    text += f"\nfunction values({call}) {{\n{indented(inner)}}}\n"
    results = iter([f"v[{slot}]" for slot in code.outputs])

    def lists(shape: tuple[int, ...]) -> str:
        first, rest = shape[:1], shape[1:]
        return f"[{', '.join(lists(rest) for _ in range(*first))}]" if first else next(results)

    answer = arranged(program.result, lists, python=False)
    begin = f"const v = values({call});"
    text += f"\nexport function f({signature}) {{\n{indented([begin, f'return {answer};'])}}}\n"
    if code.has_gradient:
        lines = [begin, f"const g = new Float64Array({code.size});"]
        lines += [f"g[{code.outputs[0]}] = 1;", *code.back]
        sizes = [(n, tree.size, n in several) for n, tree in code.arguments.items()]
        sizes += [("p", len(code.parameters), True)] * has_p
        parts = [
            f"[...g.slice({bases[n]}, {bases[n] + size})]" if many else f"g[{bases[n]}]"
            for n, size, many in sizes
        ]
        lines.append(f"return [{answer}, [{', '.join(parts)}]];")
        text += f"\nexport function value_and_grad({signature}) {{\n{indented(lines)}}}\n"
    return text


def _definitions(code: Sample) -> str:
    """What formulas call, and the tables."""
    defined: dict[str, str] = {}
    define(code.called, defined)
    rows = "".join(f"{line}\n" for line in defined.values())
    functions = [*code.functions.values()]
    text = _words("\n".join([rows, *functions, *code.forward, *code.back])) + rows
    tables = {"parameters": code.parameters, "numbers": code.numbers}
    for name, numbers in (tables | code.constants | code.tables).items():
        text += LANGUAGE.table(name, numbers) if numbers else ""
    return text + "".join(f"\n{function}" for function in functions)


def _words(code: str) -> str:
    """What code calls of the words that JavaScript lacks, with what these call themselves."""
    blocks = re.split(r"\n(?=const |function |//)", words().partition("// Numbers as")[0])
    found = {m[1]: b for b in blocks if (m := re.match(r"(?:const|function) (\w+)", b))}
    needed, before = set[str](), -1
    while len(needed) > before:
        before = len(needed)
        text = code + "".join(found[name] for name in needed)
        needed |= {name for name in found if re.search(rf"(?<![\w.]){name}\(", text)}
    return "".join(f"{block}\n" for name, block in found.items() if name in needed)
