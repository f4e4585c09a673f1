"""Who plays together: the ensembles that mixes are drawn from, read from a TOML file."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from timbre.errors import TimbreError
from timbre.taxonomy import BY_ID

ENSEMBLES_FILE = Path(__file__).with_name("ensembles.toml")
WILDCARD = "wildcard"  # of this one the soloists are drawn too
MIN_LEAVES = 2  # with clips; one alone is no ensemble
_SHARE, _OTHERS, _SOURCES = "share", "others", "sources"


@dataclass(frozen=True)
class Variant:
    """One line-up of an ensemble: how likely each leaf takes part, against the others."""

    name: str
    weights: Mapping[str, float]
    others: float = 0.0  # of every leaf that `weights` does not name
    sources: tuple[int, int] | None = None  # so many play, from and to; None: as in any mix

    def weights_of(self, leaves: Sequence[str]) -> NDArray[np.float64]:
        """`(n_leaves,)`, not scaled."""
        return np.array([self.weights.get(leaf, self.others) for leaf in leaves], dtype=np.float64)


@dataclass(frozen=True)
class Ensemble:
    """A kind of music; its variants are alike often."""

    name: str
    share: float
    variants: tuple[Variant, ...]


def read_ensembles(path: Path = ENSEMBLES_FILE) -> tuple[Ensemble, ...]:
    """The ensembles of a TOML file; its form stands at the head of the one that comes with Timbre.

    Raises
    ------
    TimbreError
        When it is no TOML, names an instrument that is not in the taxonomy, a weight is no
        positive number, or a number of sources is none.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TimbreError("bad_ensembles", f"{path.name} cannot be read: {error}.") from error
    return tuple(_ensemble(name, values, path) for name, values in content.items())


def _ensemble(name: str, values: Any, path: Path) -> Ensemble:
    tables = {key: value for key, value in values.items() if key != _SHARE} if _is_table(values) else {}
    if not tables or not all(map(_is_table, tables.values())):
        raise TimbreError("bad_ensembles", f"{path.name}: {name} has no [{name}.variant] with instruments.")
    share = _positive(values.get(_SHARE, 1.0), f"{name}.{_SHARE}", path)
    return Ensemble(name, share, tuple(_variant(name, key, value, path) for key, value in tables.items()))


def _variant(ensemble: str, name: str, values: dict[str, Any], path: Path) -> Variant:
    sources = _range(values[_SOURCES], f"{ensemble}.{name}", path) if _SOURCES in values else None
    values = {leaf: value for leaf, value in values.items() if leaf != _SOURCES}
    unknown = sorted(values.keys() - BY_ID.keys() - {_OTHERS})
    if unknown:
        raise TimbreError(
            "bad_ensembles",
            f"{path.name}: {ensemble}.{name} names unknown instruments: {', '.join(unknown)}.",
        )
    weights = {leaf: _positive(value, f"{ensemble}.{name}.{leaf}", path) for leaf, value in values.items()}
    others = weights.pop(_OTHERS, 0.0)
    return Variant(name, weights, others, sources)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _range(value: Any, where: str, path: Path) -> tuple[int, int]:
    match value:
        case [int(least), int(most)] if 1 <= least <= most:
            return least, most
    raise TimbreError(
        "bad_ensembles",
        f"{path.name}: {where}.{_SOURCES} is {value!r}, not two whole numbers from 1 on, the least first.",
    )


def _positive(value: Any, where: str, path: Path) -> float:
    if not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise TimbreError("bad_ensembles", f"{path.name}: {where} is {value!r}, no positive number.")
    return float(value)


def possible(ensembles: Sequence[Ensemble], leaves: Sequence[str]) -> tuple[tuple[Ensemble, ...], list[str]]:
    """What can be formed of these leaves, and a sentence for every ensemble that lost something."""
    formed, skipped = [], []
    for ensemble in ensembles:
        variants = tuple(v for v in ensemble.variants if (v.weights_of(leaves) > 0).sum() >= MIN_LEAVES)
        lost = [variant.name for variant in ensemble.variants if variant not in variants]
        if variants:
            formed.append(replace(ensemble, variants=variants))
        if lost:
            which = f"{', '.join(lost)} of {ensemble.name}" if variants else ensemble.name
            skipped.append(f"Skipped: {which}; fewer than {MIN_LEAVES} of its instruments have clips.")
    return tuple(formed), skipped
