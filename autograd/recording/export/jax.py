"""Programs for JAX: a module with ``f`` and ``value_and_grad`` of a batch."""

from typing import TYPE_CHECKING

from autograd.recording.export.levels import Framework, module

if TYPE_CHECKING:
    from autograd.recording.program import Program

__all__ = ["printed"]

IN_FLOAT64 = """
jax.config.update("jax_enable_x64", True)  # without it numbers are float32
"""

JAX = Framework(
    "JAX",
    '''import jax
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
    },
    gradient="""    values, back = jax.vjp(lambda {names}: f({call}), {names})
    return values, back(jnp.ones_like(values))
""",
)


KINDS = "float64", "float32"


def printed(program: "Program", dtype: str) -> str:
    text = module(program, JAX)
    return text if dtype == "float64" else text.replace(IN_FLOAT64, "")
