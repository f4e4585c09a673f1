"""From a plan to sound: sources at their loudness, noise under them, effects over all."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from timbre.audio.front_end import FRONT_END
from timbre.audio.log_mel import LogMel, Waveform, log_mel
from timbre.features.effects.effect import Effect
from timbre.features.effects.level import at_level
from timbre.features.effects.noise import at_snr, coloured_noise, rms
from timbre.features.effects.slices import reassembled
from timbre.features.effects.speed import resampled
from timbre.features.material import Material, active_rms
from timbre.features.mix_plan import MixPlan, NoisePlan, SourcePlan
from timbre.features.mix_truth import Truth
from timbre.features.phrases import add_at, beat_pattern, filled, is_struck, note_phrase

CONTEXT_S = 3.0
SOURCE_RMS = 0.1
_RATE_HZ = FRONT_END.sample_rate_hz
N_SAMPLES = int(CONTEXT_S * _RATE_HZ)
N_FRAMES = int(CONTEXT_S * FRONT_END.frames_per_s)
_ONE_NOTE_STEPS = (-5, -3, -2, 0, 2, 4, 5)  # semitones: a tune from a single note


class MixRenderer:
    """Renders plans; `labels` give the order of the targets."""

    def __init__(self, material: Material, labels: tuple[str, ...]):
        self._material = material
        self._row = {clip_id: row for row, clip_id in enumerate(material.index["clip_id"])}
        self._truth = Truth(material.index, labels)

    def window(self, plan: MixPlan) -> tuple[LogMel, NDArray[np.uint8], NDArray[np.uint8]]:
        """Log-mel `(n_mels, N_FRAMES)`, multi-hot targets and known, each `(n_labels,)`."""
        waveform, targets, known = self.waveform(plan)
        return log_mel(waveform)[:, :N_FRAMES], targets, known

    def waveform(self, plan: MixPlan) -> tuple[Waveform, NDArray[np.uint8], NDArray[np.uint8]]:
        """The sound itself, `(N_SAMPLES,)`, with its targets and known."""
        sources = [self._source(one) for one in plan.sources]
        mix = np.zeros(N_SAMPLES, dtype=np.float32)
        for one, source in zip(plan.sources, sources, strict=True):
            mix += _in_place(source, one.effects)
        noise = self._noise(plan.noise, mix) if plan.noise else None
        targets, known = self._truth.of(plan, sources, noise, self._row)
        if noise is not None:
            mix += noise
        for effect in plan.effects:
            mix = effect(mix)
        return at_level(mix, plan.level_db), targets, known

    def _source(self, plan: SourcePlan) -> Waveform:
        """`(N_SAMPLES,)` at the plan's loudness, without its room, whose echoes are no playing."""
        rng = np.random.default_rng(plan.seed)
        rows = [self._row[clip_id] for clip_id in plan.clips]
        if plan.manner == "crop":
            waveform = self._crop(rows[0], plan, rng)
        elif plan.manner == "beat":
            stroke = self._clip(rows[0], plan.speed)
            waveform = beat_pattern(plan.leaf, stroke, N_SAMPLES, plan.beat_s, rng)
        else:
            waveform = self._phrase(plan, rows, rng)
        for effect in plan.effects:
            waveform = waveform if effect.echoes else effect(waveform)
        level, wanted = active_rms(waveform), SOURCE_RMS * 10 ** (plan.gain_db / 20)
        return waveform * np.float32(wanted / level) if level > 0 else waveform

    def _clip(self, row: int, speed: float) -> Waveform:
        """The clip from its beginning, as much as a window holds."""
        waveform = self._material.waveform(row, 0, _samples_needed(speed))
        return resampled(waveform, speed) if speed != 1.0 else waveform

    def _crop(self, row: int, plan: SourcePlan, rng: np.random.Generator) -> Waveform:
        length, wanted = int(self._material.length[row]), _samples_needed(plan.speed)
        start = int(rng.integers(max(1, length - wanted + 1)))
        waveform = self._material.waveform(row, start, wanted)
        if plan.speed != 1.0:
            waveform = resampled(waveform, plan.speed)
        waveform = waveform[:N_SAMPLES] if len(waveform) >= N_SAMPLES else filled(waveform, N_SAMPLES, rng)
        return reassembled(waveform, plan.order) if plan.order else waveform

    def _phrase(self, plan: SourcePlan, rows: list[int], rng: np.random.Generator) -> Waveform:
        notes = self._notes(plan, rows)

        @cache
        def note(number: int) -> Waveform:
            row, semitones = notes[number]
            return self._clip(row, plan.speed * 2.0 ** (semitones / 12.0))

        return note_phrase(note, len(notes), N_SAMPLES, plan.beat_s, plan.leaf, rng)

    def _notes(self, plan: SourcePlan, rows: list[int]) -> list[tuple[int, float]]:
        """Clip and transposition of each note, from low to high; a single note is made into several."""
        semitones = plan.semitones or (0.0,) * len(rows)
        if len(rows) == 1 and not is_struck(plan.leaf):
            return [(rows[0], semitones[0] + step) for step in _ONE_NOTE_STEPS]
        return list(zip(rows, semitones, strict=True))

    def _noise(self, plan: NoisePlan, sources: Waveform) -> Waveform:
        """`(N_SAMPLES,)`, so far below the sources as the plan says, or as loud as a source."""
        rng = np.random.default_rng(plan.seed)
        noise = np.zeros(N_SAMPLES, dtype=np.float32)
        for clip_id in plan.clips:
            self._add_take(noise, self._row[clip_id], rng)
        if plan.slope_db is not None:
            noise += max(rms(noise), SOURCE_RMS) * coloured_noise(N_SAMPLES, plan.slope_db, plan.seed)
        return at_snr(noise, sources, plan.snr_db) if sources.any() else noise

    def _add_take(self, noise: Waveform, row: int, rng: np.random.Generator) -> None:
        """Add some of a longer clip, or a shorter one somewhere: an event need not come again."""
        length = int(self._material.length[row])
        take = self._material.waveform(row, int(rng.integers(max(1, length - N_SAMPLES + 1))), N_SAMPLES)
        add_at(noise, take, int(rng.integers(N_SAMPLES - len(take) + 1)))


def _in_place(source: Waveform, effects: Sequence[Effect]) -> Waveform:
    """The source with those of its effects that echo; it has the others already."""
    for effect in effects:
        source = effect(source) if effect.echoes else source
    return source


def _samples_needed(speed: float) -> int:
    """Samples of a clip that fill a window at this speed."""
    return int(N_SAMPLES * speed) + 2
