"""Each instrument of a MIDI file by itself, rendered with a soundfont through fluidsynth, reverb included.

fluidsynth is linear as it is used here (no chorus, no overload), so the song is the sum of its stems.
"""

from collections.abc import Iterable
from pathlib import Path

import fluidsynth
import numpy as np

from timbre.data.example_song.loudness import SAMPLE_RATE_HZ, Stereo
from timbre.data.example_song.midi import Event

_GAIN = 0.3  # fluidsynth's; no stem comes near full scale with it
_DRUM_CHANNEL, _DRUM_BANK = 9, 128
_SETTINGS = {
    "synth.dynamic-sample-loading": 1,  # only the instruments that are asked for: 1 s instead of 12
    "synth.chorus.active": 0,
    "synth.reverb.active": 1,
    "synth.reverb.room-size": 0.55,
    "synth.reverb.damp": 0.35,
    "synth.reverb.width": 0.8,
    "synth.reverb.level": 0.55,
}


def render(events: Iterable[Event], soundfont: Path, duration_s: float) -> Stereo:
    """The sound of one track, whose last event comes before `duration_s`."""
    synth = fluidsynth.Synth(gain=_GAIN, samplerate=float(SAMPLE_RATE_HZ), channels=16, **_SETTINGS)
    try:
        font = synth.sfload(str(soundfont))
        if font < 0:
            raise OSError(f"not a soundfont: {soundfont}")
        pieces, n_done = [], 0
        for event in events:
            n_due = round(event.time_s * SAMPLE_RATE_HZ)
            if n_due > n_done:
                pieces.append(synth.get_samples(n_due - n_done))
                n_done = n_due
            _play(synth, font, event)
        pieces.append(synth.get_samples(round(duration_s * SAMPLE_RATE_HZ) - n_done))
    finally:
        synth.delete()
    return np.concatenate(pieces).reshape(-1, 2) / 32_768.0


def only(events: Iterable[Event], pitches: Iterable[int]) -> list[Event]:
    """The events of a track without the notes of other pitches: one piece of a drum kit."""
    wanted = set(pitches)
    return [e for e in events if not e.message.type.startswith("note") or e.message.note in wanted]


def _play(synth: fluidsynth.Synth, font: int, event: Event) -> None:
    message = event.message
    if message.type == "note_on":
        synth.noteon(message.channel, message.note, message.velocity)
    elif message.type == "note_off":
        synth.noteoff(message.channel, message.note)
    elif message.type == "control_change":
        synth.cc(message.channel, message.control, message.value)
    elif message.type == "program_change":
        bank = _DRUM_BANK if message.channel == _DRUM_CHANNEL else 0
        synth.program_select(message.channel, font, bank, message.program)
