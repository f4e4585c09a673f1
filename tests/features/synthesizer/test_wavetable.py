import numpy as np
import pytest
from scipy.signal import freqs, sawtooth

from timbre.features.synthesizer import wavetable
from timbre.features.synthesizer.wavetable import (
    cutoff_row,
    filtered_tables,
    harmonics_of,
    low_pass_gain,
    n_harmonics,
    read,
    read_filtered,
    table_of,
)

RATE_HZ = 32_000


@pytest.mark.parametrize("hz", [41.2, 261.6, 1_975.5])
def test_a_wave_is_the_sum_of_the_sines_that_fit(hz):
    n = n_harmonics(hz)
    assert n * hz < RATE_HZ / 2
    turns = hz / RATE_HZ * np.arange(2_000)
    sines = sum(np.sin(2 * np.pi * k * turns) / k for k in range(1, n + 1))
    assert np.abs(read(table_of(harmonics_of("saw", n)), turns) - sines).max() < 0.01 * np.abs(sines).max()


@pytest.mark.parametrize(
    ("wave", "reference"),
    [
        ("saw", lambda turns: np.pi / 2 * -sawtooth(2 * np.pi * turns)),
        ("square", lambda turns: np.pi / 4 * np.sign(np.sin(2 * np.pi * turns))),
        ("triangle", lambda turns: np.pi**2 / 8 * sawtooth(2 * np.pi * turns + np.pi / 2, 0.5)),
        ("sine", lambda turns: np.sin(2 * np.pi * turns)),
    ],
)
def test_many_harmonics_are_the_waves_of_the_textbook(wave, reference):
    turns = (np.arange(400) + 0.5) / 400
    away = read(table_of(harmonics_of(wave, 1_000)), turns) - reference(turns)
    assert np.sqrt(np.mean(away**2)) < 0.05


@pytest.mark.parametrize("resonance", [0.7, 4.0])
def test_two_poles_are_those_of_an_analogue_low_pass(resonance):
    relative = np.geomspace(0.05, 20.0, 50)
    _, response = freqs([1.0], [1.0, 1.0 / resonance, 1.0], worN=relative)
    assert low_pass_gain(relative, 2, resonance) == pytest.approx(np.abs(response))
    falls_db = 20 * np.log10(low_pass_gain(np.array([50.0, 100.0]), 4, resonance))
    assert falls_db[0] - falls_db[1] == pytest.approx(24.0, abs=0.1)


def test_a_filter_on_a_row_is_the_filter_at_its_cutoff():
    hz, cutoff_hz = 110.0, 880.0
    turns = hz / RATE_HZ * np.arange(RATE_HZ)
    rows = np.full(len(turns), cutoff_row(np.array([cutoff_hz]))[0])
    heard = np.abs(np.fft.rfft(read_filtered(filtered_tables("saw", hz, 4, 2.0), turns, rows)))
    number = np.arange(1, 60)
    wanted = low_pass_gain(number * hz / cutoff_hz, 4, 2.0) / number * RATE_HZ / 2
    # Between two rows straight lines are drawn.
    assert 20 * np.log10(heard[(number * hz).astype(int)] / wanted) == pytest.approx(0.0, abs=1.0)


def test_a_cutoff_that_no_row_has_is_the_nearest_one():
    rows = cutoff_row(np.array([1.0, 1e6]))
    assert rows[0] == 0
    assert wavetable.N_CUTOFFS - 2 < rows[1] < wavetable.N_CUTOFFS - 1
