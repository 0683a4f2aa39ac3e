"""Programs in C: ``f`` and ``value_and_grad`` of one sample, in a file that needs the C library's
mathematics alone."""

import re
from collections.abc import Mapping

from autograd.engine.native.spelling import C, helpers_in_c
from autograd.engine.table import Op
from autograd.recording.export.language import Hoisting, Language, indented
from autograd.recording.export.sample import Sample
from autograd.recording.program import Program

# What formulas call and C lacks.
LACKING = {
    "whole": "static int whole(double x) { return isfinite(x) && floor(x) == x; }\n",
    "mod": "static double mod(double a, double b) { /* as Python's % */\n"
    "    double m = fmod(a, b);\n    if (m == 0) return copysign(0.0, b);\n"
    "    return (b < 0) != (m < 0) ? m + b : m;\n}\n",
    "floor_divide": "static double floor_divide(double a, double b) { /* as Python's // */\n"
    "    if (b == 0) return a / b;\n    double m = fmod(a, b), d = (a - m) / b;\n"
    "    if (m != 0 && (b < 0) != (m < 0)) d -= 1.0;\n"
    "    if (d == 0) return copysign(0.0, a / b);\n"
    "    double f = floor(d);\n    return d - f > 0.5 ? f + 1.0 : f;\n}\n",
    "room": "static double *room(double *s, size_t i, size_t k) { /* for k numbers, i times */\n"
    "    if (i & (i - 1)) return s;\n    s = realloc(s, (i ? 2 * i : 1) * k * sizeof *s);\n"
    "    if (!s) abort();\n    return s;\n}\n",
}


class InC(Hoisting, C):
    """A formula in C."""

    functions: Mapping[str, str] = {**C.functions, "hypot": "hypot"}

    def __init__(self, op: Op, names: Mapping[str, str]) -> None:
        super().__init__()
        self.names, self.hoisted = names, []


LANGUAGE = Language(
    name="C",
    loop="for (int {i} = 0; {i} < {n}; {i}++) {{",
    variable="double",
    constant="const double",
    infinity="INFINITY",
    nan="NAN",
    finite="isfinite",
    truth="{}",
    counter="size_t",
    kept=(["double *s = NULL;"], ["s = room(s, i, {k});"], ["free(s);"]),
    spelling=InC,
)


def printed(program: Program) -> str:
    code = Sample(program, LANGUAGE)
    pieces, one = code.pieces, len(code.outputs) == 1
    given = [f"double {n}" if is_one else f"const double *{n}" for n, _, is_one in pieces]
    signature = ", ".join([*given, *["double *y"] * (not one)]) or "void"
    grads = [f"double *d{n}" for n, *_ in pieces]
    heads = [f"{'double' if one else 'void'} f({signature})"]
    if code.has_gradient:
        heads.append(f"double value_and_grad({', '.join([*given, *grads])})")
    about = [f"{program.name}, as glassgrad wrote it. A sample at a time; link with -lm."]
    about += [*(f"{head};" for head in heads), *code.labels]
    about += ["p: the parameters, or NULL for those that are written here"] * bool(code.parameters)
    if code.has_gradient:
        about.append("value_and_grad returns the value, and writes the gradient by n to dn")
    text = "/* " + "\n   ".join([*about, *code.places]) + " */\n\n"
    definitions = _definitions(code)
    needed = ["math", *["stdlib"] * ("room(" in definitions), "string"]
    text += "".join(f"#include <{name}.h>\n" for name in needed) + "\n" + definitions
    call, arguments = ", ".join(["v", *(n for n, *_ in pieces)]), ", ".join(["double *v", *given])
    inner = [*_copies(code), *code.forward]
    text += f"\nstatic void values({arguments}) {{\n{indented(inner)}}}\n"
    begin = [LANGUAGE.array("v", code.size), f"values({call});"]
    answer = [f"y[{i}] = v[{slot}];" for i, slot in enumerate(code.outputs)]
    answer = [f"return v[{code.outputs[0]}];"] if one else answer
    text += f"\n{heads[0]} {{\n{indented([*begin, *answer])}}}\n"
    if code.has_gradient:
        lines = [*begin, LANGUAGE.array("g", code.size), "memset(g, 0, sizeof g);"]
        lines += [f"g[{code.outputs[0]}] = 1;", *code.back]
        for n, count, is_one in pieces:
            start = code.bases[n]
            copy = f"memcpy(d{n}, g + {start}, {count} * sizeof *g);"
            lines += [f"*d{n} = g[{start}];" if is_one else copy] * bool(count)
        text += f"\n{heads[1]} {{\n{indented([*lines, *answer])}}}\n"
    return text


def _definitions(code: Sample) -> str:
    """What formulas call, and the tables."""
    helpers = "".join(helpers_in_c(iter(code.called), {}).values())
    body = f"{helpers}\n{code.text}"
    lacking = [text for word, text in LACKING.items() if re.search(rf"\b{word}\(", body)]
    of_numbers = {name: ", ".join(map(str, table)) for name, table in code.tables.items()}
    tables = [f"static const int {name}[] = {{{of}}};\n" for name, of in of_numbers.items()]
    tables += [LANGUAGE.table(name, numbers) for name, numbers in code.written.items()]
    return "".join([*lacking, helpers, *tables, *(f"\n{f}" for f in code.functions.values())])


def _copies(code: Sample) -> list[str]:
    """Where arguments, parameters and numbers are put."""
    lines = ["if (!p) p = parameters;"] * bool(code.parameters)
    for n, count, is_one in code.pieces:
        copy = f"memcpy(v + {code.bases[n]}, {n}, {count} * sizeof *v);"
        lines += [f"v[{code.bases[n]}] = {n};" if is_one else copy] * bool(count)
    lines += [f"memcpy(v + {code.bases['c']}, numbers, sizeof numbers);"] * bool(code.numbers)
    return lines
