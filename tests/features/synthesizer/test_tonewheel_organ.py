from dataclasses import replace

import numpy as np
import pytest
from note_spectra import between_db, level_db, piece_db, played, power

from timbre.features.synthesizer.tonewheel_organ import DRAWBARS, TOP_WHEEL_HZ, TonewheelOrgan

LEVELS = (1.0, 0.5, 0.8, 0.0, 0.25, 0.1, 0.0, 0.4, 0.2)
ORGAN = TonewheelOrgan(
    release_s=0.02, levels=LEVELS, click=0.0, percussion=0.0, percussion_s=0.2, percussion_harmonic=3
)


def test_the_partials_are_those_of_the_drawbars():
    waveform = played(ORGAN, note=57)
    heard_db = np.array([level_db(waveform, 110.0 * harmonic) for harmonic in DRAWBARS])
    pulled = np.array(LEVELS) > 0
    wanted_db = 20 * np.log10(np.array(LEVELS)[pulled] / LEVELS[0])
    assert heard_db[pulled] - heard_db[0] == pytest.approx(wanted_db, abs=0.1)
    assert np.all(heard_db[~pulled] < heard_db[0] - 70)


def test_above_the_top_wheel_an_octave_lower_sounds():
    waveform = played(replace(ORGAN, levels=(1.0,) * 9), note=91)
    bins, frequencies_hz = power(waveform)
    assert bins[frequencies_hz > TOP_WHEEL_HZ + 50].max() < 1e-8 * bins.max()
    assert between_db(waveform, ORGAN.hz(91) / 2) < -70


def test_percussion_is_heard_as_the_note_begins_and_no_longer():
    waveform = played(replace(ORGAN, percussion=1.0))
    third_db = [piece_db(waveform[start:][:6_400], 660.0) for start in (0, 64_000)]
    assert third_db[0] > third_db[1] + 6


def test_a_contact_clicks():
    def high_share(click: float) -> float:
        spectrum = np.abs(np.fft.rfft(played(replace(ORGAN, click=click))[:640])) ** 2
        return float(spectrum[160:].sum() / spectrum.sum())  # above 8 kHz

    assert high_share(0.3) > 2 * high_share(0.0)


def test_registrations_differ_and_are_as_loud():
    organs = [TonewheelOrgan.drawn(np.random.default_rng(seed)) for seed in range(40)]
    assert len({organ.levels for organ in organs}) == 40
    assert np.sum([np.square(organ.levels) for organ in organs], axis=1) == pytest.approx(1.0)
    assert {bool(organ.percussion) for organ in organs} == {True, False}
    rng = np.random.default_rng(0)
    assert all(TonewheelOrgan.drawn(rng, is_percussive=True).percussion for _ in range(20))
