import numpy as np
import pytest

from timbre.features import general_midi as gm
from timbre.features.note_events import NoteEvent, phrase_events
from timbre.features.pitch import FRAME, yin_hz
from timbre.features.synthesizer.renderer import DRAWN, Synthesizer

RATE_HZ = 32_000
LEAVES = {"organ", "electric_piano", "synth_bass", "synth_lead", "synth_pad"}
ONE = {preset.leaf: preset for preset in gm.PRESETS if preset.leaf in LEAVES}


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


@pytest.mark.parametrize("program", DRAWN)
def test_what_is_played_is_in_tune_audible_and_not_too_loud(program):
    for seed in range(3):
        waveform = Synthesizer().render(
            [NoteEvent(0.0, 2.0, 52, 100)], program, 0, 2 * RATE_HZ, np.random.default_rng(seed)
        )
        assert waveform.shape == (2 * RATE_HZ,)
        assert waveform.dtype == np.float32
        assert 0.02 < np.std(waveform) < np.abs(waveform).max() <= 1.0
        assert abs(float(waveform.mean())) < 1e-3
        frames = np.lib.stride_tricks.sliding_window_view(waveform[RATE_HZ // 2 :], FRAME)[::1_024]
        semitones = 12 * np.log2(np.nanmedian(yin_hz(frames)) / 440) + 69 - 52
        # An organ may have no pipe but those an octave up or down, or a fifth above these.
        away = min(abs((semitones - step + 6) % 12 - 6) for step in (0, 7.02))
        assert away < 0.25
