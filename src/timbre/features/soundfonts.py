"""Phrases of every General MIDI instrument, rendered from soundfonts and patch sets into clips of the table.

A rendering is named by soundfont, preset and number and seeded by that name, so that a run that
was interrupted goes on where it stopped and two runs give the same sound.
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import soundfile as sf
from numpy.typing import NDArray
from tqdm import tqdm

from timbre.audio.front_end import FRONT_END
from timbre.data.label_maps import IMPLIES, truth_of_leaves
from timbre.features import general_midi as gm
from timbre.features.fluid_synth import FluidSynth
from timbre.features.note_events import NoteEvent, drum_kit_events, percussion_events, phrase_events
from timbre.features.timidity import PatchSet
from timbre.files import atomic, file_sha256, write_json

PHRASE_S = 6.0
KIND = "rendered"
RENDERING = 1  # another number wherever the same phrase would become another sound or key
_RENDERED_FILE = "rendered.json"


@dataclass(frozen=True)
class SoundFont:
    """A soundfont: `license` as its own documentation states it; `held_out` never trains."""

    name: str
    path: Path
    license: str
    held_out: bool = False


# FluidR3 and MuseScore General share samples (the second grew out of the first), TimGM6mb and Csound's bank
# share others (a quarter of the first's are in the second bit by bit).
SOUNDFONTS = (
    SoundFont("fluidr3", Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"), "MIT"),
    SoundFont("musescore_general", Path("/usr/share/sounds/sf3/MuseScore_General.sf3"), "MIT"),
    SoundFont("timgm6mb", Path("/usr/share/sounds/sf2/TimGM6mb.sf2"), "GPL-2.0"),
    SoundFont("csound_gm", Path("/usr/share/sounds/sf2/sf_GMbank.sf2"), "public domain"),
    SoundFont("freepats", Path("/etc/timidity/freepats.cfg"), "GPL-2.0-or-later", held_out=True),
)


@dataclass(frozen=True)
class Voice:
    """What one rendering plays: a pitched preset, or `leaf` on the drum channel of a kit."""

    leaf: str
    program: int
    preset: gm.Preset | None = None

    @property
    def name(self) -> str:
        """Short and unique within a soundfont."""
        return f"{self.leaf}_{self.bank}_{self.program}"

    @property
    def bank(self) -> int:
        """Of the soundfont."""
        return self.preset.bank if self.preset else gm.DRUM_BANK


def voices() -> list[Voice]:
    """Every pitched preset, every percussion instrument in every kit, and the kits as a whole."""
    pitched = [Voice(preset.leaf, preset.program, preset) for preset in gm.PRESETS]
    pieces = [Voice(leaf, kit) for kit in gm.DRUM_KITS for leaf in gm.DRUM_NOTES]
    kits = [Voice("drum_kit", kit) for kit in (*gm.DRUM_KITS, gm.TR808_KIT)]
    return [*pitched, *pieces, *kits, Voice("tr808_kick_drum", gm.TR808_KIT)]


def render_soundfont(font: SoundFont, folder: Path, n_phrases: int) -> pd.DataFrame:
    """Render `n_phrases` of each voice to `folder/<soundfont>/*.flac` and return their table rows.

    Raises
    ------
    TimbreError
        When the soundfont is not there.
    """
    synth = _synth(font)
    _begin(font, folder / font.name)
    rows = []
    for voice, number in tqdm(list(_plan(synth, n_phrases)), f"rendering {font.name}"):
        path = folder / font.name / f"{voice.name}_{number:03d}.flac"
        seed = zlib.crc32(f"{font.name}/{path.stem}".encode())
        rng = np.random.default_rng(seed)
        key = int(rng.integers(12))
        if not path.exists():
            waveform = _rendered(synth, voice, _events(voice, key, rng))
            with atomic(path) as temporary:
                sf.write(temporary, waveform, FRONT_END.sample_rate_hz)
        rows.append(_row(font, voice, folder, path, key))
    return pd.DataFrame(rows)


def _begin(font: SoundFont, folder: Path) -> None:
    """Remove what another file of that name, or an earlier version of this code, has rendered."""
    facts = {"soundfont_sha256": file_sha256(font.path), "rendering": RENDERING}
    told = folder / _RENDERED_FILE
    if told.exists() and json.loads(told.read_text(encoding="utf-8")) == facts:
        return
    for path in folder.glob("*.flac"):
        path.unlink()
    write_json(told, facts)


def _plan(synth: "_Synth", n_phrases: int) -> Iterator[tuple[Voice, int]]:
    """Voices that this soundfont has; a leaf with many presets gets fewer of each."""
    having = [voice for voice in voices() if synth.has(voice.program, voice.bank)]
    for voice in having:
        siblings = sum(other.leaf == voice.leaf for other in having)
        for number in range(max(4, n_phrases * 2 // (1 + siblings))):
            yield voice, number


def _rendered(synth: "_Synth", voice: Voice, events: list[NoteEvent]) -> NDArray[np.float32]:
    """`PHRASE_S` of mono, peak at most 1."""
    n_samples = int(PHRASE_S * FRONT_END.sample_rate_hz)
    waveform = synth.render(events, voice.program, voice.bank, n_samples)
    return waveform / max(1.0, float(np.abs(waveform).max()))


def _events(voice: Voice, key: int, rng: np.random.Generator) -> list[NoteEvent]:
    if voice.preset:
        return phrase_events(voice.preset, key, PHRASE_S, rng)
    if voice.leaf == "drum_kit":
        return drum_kit_events(PHRASE_S, rng)
    leaf = "kick_drum" if voice.leaf == "tr808_kick_drum" else voice.leaf
    return percussion_events(gm.DRUM_NOTES[leaf], PHRASE_S, rng)


def _row(font: SoundFont, voice: Voice, folder: Path, path: Path, key: int) -> dict[str, Any]:
    # A kit is asked for kick and snare in every bar; what keeps the time is left open.
    present = {voice.leaf, *IMPLIES.get(voice.leaf, ())}
    truth = truth_of_leaves(present | ({"kick_drum", "snare_drum"} if voice.leaf == "drum_kit" else set()))
    relative = str(path.relative_to(folder))
    return {
        "clip_id": f"{font.name}:{relative}",
        "path": relative,
        "dataset": font.name,
        "present": list(truth.present),
        "absent": list(truth.absent),
        "group": f"{font.name}/{voice.name}",
        "split": "validation" if font.held_out else "train",
        "license": font.license,
        "duration_s": PHRASE_S,
        "sha256": file_sha256(path),
        "root": str(folder.resolve()),
        "kind": KIND,
        "shippable": True,
        "key": key if voice.preset else -1,
    }


class _Synth(Protocol):
    """What plays one soundfont."""

    def has(self, program: int, bank: int) -> bool: ...

    def render(
        self, events: list[NoteEvent], program: int, bank: int, n_samples: int
    ) -> NDArray[np.float32]: ...


def _synth(font: SoundFont) -> _Synth:
    return PatchSet(font.path) if font.path.suffix == ".cfg" else FluidSynth(font.path)
