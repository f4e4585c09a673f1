"""Rendering with FluidSynth and a soundfont."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import c_int, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from timbre.audio.front_end import FRONT_END
from timbre.errors import TimbreError
from timbre.features import general_midi as gm
from timbre.features.note_events import NoteEvent
from timbre.features.rendering import fingerprint_of

_WARNING = 2  # a level of FluidSynth's
SYNTH_GAIN = 3.0  # full chords stay under full scale, single notes well above 16-bit noise


class FluidSynth:
    """FluidSynth with one soundfont, without reverb or chorus.

    Attributes
    ----------
    files
        The soundfont, which decides how it sounds.

    Raises
    ------
    TimbreError
        When FluidSynth's library is not there.
    """

    def __init__(self, path: Path):
        self.files = [path]
        self._kept = _synth()  # never played: it has the soundfont, which others are lent
        _keep_warnings_back()  # who gives it back is told of every channel that it has no preset now
        self._id = self._kept.sfload(str(path))

    def has(self, program: int, bank: int) -> bool:
        """Whether the soundfont has this very preset."""
        return self._kept.sfpreset_name(self._id, bank, program) is not None

    def fingerprint(self) -> str:
        """Of the soundfont."""
        return fingerprint_of(self.files)

    def render(
        self,
        events: Sequence[NoteEvent],
        program: int,
        bank: int,
        n_samples: int,
        rng: np.random.Generator | None = None,
    ) -> NDArray[np.float32]:
        """`(n_samples,)`, the mean of both channels; nothing is left to `rng`."""
        channel = gm.DRUM_CHANNEL if bank == gm.DRUM_BANK else 0
        stereo = np.zeros((n_samples, 2), dtype=np.float32)
        position = 0
        with self._fresh() as (synth, font):
            synth.program_select(channel, font, bank, program)
            for at, note, velocity in _messages(events, n_samples):
                stereo[position:at] = _pulled(synth, at - position)
                position = at
                if velocity:
                    synth.noteon(channel, note, velocity)
                else:
                    synth.noteoff(channel, note)
            stereo[position:] = _pulled(synth, n_samples - position)
        return np.asarray(stereo.mean(axis=1))

    @contextmanager
    def _fresh(self) -> Iterator[tuple[Any, int]]:
        """One that has not played: after a reset notes ring on, and used voices begin otherwise.

        The soundfont is lent to it. Opening it anew would give the same sound and cost several times as much
        as the phrase.
        """
        import fluidsynth

        synth = _synth()
        soundfont = fluidsynth.fluid_synth_get_sfont_by_id(self._kept.synth, self._id)
        try:
            yield synth, _function("fluid_synth_add_sfont")(synth.synth, soundfont)
        finally:
            _function("fluid_synth_remove_sfont")(synth.synth, soundfont)  # else it would go with this one
            synth.delete()


def _synth() -> Any:
    """FluidSynth without a soundfont."""
    try:
        import fluidsynth  # the C library is needed by this alone
    except ImportError:
        hint = "Install it (on Debian libfluidsynth3)."
        raise TimbreError("file_unreadable", "FluidSynth is not there.", hint) from None
    synth = fluidsynth.Synth(gain=SYNTH_GAIN, samplerate=float(FRONT_END.sample_rate_hz))
    synth.setting("synth.reverb.active", 0)
    synth.setting("synth.chorus.active", 0)
    return synth


@cache
def _function(name: str) -> Any:
    """One of the C library's that takes a synthesizer and a soundfont; pyfluidsynth leaves it out."""
    import fluidsynth

    return fluidsynth.cfunc(name, c_int, ("synth", c_void_p, 1), ("soundfont", c_void_p, 1))


def _keep_warnings_back() -> None:
    """Have the C library say nothing less than an error; pyfluidsynth leaves that out too."""
    import fluidsynth

    places = ("level", c_int, 1), ("function", c_void_p, 1), ("data", c_void_p, 1)
    fluidsynth.cfunc("fluid_set_log_function", c_void_p, *places)(_WARNING, None, None)


def _pulled(synth: Any, n_samples: int) -> NDArray[np.float32]:
    if n_samples == 0:
        return np.zeros((0, 2), dtype=np.float32)
    return np.asarray(synth.get_samples(n_samples), dtype=np.float32).reshape(-1, 2) / 32_768.0


def _messages(events: Sequence[NoteEvent], n_samples: int) -> list[tuple[int, int, int]]:
    """(sample, note, velocity), in time; velocity 0 ends a note."""
    rate_hz = FRONT_END.sample_rate_hz
    messages = []
    for event in events:
        messages.append((int(event.start_s * rate_hz), event.note, event.velocity))
        messages.append((int((event.start_s + event.duration_s) * rate_hz), event.note, 0))
    return sorted((m for m in messages if m[0] < n_samples), key=lambda m: (m[0], m[2]))
