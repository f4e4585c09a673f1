"""From a plan to sound, and to the truth about it: which labels can be heard in the middle of it."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from timbre.audio.front_end import FRONT_END
from timbre.audio.log_mel import LogMel, Waveform, log_mel
from timbre.features import audibility
from timbre.features.material import Material, active_rms
from timbre.features.mix_plan import MixPlan, SourcePlan
from timbre.features.mixer import is_drum_piece, is_percussion
from timbre.features.phrases import add_at, beat_pattern, note_phrase, resampled
from timbre.features.room import at_level, coloured_noise, reverberated

CONTEXT_S = 3.0
SEGMENT_MARGIN_S = 0.25  # the label of a segment looks this far over its edges
SOURCE_RMS = 0.1
_RATE_HZ = FRONT_END.sample_rate_hz
N_SAMPLES = int(CONTEXT_S * _RATE_HZ)
N_FRAMES = int(CONTEXT_S * FRONT_END.frames_per_s)
_ONE_NOTE_STEPS = (-5, -3, -2, 0, 2, 4, 5)  # semitones: a tune from a single note


class MixRenderer:
    """Renders plans; `labels` give the order of the targets."""

    def __init__(self, material: Material, labels: tuple[str, ...]):
        self._material = material
        index = material.index
        self._row = {clip_id: row for row, clip_id in enumerate(index["clip_id"])}
        self._present = multi_hot(index["present"], labels)
        self._absent = multi_hot(index["absent"], labels)
        self._kit = labels.index("drum_kit") if "drum_kit" in labels else None

    def window(self, plan: MixPlan) -> tuple[LogMel, NDArray[np.uint8], NDArray[np.uint8]]:
        """Log-mel `(n_mels, N_FRAMES)`, multi-hot targets and known, each `(n_labels,)`."""
        rng = np.random.default_rng(plan.seed + 1)
        sources = [self._source(source) for source in plan.sources]
        noise = self._noise(plan, rng)
        targets, known = self._truth(plan, sources, noise)
        mix: Waveform = np.stack([*sources, noise]).sum(axis=0)
        if plan.room:
            mix = reverberated(mix, rng)
        return log_mel(at_level(mix, rng))[:, :N_FRAMES], targets, known

    def _source(self, plan: SourcePlan) -> Waveform:
        """`(N_SAMPLES,)` at the plan's loudness."""
        rng = np.random.default_rng(plan.seed)
        rows = [self._row[clip_id] for clip_id in plan.clips]
        if plan.manner == "crop":
            waveform = self._crop(rows[0], plan.speed, rng)
        elif plan.manner == "beat":
            stroke = self._clip(rows[0], plan.speed)
            waveform = beat_pattern(plan.leaf, stroke, N_SAMPLES, plan.beat_s, rng)
        else:
            waveform = self._phrase(plan, rows, rng)
        rms = active_rms(waveform)
        return waveform * (SOURCE_RMS * 10 ** (plan.gain_db / 20) / rms) if rms > 0 else waveform

    def _clip(self, row: int, speed: float) -> Waveform:
        longest = int(N_SAMPLES * max(1.0, speed)) + 2
        waveform = self._material.waveform(row, 0, longest)
        return resampled(waveform, speed) if speed != 1.0 else waveform

    def _crop(self, row: int, speed: float, rng: np.random.Generator) -> Waveform:
        length, wanted = int(self._material.length[row]), int(N_SAMPLES * speed) + 2
        start = int(rng.integers(max(1, length - wanted + 1)))
        waveform = self._material.waveform(row, start, wanted)
        waveform = resampled(waveform, speed) if speed != 1.0 else waveform
        out = np.zeros(N_SAMPLES, dtype=np.float32)
        spare = N_SAMPLES - len(waveform)
        add_at(out, waveform, int(rng.integers(spare + 1)) if spare > 0 else 0)
        return out

    def _phrase(self, plan: SourcePlan, rows: list[int], rng: np.random.Generator) -> Waveform:
        strokes = is_percussion(plan.leaf)
        steps = _ONE_NOTE_STEPS if len(rows) == 1 and not strokes else (0,)

        def note(number: int) -> Waveform:
            step = steps[number % len(steps)]
            return self._clip(rows[number // len(steps)], plan.speed * 2.0 ** (step / 12.0))

        n_notes = len(rows) * len(steps)
        return note_phrase(note, n_notes, N_SAMPLES, plan.beat_s, rng, strokes=strokes)

    def _noise(self, plan: MixPlan, rng: np.random.Generator) -> Waveform:
        out = np.zeros(N_SAMPLES, dtype=np.float32)
        for clip_id in plan.noise_clips:
            add_at(out, self._crop(self._row[clip_id], 1.0, rng), 0)
        rms = active_rms(out)
        if rms > 0:
            out *= SOURCE_RMS / rms
        if plan.coloured_noise:
            out += SOURCE_RMS * coloured_noise(N_SAMPLES, rng)
        return out * np.float32(10 ** (plan.noise_gain_db / 20))

    def _truth(
        self, plan: MixPlan, sources: list[Waveform], noise: Waveform
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Present if heard in the segment, unknown if only around it or hardly, else absent."""
        n_labels = self._present.shape[1]
        present, unknown = np.zeros(n_labels, bool), np.zeros(n_labels, bool)
        pieces_heard = 0
        for source, (heard, perhaps) in zip(plan.sources, _heard(sources, noise), strict=True):
            row = self._row[source.clips[0]]
            if heard:
                present |= self._present[row]
                pieces_heard += is_drum_piece(source.leaf)
            if heard or perhaps:
                unknown |= ~self._absent[row]
        if self._kit is not None and pieces_heard >= 2:
            is_kit = any(source.manner == "beat" for source in plan.sources)
            present[self._kit] |= is_kit
            unknown[self._kit] = True
        for clip_id in plan.noise_clips:  # a sound outside the ontology leaves open what it resembles
            unknown |= ~self._absent[self._row[clip_id]]
        return present.astype(np.uint8), (present | ~unknown).astype(np.uint8)


def _heard(sources: list[Waveform], noise: Waveform) -> list[tuple[bool, bool]]:
    """For each source whether the segment holds it, and whether anything of the window might."""
    if not sources:
        return []
    whole = [audibility.cell_powers(source) for source in sources]
    others = audibility.cell_powers(noise)
    margin = CONTEXT_S / 2 - 0.5 - SEGMENT_MARGIN_S
    n_frames = others.shape[1]
    inner = slice(int(n_frames * margin / CONTEXT_S), int(n_frames * (1 - margin / CONTEXT_S)) + 1)
    segment_shares = audibility.audible_shares([cells[:, inner] for cells in whole], others[:, inner])
    window_shares = audibility.audible_shares(whole, others)
    heard = segment_shares >= audibility.AUDIBLE_SHARE
    perhaps = np.maximum(segment_shares, window_shares) >= audibility.INAUDIBLE_SHARE
    return list(zip(heard.tolist(), perhaps.tolist(), strict=True))


def multi_hot(leaves: pd.Series, labels: tuple[str, ...]) -> NDArray[np.bool_]:
    """`(n_rows, n_labels)`: which labels each row's list names."""
    column = {label: number for number, label in enumerate(labels)}
    out = np.zeros((len(leaves), len(labels)), dtype=bool)
    for row, names in enumerate(leaves):
        out[row, [column[name] for name in names if name in column]] = True
    return out
