"""What a mix is made of, drawn at random but written down: the plan alone gives the same mix again."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from timbre.features.effects.chain import effect_as_dict, effect_of_dict
from timbre.features.effects.effect import Effect

Manner = Literal["crop", "phrase", "beat"]


@dataclass(frozen=True)
class SourcePlan:
    """One instrument of a mix.

    `clips` are ids of the table: one to crop or strike, several to sequence into a phrase, from the
    lowest note up where they have a pitch. `order` is that in which the slices of a crop follow each
    other; empty: uncut. `semitones` bring each note of a phrase into one scale; empty: left as they are.
    `effects` are its own: the place and the microphone of this one recording. `seed` decides where a crop
    begins and what a phrase plays.
    """

    leaf: str
    clips: tuple[str, ...]
    manner: Manner
    gain_db: float
    beat_s: float
    speed: float  # played so many times as fast
    seed: int
    order: tuple[int, ...] = ()
    semitones: tuple[float, ...] = ()
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True)
class NoisePlan:
    """Sounds that are no instrument: recorded ones, coloured noise, or both.

    `slope_db` is the fall an octave of the coloured noise; None: there is none. `snr_db` is the level
    of all sources above it, of no meaning where there are none.
    """

    clips: tuple[str, ...]
    slope_db: float | None
    snr_db: float
    seed: int


@dataclass(frozen=True)
class MixPlan:
    """One mix; without sources and noise it is silence. `effects` follow one another."""

    mix_id: str
    sources: tuple[SourcePlan, ...] = ()
    noise: NoisePlan | None = None
    effects: tuple[Effect, ...] = ()
    level_db: float = -20.0  # rms against full scale

    @property
    def clips(self) -> list[str]:
        """Ids of all clips that sound in it."""
        noise = self.noise.clips if self.noise else ()
        return [*(clip for source in self.sources for clip in source.clips), *noise]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a line of the manifest."""
        sources = [{**asdict(source), "effects": _as_dicts(source.effects)} for source in self.sources]
        return {**asdict(self), "sources": sources, "effects": _as_dicts(self.effects)}


def plan_of_dict(values: Mapping[str, Any]) -> MixPlan:
    """The plan that `as_dict` wrote."""
    sources = tuple(_source_of_dict(source) for source in values["sources"])
    noise = values["noise"]
    if noise is not None:
        noise = NoisePlan(**{**noise, "clips": tuple(noise["clips"])})
    return MixPlan(values["mix_id"], sources, noise, _of_dicts(values["effects"]), values["level_db"])


def _source_of_dict(values: Mapping[str, Any]) -> SourcePlan:
    lists = {name: tuple(values[name]) for name in ("clips", "order", "semitones")}
    return SourcePlan(**{**values, **lists, "effects": _of_dicts(values.get("effects", ()))})


def _as_dicts(effects: Iterable[Effect]) -> list[dict[str, Any]]:
    return [effect_as_dict(effect) for effect in effects]


def _of_dicts(effects: Iterable[Mapping[str, Any]]) -> tuple[Effect, ...]:
    return tuple(effect_of_dict(effect) for effect in effects)
