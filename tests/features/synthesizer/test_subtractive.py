from dataclasses import replace

import numpy as np
import pytest
from note_spectra import between_db, level_db, piece_db, played, power

from timbre.features.note_events import NoteEvent
from timbre.features.pitch import yin_hz
from timbre.features.synthesizer.instrument import Envelope
from timbre.features.synthesizer.subtractive import MovingLowPass, Oscillator, Subtractive

RATE_HZ = 32_000
ORGAN_LIKE = Envelope(attack_s=0.005, decay_s=1.0, sustain=1.0, release_s=0.1)
OPEN = MovingLowPass(
    16_000.0, poles=2, resonance=0.7, tracking=0.0, envelope=ORGAN_LIKE, envelope_octaves=0.0
)
PLAIN = Subtractive(
    release_s=0.1, oscillators=(Oscillator("saw", 1.0, 1.0),), low_pass=OPEN, envelope=ORGAN_LIKE
)


def with_oscillator(**changes) -> Subtractive:
    return replace(PLAIN, oscillators=(replace(PLAIN.oscillators[0], **changes),))


def high_share(waveform: np.ndarray, above_hz: float) -> float:
    bins, frequencies_hz = power(waveform)
    return float(bins[frequencies_hz > above_hz].sum() / bins.sum())


def pitches(waveform: np.ndarray) -> np.ndarray:
    """MIDI notes, a frame of 2,048 samples every 1,024."""
    return 69 + 12 * np.log2(yin_hz(np.lib.stride_tricks.sliding_window_view(waveform, 2_048)[::1_024]) / 440)


@pytest.mark.parametrize("wave", ["saw", "square", "triangle", "pulse"])
@pytest.mark.parametrize("note", [28, 60, 96])
def test_nothing_folds_back(wave, note):
    assert between_db(played(with_oscillator(wave=wave, width=0.3), note), PLAIN.hz(note)) < -70


def test_a_pulse_lacks_the_harmonics_that_its_width_divides():
    waveform = played(with_oscillator(wave="pulse", width=0.25), note=57)
    assert level_db(waveform, 880.0) < level_db(waveform, 660.0) - 60


def test_a_pulse_that_swings_is_never_the_same_twice():
    still, swinging = (
        played(with_oscillator(wave="pulse", width=0.5, swing=swing, swing_hz=0.7), note=57)
        for swing in (0.0, 0.3)
    )
    evens_db = [level_db(one, 440.0) - level_db(one, 220.0) for one in (still, swinging)]
    assert evens_db[0] < -60 < -20 < evens_db[1]


def test_four_poles_let_less_through_than_two_and_resonance_lifts_the_cutoff():
    filters = [replace(OPEN, cutoff_hz=880.0, poles=poles) for poles in (2, 4)]
    heard = [played(replace(PLAIN, low_pass=one), note=45) for one in filters]
    assert high_share(heard[1], 2_000) < high_share(heard[0], 2_000) / 4
    sharp = played(replace(PLAIN, low_pass=replace(filters[0], resonance=8.0)), note=45)
    assert (
        level_db(sharp, 880.0) - level_db(sharp, 110.0)
        > level_db(heard[0], 880.0) - level_db(heard[0], 110.0) + 15
    )


def test_an_envelope_opens_the_filter_and_lets_it_close():
    plucked = replace(OPEN, cutoff_hz=200.0, envelope=Envelope(0.003, 0.2, 0.0, 0.1), envelope_octaves=5.0)
    waveform = played(replace(PLAIN, low_pass=plucked), note=45)
    struck, left = waveform[:6_400], waveform[64_000:70_400]
    assert piece_db(struck, 220.0) - piece_db(left, 220.0) < 20
    assert piece_db(struck, 1_100.0) - piece_db(left, 1_100.0) > 25


def test_the_filter_follows_the_keys():
    fixed, following = (replace(OPEN, cutoff_hz=800.0, tracking=share) for share in (0.0, 1.0))
    for note in (48, 84):
        hz = PLAIN.hz(note)
        first_db = [
            level_db(one, 6 * hz) - level_db(one, hz)
            for one in (played(replace(PLAIN, low_pass=low_pass), note) for low_pass in (fixed, following))
        ]
        assert first_db[1] > first_db[0] + 6 if note == 84 else first_db[1] < first_db[0] - 3


def test_voices_in_unison_are_out_of_tune_by_what_is_said():
    waveform = played(replace(PLAIN, unison=3, spread_cents=25.0), note=81)
    bins, frequencies_hz = power(waveform)
    found_hz = [
        frequencies_hz[near][bins[near].argmax()]
        for near in (np.abs(frequencies_hz - hz) < 4 for hz in 880.0 * 2 ** (np.array([-25, 0, 25]) / 1_200))
    ]
    assert 1_200 * np.log2(np.array(found_hz) / 880.0) == pytest.approx([-25, 0, 25], abs=2)


def test_vibrato_comes_slowly_and_swings_as_far_as_it_should():
    bent = pitches(played(replace(PLAIN, vibrato_cents=40.0, vibrato_hz=2.0, vibrato_s=1.0), note=69))[:90]
    assert np.ptp(bent[:8]) < 0.3
    assert np.ptp(bent[40:]) == pytest.approx(0.8, abs=0.1)
    assert np.mean(bent[40:]) == pytest.approx(69.0, abs=0.1)


def test_a_note_glides_from_the_one_before():
    events = [NoteEvent(0.0, 1.0, 57, 100), NoteEvent(1.0, 1.5, 69, 100)]
    glided = pitches(replace(PLAIN, glide_s=0.1).play(events, 2 * RATE_HZ, np.random.default_rng(0)))
    assert glided[5:25] == pytest.approx(57.0, abs=0.05)
    assert 58.0 < glided[34] < 68.0
    assert glided[-10:] == pytest.approx(69.0, abs=0.1)


def test_noise_goes_through_the_filter_too():
    hissing = replace(PLAIN, noise=0.5, low_pass=replace(OPEN, cutoff_hz=500.0))
    waveform = played(hissing, note=57)
    assert between_db(waveform, 220.0) > -30
    assert high_share(waveform, 5_000) < 1e-3
