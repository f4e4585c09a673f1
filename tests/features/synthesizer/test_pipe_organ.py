import numpy as np
import pytest
from note_spectra import level_db, levels, played

from timbre.features.pitch import note_pitch
from timbre.features.synthesizer.pipe_organ import PipeOrgan, Rank

RATE_HZ = 32_000
RANK = Rank(
    slope=1.5,
    even=1.0,
    attack_s=0.06,
    chiff=0.0,
    bell_hz=0.0,
    bright_hz=8_000.0,
    pitches=(1,),
    level=1.0,
    cents=0.0,
)


def organ(**changes) -> PipeOrgan:
    return PipeOrgan(release_s=0.12, ranks=(Rank(**{**vars(RANK), **changes}),))


def test_a_stopped_pipe_has_hardly_any_even_harmonics():
    is_open, stopped = (
        np.array([level_db(played(organ(even=even), 57), 220.0 * k) for k in (1, 2, 3)])
        for even in (1.0, 0.02)
    )
    assert stopped[1] < is_open[1] - 30
    assert stopped[2] - stopped[0] == pytest.approx(is_open[2] - is_open[0], abs=0.5)


def test_a_reed_is_loudest_where_its_resonator_is():
    amplitudes = Rank(**{**vars(RANK), "slope": 0.3, "bell_hz": 1_500.0}).amplitudes(150.0)
    assert amplitudes.argmax() + 1 in range(5, 11)
    assert np.sum(amplitudes**2) == pytest.approx(1.0)


def test_a_pipe_takes_its_time_to_speak_and_stays_as_loud_as_it_is():
    waveform = played(organ(), note=72)
    level = levels(waveform)
    assert level[2:4].mean() == pytest.approx(0.5 * level[100], rel=0.15)
    assert level[10:299] == pytest.approx(level[100], rel=0.1)
    assert level[320:].max() < 1e-3 * level.max()


def test_wind_is_heard_before_the_pipe_speaks():
    def noise_share(chiff: float, start_s: float) -> float:
        """Of all that lies between the harmonics, in a tenth of a second."""
        piece = played(organ(chiff=chiff), note=72)[int(start_s * RATE_HZ) :][: RATE_HZ // 10]
        bins = np.abs(np.fft.rfft(piece * np.hanning(len(piece)))) ** 2
        away_hz = np.abs((np.arange(len(bins)) * 10 + 261.6) % 523.25 - 261.6)
        return float(bins[away_hz > 60].sum() / bins.sum())

    assert noise_share(0.3, 0.05) > 30 * noise_share(0.0, 0.05)
    assert noise_share(0.3, 1.0) == pytest.approx(noise_share(0.0, 1.0), rel=0.1)


def test_ranks_of_four_feet_sound_an_octave_higher_and_the_smallest_pipes_lower_again():
    assert note_pitch(played(organ(pitches=(2,)), note=60)) == pytest.approx(72.0, abs=0.1)
    assert note_pitch(played(organ(pitches=(8,)), note=96)) == pytest.approx(108.0, abs=0.1)


def test_every_organ_has_an_8_foot_rank_and_stops_of_its_own():
    organs = [PipeOrgan.drawn(np.random.default_rng(seed)) for seed in range(30)]
    assert all(one.ranks[0].pitches == (1,) and one.ranks[0].cents == 0.0 for one in organs)
    assert {len(one.ranks) for one in organs} == set(range(2, 8))
    assert len({one.ranks for one in organs}) == 30
