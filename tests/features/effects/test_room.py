import numpy as np
import pytest

from timbre.features.effects.room import Room

RATE_HZ = 32_000
N = 2 * RATE_HZ
DIRECT = 100


def response(room: Room) -> np.ndarray:
    click = np.zeros(N, np.float32)
    click[DIRECT] = 1.0
    return room(click)


def rt60_s(tail: np.ndarray) -> float:
    """Schroeder's (1965): the slope of the energy still to come, from -5 to -35 dB."""
    left = np.cumsum(tail[::-1].astype(np.float64) ** 2)[::-1]
    left_db = 10 * np.log10(np.maximum(left / left[0], 1e-12))
    chosen = (left_db < -5) & (left_db > -35)
    slope, _ = np.polyfit(np.flatnonzero(chosen) / RATE_HZ, left_db[chosen], 1)
    return float(-60 / slope)


@pytest.mark.parametrize("decay_s", [0.2, 0.5, 0.9])
def test_the_reverberation_falls_by_60_db_in_its_decay_time(decay_s):
    wet = response(Room(decay_s, -12.0, 0.005, 3, seed=1))
    assert rt60_s(wet[DIRECT + 1 :]) == pytest.approx(decay_s, rel=0.1)


def test_the_direct_sound_stays_and_the_energy_after_it_is_as_said():
    wet = response(Room(0.4, -9.0, 0.01, 1, seed=2))
    assert wet[DIRECT] == pytest.approx(1.0, abs=1e-4)
    assert np.abs(wet[:DIRECT]).max() < 1e-6
    gap = slice(DIRECT + 1, DIRECT + int(0.01 * RATE_HZ) - 1)
    assert np.abs(wet[gap]).max() < 1e-6
    assert 10 * np.log10(np.sum(wet[DIRECT + 1 :].astype(np.float64) ** 2)) == pytest.approx(-9.0, abs=0.1)


def test_a_dull_room_swallows_the_high_end():
    def high_share(dullness: int) -> float:
        power = np.abs(np.fft.rfft(response(Room(0.5, -10.0, 0.002, dullness, seed=3))[DIRECT + 1 :])) ** 2
        return float(power[len(power) // 2 :].sum() / power.sum())

    assert high_share(1) > 0.4 > 0.2 > high_share(4)
