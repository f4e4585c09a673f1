"""Phrases of every General MIDI instrument, rendered from soundfonts and patch sets into clips of the table.

A rendering is named by soundfont, preset and number and seeded by that name, so that a run that
was interrupted goes on where it stopped and two runs give the same sound.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
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
from timbre.data.lock import locked
from timbre.errors import TimbreError
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
    """A soundfont or set of patches.

    `license` is as its own documentation states it, `package` Debian's; `held_out` never trains.
    """

    name: str
    path: Path
    license: str
    package: str = ""
    held_out: bool = False

    @property
    def is_patch_set(self) -> bool:
        """Whether it is the configuration of patches for TiMidity."""
        return self.path.suffix == ".cfg"


_DEBIAN = Path("/usr/share/sounds")
# FluidR3 and MuseScore General share samples (the second grew out of the first), TimGM6mb and Csound's bank
# share others (a quarter of the first's are in the second bit by bit).
SOUNDFONTS = (
    SoundFont("fluidr3", _DEBIAN / "sf2/FluidR3_GM.sf2", "MIT", "fluid-soundfont-gm"),
    SoundFont(
        "musescore_general", _DEBIAN / "sf3/MuseScore_General.sf3", "MIT", "musescore-general-soundfont"
    ),
    SoundFont("timgm6mb", _DEBIAN / "sf2/TimGM6mb.sf2", "GPL-2.0", "timgm6mb-soundfont"),
    SoundFont("csound_gm", _DEBIAN / "sf2/sf_GMbank.sf2", "public domain", "csound-soundfont"),
    SoundFont("freepats", Path("/etc/timidity/freepats.cfg"), "GPL-2.0-or-later", "freepats", held_out=True),
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
    check_there([font])
    synth = _synth(font)
    with locked(folder / font.name):
        _begin(synth, folder / font.name)
        plan = tqdm(list(_plan(synth, n_phrases)), f"rendering {font.name}")
        return pd.DataFrame([_clip(font, synth, voice, number, folder) for voice, number in plan])


def check_there(fonts: Iterable[SoundFont]) -> None:
    """Refuse before anything is rendered what could not be rendered in the end.

    Raises
    ------
    TimbreError
        When a soundfont, or what plays patches, is not there.
    """
    for font in fonts:
        if not font.path.exists():
            hint = f"Install it (on Debian {font.package})." if font.package else "Install it."
            raise TimbreError("file_unreadable", f"The soundfont {font.path.name} is not there.", hint)
        if font.is_patch_set:
            PatchSet(font.path)


def _clip(font: SoundFont, synth: "_Synth", voice: Voice, number: int, folder: Path) -> dict[str, Any]:
    """The table's row of one rendering, which is made if it is not there yet."""
    path = folder / font.name / f"{voice.name}_{number:03d}.flac"
    rng = np.random.default_rng(zlib.crc32(f"{font.name}/{path.stem}".encode()))
    key = int(rng.integers(12))
    if not path.exists():
        waveform = _rendered(synth, voice, _events(voice, key, rng))
        with atomic(path) as temporary:
            sf.write(temporary, waveform, FRONT_END.sample_rate_hz)
    return _row(font, voice, folder, path, key)


def _begin(synth: "_Synth", folder: Path) -> None:
    """Remove what other files of that name, or an earlier version of this code, have rendered."""
    facts = {"soundfont_sha256": _digest(synth.files), "rendering": RENDERING}
    told = folder / _RENDERED_FILE
    if told.exists() and json.loads(told.read_text(encoding="utf-8")) == facts:
        return
    for path in folder.glob("*.flac"):
        path.unlink()
    write_json(told, facts)


def _digest(files: list[Path]) -> str:
    """Of the file, or of the digests of several."""
    digests = [file_sha256(path) for path in files]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


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
    """What plays one soundfont, which `files` hold."""

    files: list[Path]

    def has(self, program: int, bank: int) -> bool: ...

    def render(
        self, events: list[NoteEvent], program: int, bank: int, n_samples: int
    ) -> NDArray[np.float32]: ...


def _synth(font: SoundFont) -> _Synth:
    return PatchSet(font.path) if font.is_patch_set else FluidSynth(font.path)
