import inspect
from pathlib import Path

import numpy as np
import pytest

from timbre.features import general_midi as gm
from timbre.features.effects.echo import Echo
from timbre.features.note_events import NoteEvent
from timbre.features.pitch import FRAME, yin_hz
from timbre.features.playing.phrase import phrase_events
from timbre.features.rendering import fingerprint_of
from timbre.features.synthesizer import renderer
from timbre.features.synthesizer.combo_organ import ComboOrgan
from timbre.features.synthesizer.frequency_modulation import FrequencyModulation
from timbre.features.synthesizer.instrument import Instrument
from timbre.features.synthesizer.pipe_organ import PipeOrgan
from timbre.features.synthesizer.renderer import DRAWN, Synthesizer
from timbre.features.synthesizer.subtractive import Subtractive
from timbre.features.synthesizer.tonewheel_organ import TonewheelOrgan

RATE_HZ = 32_000
LEAVES = {"organ", "electric_piano", "synth_bass", "synth_lead", "synth_pad"}
ONE = {preset.leaf: preset for preset in gm.PRESETS if preset.leaf in LEAVES}

PLAYED = list({drawn: program for program, drawn in DRAWN.items()}.values())  # each instrument once
SEEDS = range(11, 19)


def drawn(program: int, seed: int) -> Instrument:
    return DRAWN[program](np.random.default_rng(seed))


def rendered(preset: gm.Preset, seed: int, n_samples: int = 3 * RATE_HZ) -> np.ndarray:
    rng = np.random.default_rng(seed)
    events = phrase_events(preset, 0, n_samples / RATE_HZ, np.random.default_rng(1))
    return Synthesizer().render(events, preset.program, preset.bank, n_samples, rng)


def test_it_has_what_has_knobs_and_nothing_else():
    synthesizer = Synthesizer()
    assert {preset.leaf for preset in gm.PRESETS if synthesizer.has(preset.program, preset.bank)} == LEAVES
    assert all(synthesizer.has(one.program, one.bank) for one in gm.PRESETS if one.leaf in LEAVES)
    assert not synthesizer.has(16, gm.DRUM_BANK)


@pytest.mark.parametrize("preset", ONE.values(), ids=ONE)
def test_a_seed_is_a_patch_and_another_one_another(preset):
    first, again, other = (rendered(preset, seed) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert np.abs(first - other).max() > 0.05


def sounds_below(instrument: Instrument) -> bool:
    """Whether something in it sounds an octave below the note, or together with the note a fifth above it."""
    match instrument:
        case TonewheelOrgan():
            return any(instrument.levels[:2])
        case ComboOrgan():
            return instrument.levels[0] > 0
        case PipeOrgan():
            return any(pitch < 1 for rank in instrument.ranks for pitch in rank.pitches)
        case Subtractive():
            return any(abs(one.ratio - round(one.ratio)) > 0.1 for one in instrument.oscillators)
        case FrequencyModulation():
            return any(pair.modulator == 0.5 for pair in instrument.pairs)
    raise AssertionError(instrument)


def semitones_away(waveform: np.ndarray, note: int) -> float:
    frames = np.lib.stride_tricks.sliding_window_view(waveform[RATE_HZ // 2 :], FRAME)[::1_024]
    return float(12 * np.log2(np.nanmedian(yin_hz(frames)) / 440) + 69 - note)


@pytest.mark.parametrize("program", PLAYED)
def test_what_is_played_is_in_tune_audible_and_not_too_loud(program):
    octaves = set()
    for seed in SEEDS:
        waveform = Synthesizer().render(
            [NoteEvent(0.0, 2.0, 52, 100)], program, 0, 2 * RATE_HZ, np.random.default_rng(seed)
        )
        assert waveform.shape == (2 * RATE_HZ,)
        assert waveform.dtype == np.float32
        assert 0.02 < np.std(waveform) < np.abs(waveform).max() <= 1.0
        assert abs(float(waveform.mean())) < 1e-3
        away, is_low = semitones_away(waveform, 52), sounds_below(drawn(program, seed))
        octave = -1 if is_low and away < -6 else 0
        assert away == pytest.approx(12 * octave, abs=0.25)
        octaves.add((octave, is_low))
    assert (0, False) in octaves


@pytest.mark.parametrize("program", PLAYED)
def test_its_fingerprint_is_of_all_code_that_a_patch_plays_through(program):
    for seed in SEEDS:
        instrument = drawn(program, seed)
        for one in (instrument, *instrument.effects):
            assert Path(inspect.getfile(type(one))) in renderer.SOURCES
    assert Synthesizer().fingerprint() == fingerprint_of(renderer.SOURCES)


def test_where_it_is_heard_it_is_played_but_for_a_short_echo():
    click = np.zeros(2 * RATE_HZ, np.float32)
    click[0] = 1.0
    effects = [effect for program in PLAYED for seed in range(30) for effect in drawn(program, seed).effects]
    echoing = [effect for effect in effects if effect.echoes]
    assert {type(effect) for effect in echoing} == {Echo}
    assert all(np.abs(effect(click)[int(0.6 * RATE_HZ) + 1 :]).max() < 0.1 for effect in echoing)
