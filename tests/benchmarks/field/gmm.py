"""The gradient of the logarithm of the posterior density of a mixture of k Gaussians, given n
points of dimension d, with a Wishart prior.

A component has a weight a, normalized by softmax, a mean, and the factor L of its precision LᵀL:
lower triangular, with exp(q) on the diagonal and tri below it, column by column."""

from collections.abc import Callable
from math import lgamma, log, pi
from typing import Any

import numpy as np

from autograd import dot, exp, logsumexp, record, total

SIZES = [
    {"d": 2, "k": 3, "n": 10},
    {"d": 10, "k": 25, "n": 1000},
    {"d": 32, "k": 25, "n": 1000},
    {"d": 64, "k": 100, "n": 1000},
]
GAMMA, M = 1.0, 0  # the prior's precision, and its degrees of freedom beyond d + 1


def rows_of(tri: Any, d: int) -> list[Any]:
    """The rows of a triangle of which tri has the columns."""
    starts = [0]
    for j in range(d - 1):
        starts.append(starts[-1] + d - 1 - j)
    return [[tri[starts[j] + i - j - 1] for j in range(i)] for i in range(d)]


def log_likelihood(theta: Any, x: Any) -> Any:
    """Of one point."""
    d, betas = len(x), []
    for a, mean, q, tri in zip(*theta, strict=True):
        centred = [xi - m for xi, m in zip(x, mean, strict=True)]
        y = [dot([*row, exp(q[i])], centred[: i + 1]) for i, row in enumerate(rows_of(tri, d))]
        betas.append(a + total(q) - 0.5 * dot(y, y))
    return logsumexp(betas) - logsumexp(theta[0]) - d / 2 * log(2 * pi)


def log_prior(theta: Any) -> Any:
    _, means, qs, triangles = theta
    d, terms = len(means[0]), []
    for q, tri in zip(qs, triangles, strict=True):
        frobenius = total([exp(2 * v) for v in q]) + dot(tri, tri)
        terms.append(M * total(q) - GAMMA**2 / 2 * frobenius)
    n = d + M + 1
    multigamma = d * (d - 1) / 4 * log(pi) + sum(lgamma((n - j) / 2) for j in range(d))
    return total(terms) + len(qs) * (n * d * log(GAMMA / 2**0.5) - multigamma)


def data(d: int, k: int, n: int) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {
        "a": rng.normal(size=k),
        "mean": rng.random((k, d)),
        "q": rng.normal(size=(k, d)) * 0.3,
        "tri": rng.normal(size=(k, d * (d - 1) // 2)),
        "x": rng.normal(size=(n, d)),
    }


def ours(data: dict[str, Any]) -> Callable[[], Any]:
    """Of all numbers in one list, as a sum over the points, each with its share of the prior."""
    x, parts = data["x"], [data[name] for name in ("a", "mean", "q", "tri")]
    ends = np.cumsum([part.size for part in parts])[:-1]

    def log_posterior(numbers: Any, point: Any) -> Any:
        pairs = zip(np.split(numbers, ends), parts, strict=True)
        theta = [own.reshape(part.shape) for own, part in pairs]
        return log_likelihood(theta, point) + log_prior(theta) / len(x)

    numbers = np.concatenate([part.ravel() for part in parts])
    program = record(log_posterior, numbers, x[0], shared="numbers")
    return lambda: program.value_and_grad(numbers, x, argnums=0)[1]


def by_hand(data: dict[str, Any]) -> Callable[[], Any]:
    a, means, q, tri, x = (data[name] for name in ("a", "mean", "q", "tri", "x"))
    (k, d), columns = means.shape, np.triu_indices(means.shape[1], 1)

    def derivative() -> Any:
        L = np.zeros((k, d, d))
        L[:, columns[1], columns[0]] = tri
        L[:, range(d), range(d)] = np.exp(q)
        centred = [x - mean for mean in means]
        y = [c @ factor.T for c, factor in zip(centred, L, strict=True)]
        betas = a + q.sum(1) - 0.5 * np.array([(v * v).sum(1) for v in y]).T
        shares = np.exp(betas - betas.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        weights, prior = np.exp(a - a.max()), GAMMA**2 * L
        parts = [], [], []
        for i, (c, v) in enumerate(zip(centred, y, strict=True)):
            scaled = v * shares[:, i : i + 1]
            by_factor = -scaled.T @ c - prior[i]
            parts[0].append(scaled.sum(0) @ L[i])
            parts[1].append(shares[:, i].sum() + by_factor.diagonal() * np.exp(q[i]) + M)
            parts[2].append(by_factor[columns[1], columns[0]])
        by_a = shares.sum(0) - len(x) * weights / weights.sum()
        return np.concatenate([by_a, *(np.ravel(part) for part in parts)])

    return derivative
