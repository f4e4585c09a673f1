"""Rendering with TiMidity++ and a set of GUS patches, for the sounds that no soundfont has."""

import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import mido
import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from timbre.audio.front_end import FRONT_END
from timbre.errors import TimbreError
from timbre.features import general_midi as gm
from timbre.features.note_events import NoteEvent
from timbre.features.rendering import fingerprint_of

PROGRAM = "timidity"
LONGEST_S = 120.0  # that it may take for a phrase, which is done in a tenth of a second
_TICKS_PER_BEAT = 500  # at MIDI's 120 beats a minute a tick is 1 ms
_TICK_S = 0.001
_DRY = ("-EFreverb=d", "-EFchorus=d", "-EFdelay=d")
_FORMAT = ("-s", str(FRONT_END.sample_rate_hz), "-OwM1sl")


class PatchSet:
    """The patches that a configuration file of TiMidity names.

    Attributes
    ----------
    files
        The configuration and the patches, which decide how it sounds.

    Raises
    ------
    TimbreError
        When one of the patches or the program is not there.
    """

    def __init__(self, path: Path):
        if not shutil.which(PROGRAM):
            raise TimbreError("file_unreadable", "TiMidity is not there.", f"Install {PROGRAM}.")
        self._path = path
        self._patches, patch_files = _read(path)
        self.files = [path, *patch_files]
        if absent := [one for one in patch_files if not one.exists()]:
            message = f"{len(absent)} patches of {path.name} are not there, among them {absent[0]}."
            raise TimbreError("file_unreadable", message, "Install them.")

    def has(self, program: int, bank: int) -> bool:
        """Whether it has this sound; `bank` 128 is the drums, of which there is one kit, number 0."""
        if bank == gm.DRUM_BANK:
            return program == 0 and bool(self._patches[gm.DRUM_BANK])
        return program in self._patches[bank]

    def fingerprint(self) -> str:
        """Of the configuration and its patches."""
        return fingerprint_of(self.files)

    def render(
        self,
        events: Sequence[NoteEvent],
        program: int,
        bank: int,
        n_samples: int,
        rng: np.random.Generator | None = None,
    ) -> NDArray[np.float32]:
        """`(n_samples,)`, dry and mono, at the front end's rate; nothing is left to `rng`.

        Raises
        ------
        TimbreError
            When the set lacks one of the sounds, which another one would play, or TiMidity fails.
        """
        is_drums = bank == gm.DRUM_BANK
        wanted = {event.note for event in events} if is_drums else {program}
        if absent := wanted - self._patches[bank]:
            message = f"{self._path.name} has no patch {min(absent)} in bank {bank}."
            raise TimbreError("file_unreadable", message, "Play what it has.")
        channel = gm.DRUM_CHANNEL if is_drums else 0
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
        command = [PROGRAM, "-c", str(self._path), *_DRY, *_FORMAT, "-o", str(sound), str(song)]
        try:
            done = subprocess.run(
                command,
                check=False,
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                timeout=LONGEST_S,
            )
            said = done.stderr.strip().splitlines()
        except subprocess.TimeoutExpired:
            said = [f"it was not done after {LONGEST_S:g} s"]
        else:
            if done.returncode == 0 and sound.exists():
                return
        message = f"TiMidity could not play {self._path.name}: {said[-1] if said else 'it did not say why'}"
        raise TimbreError("file_unreadable", message, "Check its patches, or install them anew.")


def _read(config: Path) -> tuple[defaultdict[int, set[int]], list[Path]]:
    """Numbers of the patches by bank, the drums' as bank 128; the files that hold them."""
    patches: defaultdict[int, set[int]] = defaultdict(set)
    files: list[Path] = []
    bank, folder = 0, config.parent
    for line in config.read_text(encoding="utf-8", errors="replace").splitlines():
        match line.partition("#")[0].split():
            case ["dir", name]:
                folder = Path(name)
            case ["bank", number, *_]:
                bank = int(number)
            case ["drumset", _, *_]:
                bank = gm.DRUM_BANK
            case [number, "%font", name, *_] if number.isdigit():
                patches[bank].add(int(number))
                files.append(folder / name)
            case [number, name, *_] if number.isdigit():
                patches[bank].add(int(number))
                files.append(folder / name)
    return patches, sorted(set(files))


def _midi_file(events: Sequence[NoteEvent], program: int, channel: int) -> mido.MidiFile:
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
