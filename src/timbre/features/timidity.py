"""Rendering with TiMidity++ and a set of GUS patches, for the sounds that no soundfont has."""

import subprocess
import tempfile
from pathlib import Path

import mido
import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from timbre.audio.front_end import FRONT_END
from timbre.errors import TimbreError
from timbre.features import general_midi as gm
from timbre.features.note_events import NoteEvent

_TICKS_PER_BEAT = 500  # at MIDI's 120 beats a minute a tick is 1 ms
_TICK_S = 0.001
_DRY = ("-EFreverb=d", "-EFchorus=d", "-EFdelay=d")


class PatchSet:
    """The patches that a configuration file of TiMidity names.

    Raises
    ------
    TimbreError
        When the file or the program is not there.
    """

    def __init__(self, path: Path):
        if not path.exists():
            raise TimbreError("file_unreadable", f"The patch set {path.name} is not there.", "Install it.")
        self._path = path
        self._patches = _patches(path.read_text(encoding="utf-8", errors="replace"))

    def has(self, program: int, bank: int) -> bool:
        """Whether it has this sound; `bank` 128 is the drums, of which there is one kit, number 0."""
        if bank == gm.DRUM_BANK:
            return program == 0 and bool(self._patches[gm.DRUM_BANK])
        return program in self._patches.get(bank, ())

    def render(self, events: list[NoteEvent], program: int, bank: int, n_samples: int) -> NDArray[np.float32]:
        """`(n_samples,)`, dry and mono, at the front end's rate."""
        channel = gm.DRUM_CHANNEL if bank == gm.DRUM_BANK else 0
        with tempfile.TemporaryDirectory() as folder:
            song, sound = Path(folder) / "notes.mid", Path(folder) / "notes.wav"
            _midi_file(events, program, channel).save(song)
            self._run(song, sound)
            waveform, rate_hz = sf.read(sound, dtype="float32")
        # TiMidity begins with the first note.
        silence = np.zeros(round(min(event.start_s for event in events) * rate_hz), np.float32)
        waveform = np.concatenate([silence, waveform])[:n_samples]
        return np.pad(waveform, (0, n_samples - len(waveform)))

    def _run(self, song: Path, sound: Path) -> None:
        rate_hz = str(FRONT_END.sample_rate_hz)
        command = [
            "timidity",
            "-c",
            str(self._path),
            *_DRY,
            "-s",
            rate_hz,
            "-OwM1sl",
            "-o",
            str(sound),
            str(song),
        ]
        try:
            subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        except FileNotFoundError:
            raise TimbreError("file_unreadable", "TiMidity is not there.", "Install timidity.") from None


def _patches(config: str) -> dict[int, set[int]]:
    """Numbers of the patches by bank, the drums' as bank 128."""
    patches: dict[int, set[int]] = {0: set(), gm.DRUM_BANK: set()}
    bank = 0
    for line in config.splitlines():
        words = line.partition("#")[0].split()
        if len(words) < 2:
            continue
        if words[0] in ("bank", "drumset"):
            bank = int(words[1]) if words[0] == "bank" else gm.DRUM_BANK
            patches.setdefault(bank, set())
        elif words[0].isdigit():
            patches[bank].add(int(words[0]))
    return patches


def _midi_file(events: list[NoteEvent], program: int, channel: int) -> mido.MidiFile:
    timed = [(0.0, mido.Message("program_change", channel=channel, program=program))]
    for event in events:
        one = {"channel": channel, "note": event.note}
        timed.append((event.start_s, mido.Message("note_on", velocity=event.velocity, **one)))
        timed.append((event.start_s + event.duration_s, mido.Message("note_off", **one)))
    timed.sort(key=lambda pair: (pair[0], pair[1].type == "note_on"))
    track, now = mido.MidiTrack(), 0
    for at_s, message in timed:
        tick = round(at_s / _TICK_S)
        track.append(message.copy(time=tick - now))
        now = tick
    return mido.MidiFile(ticks_per_beat=_TICKS_PER_BEAT, tracks=[track])
