"""Phrases of every General MIDI instrument, and speech, rendered into clips of the table.

Soundfonts and patch sets play them; our own synthesizer adds what has knobs, a speech synthesizer voices.

A rendering is named by soundfont, preset and number and seeded by that name, so that a run that
was interrupted goes on where it stopped and two runs give the same sound.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import soundfile as sf
from numpy.typing import NDArray
from tqdm import tqdm

from timbre.audio.front_end import FRONT_END
from timbre.data.label_maps import IMPLIES, narrowed, truth_of_leaves
from timbre.data.lock import locked
from timbre.errors import TimbreError
from timbre.features import general_midi as gm
from timbre.features.fluid_synth import FluidSynth
from timbre.features.note_events import NoteEvent
from timbre.features.playing.drums import kit_events, stroke_events
from timbre.features.playing.phrase import phrase_events
from timbre.features.rendering import Renderer
from timbre.features.speech import SPEECH_BANK, VOICES, Speech
from timbre.features.synthesizer.renderer import Synthesizer
from timbre.features.timidity import PatchSet
from timbre.files import atomic, file_sha256, write_json

PHRASE_S = 6.0
KIND = "rendered"
RENDERING = 3  # another number wherever the same phrase would become another sound or key
_RENDERED_FILE = "rendered.json"


@dataclass(frozen=True)
class SoundFont:
    """A soundfont, or something else that plays phrases.

    Attributes
    ----------
    path
        The file that it is opened with; None for what makes its sounds itself.
    license
        As its own documentation states it.
    package
        Debian's.
    held_out
        Never trained on.
    renderer
        What plays it, made with `path` where there is one.
    plenty
        So many times as many phrases: where each has another patch or other words, more of them say more.
    """

    name: str
    path: Path | None
    license: str
    package: str = ""
    held_out: bool = False
    renderer: Callable[..., Renderer] = FluidSynth
    plenty: float = 1.0

    def open(self) -> Renderer:
        """Ready to play.

        Raises
        ------
        TimbreError
            When it, or what it needs, is not there.
        """
        self.check_file()
        return self.renderer(self.path) if self.path else self.renderer()

    def check_file(self) -> None:
        """Refuse what has no file where it should be, as `open`."""
        if self.path and not self.path.exists():
            hint = f"Install it (on Debian {self.package})." if self.package else "Install it."
            raise TimbreError("file_unreadable", f"The soundfont {self.path.name} is not there.", hint)


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
    SoundFont("airfont", _DEBIAN / "sf2/A320U.sf2", "GPL-2.0", "denemo-data"),
    SoundFont(
        "freepats",
        Path("/etc/timidity/freepats.cfg"),
        "GPL-2.0-or-later",
        "freepats",
        held_out=True,
        renderer=PatchSet,
    ),
    SoundFont("synthesizer", None, "CC0", renderer=Synthesizer, plenty=2.5),
    SoundFont("flite", None, "MIT-Festival", renderer=Speech, plenty=2.5),
)


@dataclass(frozen=True)
class Voice:
    """What one rendering plays: a pitched preset, `leaf` on the drum channel of a kit, or a speaker."""

    leaf: str
    program: int
    preset: gm.Preset | None = None
    bank: int = gm.DRUM_BANK

    @property
    def name(self) -> str:
        """Short and unique within a soundfont."""
        return f"{self.leaf}_{self.bank}_{self.program}"


def voices() -> list[Voice]:
    """Every pitched preset, every percussion instrument in every kit, the kits as a whole, and speakers."""
    pitched = [Voice(preset.leaf, preset.program, preset, preset.bank) for preset in gm.PRESETS]
    pieces = [Voice(leaf, kit) for kit in gm.DRUM_KITS for leaf in gm.DRUM_NOTES]
    kits = [Voice("drum_kit", kit) for kit in (*gm.DRUM_KITS, gm.TR808_KIT)]
    speakers = [Voice("voice", number, bank=SPEECH_BANK) for number in range(len(VOICES))]
    return [*pitched, *pieces, *kits, Voice("tr808_kick_drum", gm.TR808_KIT), *speakers]


def render_soundfont(font: SoundFont, folder: Path, n_phrases: int) -> pd.DataFrame:
    """Render `n_phrases` of each voice to `folder/<soundfont>/*.flac` and return their table rows.

    Raises
    ------
    TimbreError
        When the soundfont is not there.
    """
    synth = font.open()
    with locked(folder / font.name):
        _begin(synth, folder / font.name)
        plan = tqdm(list(_plan(font, synth, n_phrases)), f"rendering {font.name}")
        return pd.DataFrame([_clip(font, synth, voice, number, folder) for voice, number in plan])


def check_there(fonts: Iterable[SoundFont]) -> None:
    """Refuse before anything is rendered what could not be rendered in the end.

    Raises
    ------
    TimbreError
        As `SoundFont.open`.
    """
    for font in fonts:
        font.check_file()
        if font.renderer is not FluidSynth:  # which takes seconds to open its file
            font.open()


def _clip(font: SoundFont, synth: Renderer, voice: Voice, number: int, folder: Path) -> dict[str, Any]:
    """The table's row of one rendering, which is made if it is not there yet."""
    path = folder / font.name / f"{voice.name}_{number:03d}.flac"
    rng = np.random.default_rng(zlib.crc32(f"{font.name}/{path.stem}".encode()))
    key = int(rng.integers(12))
    if not path.exists():
        waveform = _rendered(synth, voice, _events(voice, key, rng), rng)
        with atomic(path) as temporary:
            sf.write(temporary, waveform, FRONT_END.sample_rate_hz)
    return _row(font, voice, folder, path, key)


def _begin(synth: Renderer, folder: Path) -> None:
    """Remove what other files of that name, or an earlier version of this code, have rendered."""
    facts = {"fingerprint": synth.fingerprint(), "rendering": RENDERING}
    told = folder / _RENDERED_FILE
    if told.exists() and json.loads(told.read_text(encoding="utf-8")) == facts:
        return
    for path in folder.glob("*.flac"):
        path.unlink()
    write_json(told, facts)


def _plan(font: SoundFont, synth: Renderer, n_phrases: int) -> Iterator[tuple[Voice, int]]:
    """Voices that this soundfont has; a leaf with many presets gets fewer of each."""
    having = [voice for voice in voices() if synth.has(voice.program, voice.bank)]
    for voice in having:
        siblings = sum(other.leaf == voice.leaf for other in having)
        for number in range(max(4, int(font.plenty * n_phrases * 2) // (1 + siblings))):
            yield voice, number


def _rendered(
    synth: Renderer, voice: Voice, events: list[NoteEvent], rng: np.random.Generator
) -> NDArray[np.float32]:
    """`PHRASE_S` of mono, peak at most 1."""
    n_samples = int(PHRASE_S * FRONT_END.sample_rate_hz)
    waveform = synth.render(events, voice.program, voice.bank, n_samples, rng)
    return waveform / max(1.0, float(np.abs(waveform).max()))


def _events(voice: Voice, key: int, rng: np.random.Generator) -> list[NoteEvent]:
    if voice.preset:
        return phrase_events(voice.preset, key, PHRASE_S, rng)
    if voice.bank == SPEECH_BANK:
        return []
    if voice.leaf == "drum_kit":
        return kit_events(PHRASE_S, rng)
    leaf = "kick_drum" if voice.leaf == "tr808_kick_drum" else voice.leaf
    return stroke_events(gm.DRUM_NOTES[leaf], PHRASE_S, rng)


def _not_meant(voice: Voice) -> tuple[str, ...]:
    """What the leaf's name would leave open, and this voice does not hold."""
    if voice.bank == SPEECH_BANK:
        return ("choir",)  # who speaks alone is none
    is_of_808 = voice.program in (gm.TR808_KIT, gm.ELECTRONIC_KIT)
    return ("tr808_kick_drum",) if voice.bank == gm.DRUM_BANK and not is_of_808 else ()


def _row(font: SoundFont, voice: Voice, folder: Path, path: Path, key: int) -> dict[str, Any]:
    # A kit is asked for kick and snare in every bar; its other pieces are left open.
    present = {voice.leaf, *IMPLIES.get(voice.leaf, ())}
    truth = truth_of_leaves(present | ({"kick_drum", "snare_drum"} if voice.leaf == "drum_kit" else set()))
    relative = str(path.relative_to(folder))
    return {
        "clip_id": f"{font.name}:{relative}",
        "path": relative,
        "dataset": font.name,
        "present": list(truth.present),
        "absent": list(narrowed(truth, _not_meant(voice)).absent),
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
