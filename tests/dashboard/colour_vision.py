"""How colours look to people who are colour-blind, and how far apart two of them are."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

VISIONS: Mapping[str, tuple[tuple[float, float, float], ...]] = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""On linear RGB: Machado, Oliveira and Fernandes, 2009, severity 1."""
_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


def linear(colour: str) -> list[float]:
    """The linear RGB of #rrggbb."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def distance(one: str, other: str, vision: str) -> float:
    """The distance of two colours in Oklab, as somebody with this vision sees them."""
    return math.dist(_seen(one, vision), _seen(other, vision))


def _seen(colour: str, vision: str) -> list[float]:
    rgb = [min(1.0, max(0.0, part)) for part in _times(VISIONS[vision], linear(colour))]
    return _times(_LAB, [math.cbrt(part) for part in _times(_CONES, rgb)])


def _times(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> list[float]:
    return [sum(weight * part for weight, part in zip(row, vector, strict=True)) for row in matrix]
