"""What a mix is made of, drawn at random but written down: the plan alone gives the same mix again."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Manner = Literal["crop", "phrase", "beat"]


@dataclass(frozen=True)
class SourcePlan:
    """One instrument of a mix.

    `clips` are ids of the table: one to crop or strike, several to sequence into a phrase.
    """

    leaf: str
    clips: tuple[str, ...]
    manner: Manner
    gain_db: float
    beat_s: float
    speed: float  # played so many times as fast
    seed: int


@dataclass(frozen=True)
class MixPlan:
    """One mix; without sources and noise it is silence."""

    mix_id: str
    seed: int
    sources: tuple[SourcePlan, ...] = ()
    noise_clips: tuple[str, ...] = ()
    coloured_noise: bool = False
    noise_gain_db: float = -30.0
    room: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a line of the manifest."""
        return asdict(self)


def plan_of_dict(values: dict[str, Any]) -> MixPlan:
    """The plan that `as_dict` wrote."""
    sources = tuple(SourcePlan(**{**s, "clips": tuple(s["clips"])}) for s in values["sources"])
    return MixPlan(**{**values, "sources": sources, "noise_clips": tuple(values["noise_clips"])})
