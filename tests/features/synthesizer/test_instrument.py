from dataclasses import dataclass

import numpy as np
import pytest

from timbre.features.note_events import NoteEvent
from timbre.features.synthesizer.instrument import PEAK, Envelope, Held, Instrument, fading, turns_of

RATE_HZ = 32_000


@dataclass(frozen=True, kw_only=True)
class Square(Instrument):
    """As plain as can be, and with a mean that is not 0."""

    def note(self, held: Held, rng: np.random.Generator) -> np.ndarray:
        wave = (turns_of(held.hz, held) % 1.0 < 0.3).astype(np.float32)
        return wave * Envelope(0.01, 1.0, 1.0, self.release_s)(held)


def test_an_envelope_rises_falls_and_ends():
    held = Held(440.0, 440.0, 1.0, n_held=RATE_HZ, n=2 * RATE_HZ)
    level = Envelope(attack_s=0.1, decay_s=0.2, sustain=0.5, release_s=0.4)(held)
    assert level[0] == 0.0
    assert level[int(0.05 * RATE_HZ)] == pytest.approx(0.5, abs=0.01)
    assert level.argmax() == pytest.approx(0.1 * RATE_HZ, abs=2)
    assert level[int(0.3 * RATE_HZ)] == pytest.approx(0.5 + 0.5 / np.e, abs=0.01)
    assert level[RATE_HZ] == pytest.approx(0.5, abs=0.01)
    assert np.all(level[int(1.4 * RATE_HZ) + 1 :] == 0.0)
    assert np.abs(np.diff(level)).max() < 0.001  # nowhere a click


def test_what_fades_is_down_to_a_third_in_its_time():
    assert fading(Held(1.0, 1.0, 1.0, 100, RATE_HZ), 0.25)[RATE_HZ // 4] == pytest.approx(1 / np.e, rel=1e-4)


def test_notes_sound_when_they_should_and_not_longer():
    waveform = Square(release_s=0.1).play(
        [NoteEvent(0.5, 0.5, 60, 90), NoteEvent(1.5, 9.0, 64, 90), NoteEvent(7.0, 1.0, 64, 90)],
        2 * RATE_HZ,
        np.random.default_rng(0),
    )
    level = np.sqrt(np.mean(waveform.reshape(-1, RATE_HZ // 20) ** 2, axis=1))
    sounds = level > 0.05
    assert waveform.dtype == np.float32
    assert [*np.flatnonzero(np.diff(sounds.astype(int))) + 1] == pytest.approx([10, 22, 30], abs=1)
    assert np.abs(waveform).max() == pytest.approx(PEAK)
    assert abs(float(waveform.mean())) < 1e-4


def test_a_note_knows_the_one_before_it():
    seen = []

    class Listening(Square):
        def note(self, held: Held, rng: np.random.Generator) -> np.ndarray:
            seen.append((held.before_hz, held.hz))
            return super().note(held, rng)

    events = [NoteEvent(0.0, 0.1, 69, 90), NoteEvent(0.1, 0.1, 81, 90)]
    Listening(release_s=0.1, cents=100.0).play(events, RATE_HZ, np.random.default_rng(0))
    assert np.array(seen) == pytest.approx(np.array([[466.16, 466.16], [466.16, 932.33]]), abs=0.01)
