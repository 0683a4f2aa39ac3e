"""Programs for JAX: a module with ``f`` and ``value_and_grad`` of a batch."""

from autograd.recording.export.levels import Framework, module
from autograd.recording.program import Program

IN_FLOAT64 = """
jax.config.update("jax_enable_x64", True)  # without it numbers are float32
"""

SCAN = '''def scan(step, s, x, count, *closed):
    """The state after so many steps, each of which is done once more on the way back."""

    def further(s, x):
        given = () if x is None else (jnp.broadcast_to(x, (len(x), s.shape[1])),)
        return step(s, *given, *closed), None

    again = jax.checkpoint(further, prevent_cse=False)
    return jax.lax.scan(again, s, x, length=count)[0]
'''
WHILE_ALONG = '''def while_along(step, s, going, *closed):
    """The state of each sample when its condition, the last row that a step gives, is 0."""

    def further(now):
        (s, going), y = now, step(now[0], *closed)
        return jnp.where(going != 0, y[:-1], s), jnp.where(going != 0, y[-1:], 0.0)

    return jax.lax.while_loop(lambda now: jnp.any(now[1] != 0), further, (s, going))[0]
'''
WHILE_LOOP = '''@partial(jax.custom_vjp, nondiff_argnums=(0,))
def while_loop(step, s, going, *closed):
    return while_along(step, s, going, *closed)


def slopes_along(step, s, going, *closed):
    """JAX has no way back through a while_loop: the slopes by all that it is given go along."""
    count, given = len(s), jnp.concatenate([s, *closed])

    def run(x):
        return while_along(step, x[:count], going, *[x[count:]] * len(closed))

    ways = jnp.broadcast_to(jnp.eye(len(given))[:, :, None], (len(given), *given.shape))
    y, slopes = jax.vmap(lambda way: jax.jvp(run, (given,), (way,)), out_axes=(None, 0))(ways)
    return y, (slopes, going)


def way_back(step, kept, grad):
    slopes, going = kept
    grads = jnp.where(grad == 0, 0.0, slopes * grad).sum(axis=1)
    count = len(grad)
    return grads[:count], jnp.zeros_like(going), *[grads[count:]] * (len(grads) > count)


while_loop.defvjp(slopes_along, way_back)
'''

JAX = Framework(
    "JAX",
    '''from functools import partial

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)  # without it numbers are float32


def row(*partials):
    """A function of operands and constants with these partials, of the operands, y, constants."""

    def decorated(result):
        @jax.custom_jvp
        def f(*given):
            return result(*given)

        @f.defjvp
        def slope(given, tangents):
            y, k = f(*given), len(partials)
            terms = [dx * p(*given[:k], y, *given[k:]) for dx, p in zip(tangents, partials) if p]
            terms = [dy.sum(axis=0) if dy.ndim > y.ndim else dy for dy in terms]
            return y, jnp.broadcast_to(sum(terms, 0.0 * y), y.shape)

        return f

    return decorated
''',
    "jnp",
    "jnp.asarray({}, float)",
    "jnp.array({})",
    compiled="@jax.jit\n",
    definitions={
        "erf": "from jax.scipy.special import erf\n",
        "erfc": "from jax.scipy.special import erfc\n",
        "root": "def root(x):\n    return jnp.where(x == -jnp.inf, jnp.inf, jnp.sqrt(x) + 0.0)\n",
        "raised": "def raised(x, n):\n    return jnp.where(n == 0.5, root(x), x**n)\n",
        "peak_of": "def peak_of(x):\n    largest = jnp.max(x, axis=0)\n"
        "    return jnp.where(jnp.isfinite(largest), largest, 0.0)\n",
        "scan": SCAN,
        "while_along": WHILE_ALONG,
        "while_loop": WHILE_LOOP,
    },
    gradient="""    values, back = jax.vjp(lambda {names}: f({call}), {names})
    return values, back(jnp.ones_like(values))
""",
)


KINDS = "float64", "float32"


def printed(program: Program, dtype: str) -> str:
    text = module(program, JAX)
    return text if dtype == "float64" else text.replace(IN_FLOAT64, "")
