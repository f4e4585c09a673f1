"""Under which licence weights may be given away, from the licences of what they learned from.

No court has said whether weights are derived from the recordings. This takes the cautious side: what the
strictest source asks for holds for the weights.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from timbre.data.licenses import short_license

_SEPARATOR = ";"  # between the licences of one source
_NOT_STATED = re.compile(r"^$|not stated|none stated|see source|unknown", re.IGNORECASE)
_NON_COMMERCIAL = re.compile(r"\bNC\b|non-?commercial|research", re.IGNORECASE)
_NO_DERIVATIVES = re.compile(r"\bND\b|no-?deriv", re.IGNORECASE)
_SHARE_ALIKE = re.compile(r"^CC BY-SA(?: (\d\.\d))?$")
_COPYLEFT = re.compile(r"\bA?GPL", re.IGNORECASE)
_FREE = re.compile(r"^(CC0.*|public domain|unrestricted.*)$", re.IGNORECASE)
_LATEST = "4.0"


@dataclass(frozen=True)
class WeightsLicense:
    """`id` is what the Hub calls it; `name` is given where that is `other`; `sentence` explains."""

    id: str
    sentence: str
    name: str = ""


def license_counts(licenses: Iterable[str]) -> dict[str, int]:
    """Clips under each licence by its short name, the commonest first."""
    return dict(Counter(short_license(str(named).strip()) for named in licenses).most_common())


def weights_license(trained_on: Sequence[Mapping[str, Any]]) -> WeightsLicense:
    """The licence of weights that learned from these sources (`trained_on` of a checkpoint)."""
    named = [(one, source["source"]) for source in trained_on for one in source_licenses(source)]
    if found := _those(named, _NOT_STATED):
        return _other(
            "not-stated",
            f"The licences of {found} are not stated. These weights are for the use of whoever "
            "trained them; who publishes them must know those licences first.",
        )
    if found := _those(named, _NO_DERIVATIVES):
        return _other(
            "no-derivatives",
            f"Recordings of {found} may not be passed on changed, so neither should these weights be.",
        )
    copyleft = _those(named, _COPYLEFT)
    if found := _those(named, _NON_COMMERCIAL):
        others = f", among them that of {copyleft}," if copyleft else ""
        return _other(
            "non-commercial",
            f"These weights are for non-commercial use only, as recordings of {found} are, "
            f"and every other licence in the table{others} holds for them too.",
        )
    if copyleft:
        return _other("copyleft", f"The terms of {copyleft} hold for these weights too; see the table.")
    return _creative_commons([license for license, _ in named])


def listed_once(trained_on: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Every source under its licences once, though earlier checkpoints may have learned from it too."""
    first: dict[tuple[str, frozenset[str]], Mapping[str, Any]] = {}
    for source in trained_on:  # the model's own come before what it inherits
        first.setdefault((str(source["source"]), frozenset(source_licenses(source))), source)
    return list(first.values())


def source_licenses(source: Mapping[str, Any]) -> dict[str, int | None]:
    """Clips under each licence of a source of `trained_on`; None where they were not counted."""
    counts = source.get("licenses")
    if isinstance(counts, Mapping):
        return dict(counts)
    return {short_license(one.strip()): None for one in str(source["license"]).split(_SEPARATOR)}


def _those(named: Sequence[tuple[str, str]], pattern: re.Pattern[str]) -> str:
    """The sources that have such a licence."""
    return ", ".join(sorted({source for license, source in named if pattern.search(license)}))


def _other(name: str, sentence: str) -> WeightsLicense:
    return WeightsLicense("other", sentence, name)


def _creative_commons(licenses: Sequence[str]) -> WeightsLicense:
    versions = [found[1] or _LATEST for one in licenses if (found := _SHARE_ALIKE.match(one))]
    if versions:  # works under an older version may be passed on under a later one
        return _cc("by-sa", max(versions), "the strictest licence of the recordings that they learned from")
    if all(_FREE.match(one) for one in licenses):
        return WeightsLicense("cc0-1.0", "These weights are under CC0, as their sources are.")
    return _cc("by", _LATEST, "since recordings that they learned from ask to be named")


def _cc(kind: str, version: str, reason: str) -> WeightsLicense:
    under = f"These weights are under CC {kind.upper()} {version}"
    return WeightsLicense(f"cc-{kind}-{version}", f"{under}, {reason}; the table is their attribution.")
