"""Programs for PyTorch: a module with ``f`` and ``value_and_grad`` of a batch."""

from autograd.recording.export.levels import Framework, module
from autograd.recording.program import Program

OWN = ("arctan2", "broadcast_to", "cbrt", "full", "hypot", "repeat", "where")
RENAMED = {name: name for name in OWN} | {"rint": "torch.round", "concatenate": "torch.cat"}
RENAMED |= {"power": "torch.pow", "max": "torch.amax", "min": "torch.amin"}
SCAN = """def scan(step, s, x, count, *closed):
    for i in range(count):
        given = () if x is None else (torch.broadcast_to(x[i], (x.shape[1], s.shape[1])),)
        s = step(s, *given, *closed)
    return s
"""
WHILE_LOOP = '''def while_loop(step, s, going, *closed):
    """The state of each sample when its condition, the last row that a step gives, is 0."""
    left = going[0].nonzero()[:, 0]
    while len(left):
        y = step(s[:, left], *[x[:, left] for x in closed])
        s, left = s.index_copy(1, left, y[:-1]), left[y[-1] != 0]
    return s
'''

TORCH = Framework(
    "PyTorch",
    '''import torch

KIND = torch.float64


class Row(torch.autograd.Function):
    """A function of operands and constants with partials, of the operands, y, constants."""

    generate_vmap_rule = True

    @staticmethod
    def forward(result, partials, *given):
        return result(*given)

    @staticmethod
    def setup_context(ctx, inputs, y):
        _, ctx.partials, *given = inputs
        ctx.save_for_backward(*given, y)

    @staticmethod
    def backward(ctx, grad):
        *given, y = ctx.saved_tensors
        k, grads = len(ctx.partials), []
        for x, partial in zip(given, ctx.partials):
            slope = partial(*given[:k], y, *given[k:]) if partial else 0.0
            grads.append((grad * slope * torch.ones_like(x)).sum_to_size(x.shape))
        return None, None, *grads, *[None] * (len(given) - k)


def row(*partials):
    def decorated(result):
        def f(*given):
            return Row.apply(result, partials, *[torch.as_tensor(x, dtype=KIND) for x in given])

        return f

    return decorated


def where(test, a, b):
    kind = next((x.dtype for x in (a, b) if torch.is_tensor(x)), KIND)
    a, b = torch.as_tensor(a, dtype=kind), torch.as_tensor(b, dtype=kind)
    return torch.where(test if test.dtype == torch.bool else test != 0, a, b)
''',
    "torch",
    "torch.as_tensor({}, dtype=KIND)",
    "torch.tensor({})",
    renamed=RENAMED,
    definitions={
        "erf": "from torch.special import erf\n",
        "erfc": "from torch.special import erfc\n",
        "cbrt": "def cbrt(x):\n    y = torch.sign(x) * torch.abs(x) ** (1 / 3)\n"
        "    return torch.where(torch.isfinite(x) & (x != 0), y - (y - x / (y * y)) / 3, y)\n",
        "arctan2": "def arctan2(a, b):\n"
        "    return torch.arctan2(*(torch.as_tensor(x, dtype=KIND) for x in (a, b)))\n",
        "hypot": "def hypot(a, b):\n"
        "    return torch.hypot(*(torch.as_tensor(x, dtype=KIND) for x in (a, b)))\n",
        "broadcast_to": "def broadcast_to(x, shape):\n"
        "    return torch.broadcast_to(torch.as_tensor(x, dtype=KIND), shape)\n",
        "repeat": "def repeat(x, count, axis):\n    return x.repeat_interleave(count, dim=axis)\n",
        "full": "def full(shape, x):\n    return x * torch.ones(shape, dtype=KIND)\n",
        "root": "def root(x):\n    return where(x == -torch.inf, torch.inf, torch.sqrt(x) + 0.0)\n",
        "raised": "def raised(x, n):\n    x, n = torch.as_tensor(x), torch.as_tensor(n)\n"
        "    return where(n == 0.5, root(x), x**n)\n",
        "peak_of": "def peak_of(x):\n    largest = torch.amax(x, dim=0)\n"
        "    return where(torch.isfinite(largest), largest, 0.0)\n",
        "scan": SCAN,
        "while_along": "def while_along(*given):\n    return while_loop(*given)\n",
        "while_loop": WHILE_LOOP,
    },
    gradient="""    given = [torch.as_tensor(x, dtype=KIND).detach() for x in ({names},)]
    {names}{comma} = given = [x.requires_grad_() for x in given]
    values = f({call})
    if not values.requires_grad:  # a number, whatever the arguments
        return values, tuple(torch.zeros_like(x) for x in given)
    return values.detach(), torch.autograd.grad(values.sum(), given, materialize_grads=True)
""",
)


KINDS = "float64", "float32"


def printed(program: Program, dtype: str) -> str:
    return module(program, TORCH).replace("KIND = torch.float64", f"KIND = torch.{dtype}")
