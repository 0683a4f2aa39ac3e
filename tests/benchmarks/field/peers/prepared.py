"""Data of the problems in the forms that tools for arrays want."""

from itertools import combinations
from typing import Any

import numpy as np

PARENTS = [-1, *(0 if b % 4 == 1 else b - 1 for b in range(1, 21)), 0]


def det_table(n: int) -> list[Any]:
    """For each level: of each set of columns, which they are, and which minors below remain."""
    table = []
    for size in range(1, n + 1):
        below = {s: i for i, s in enumerate(combinations(range(n), size - 1))}
        sets = list(combinations(range(n), size))
        remain = [[below[s[:i] + s[i + 1 :]] for i in range(size)] for s in sets]
        table.append((np.array(sets), np.array(remain), (-1.0) ** np.arange(size)))
    return table


def gmm_places(d: int) -> Any:
    """Where the numbers of a triangle lie in (q, l, 0)."""
    places = np.full((d, d), d + d * (d - 1) // 2)
    columns = np.triu_indices(d, 1)
    places[columns[1], columns[0]] = d + np.arange(d * (d - 1) // 2)
    places[range(d), range(d)] = range(d)
    return places


def hand(data: dict[str, Any]) -> dict[str, Any]:
    """The hand of problem ht."""
    joints, bend, angle = [[], []], [-1] * 22, 0
    for bone in range(1, 21):
        joint = (bone - 1) % 4
        if joint:
            bend[bone] = len(joints[0])
            joints[0].append(angle)
            joints[1].append(angle + 1 if joint == 1 else 20)
            angle += 2 if joint == 1 else 1
    weights = data["weights"][:, :, None] * data["skin"][:, None]
    return {
        "parents": PARENTS,
        "bend": bend,
        "joints": np.array(joints),
        "eye": np.eye(3),
        "bases": data["bases"],
        "inverses": data["inverses"],
        "skin": weights.reshape(len(weights), -1),
        "corners": data["corners"].astype(int),
        "points": data["points"],
    }
