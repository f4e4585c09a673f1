"""Make `static/example/` again: `python -m timbre.data.example_song [--soundfont FILE] [--out FOLDER]`."""

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from timbre.audio.ffmpeg import ffmpeg_path
from timbre.data.example_song import midi, truth
from timbre.data.example_song.loudness import SAMPLE_RATE_HZ, Stereo, integrated_loudness
from timbre.data.example_song.score import DURATION_S, TITLE, parts
from timbre.data.example_song.stems import render
from timbre.files import atomic, write_json
from timbre.paths import STATIC_DIR

# What may be published without a doubt: its samples are MIT, CC0 or in the public domain.
SOUNDFONT = Path("/usr/share/sounds/sf3/MuseScore_General.sf3")
OUT_DIR = STATIC_DIR / "example"
_LOUDNESS_LUFS = -17.0
_PEAK = 0.89  # -1 dBFS: what an MP3 decoder overshoots stays below full scale
_FADE_S = 0.5
_BIT_RATE_KBIT_S = 128


def make(soundfont: Path, out_dir: Path) -> None:
    """Write `song.mid`, `song.mp3` and `truth.json` into a folder."""
    with atomic(out_dir / "song.mid") as temporary:
        midi.write_midi(temporary, parts())
    tracks = midi.read_tracks(out_dir / "song.mid")
    stems = {name: render(events, soundfont, DURATION_S) for name, events in tracks.items()}
    pieces = truth.kit_stems(tracks, soundfont)
    gain = _gain(np.sum(list(stems.values()), axis=0))
    stems, pieces = ({name: stem * gain for name, stem in some.items()} for some in (stems, pieces))
    song = np.sum(list(stems.values()), axis=0)
    write_json(out_dir / "truth.json", truth.measure(tracks, stems, pieces, song, soundfont.name))
    write_mp3(out_dir / "song.mp3", song)


def write_mp3(path: Path, song: Stereo) -> None:
    """Encode at a constant bit rate, so that seeking is exact in every browser."""
    with tempfile.TemporaryDirectory() as folder, atomic(path) as temporary:
        wav = Path(folder) / "song.wav"
        soundfile.write(wav, song, SAMPLE_RATE_HZ, subtype="PCM_24")
        command = [ffmpeg_path(), "-v", "error", "-y", "-i", str(wav), "-codec:a", "libmp3lame"]
        command += ["-b:a", f"{_BIT_RATE_KBIT_S}k", "-map_metadata", "-1", "-metadata", f"title={TITLE}"]
        subprocess.run([*command, "-fflags", "+bitexact", str(temporary)], check=True)


def _gain(song: Stereo) -> Stereo:
    """To the loudness that streams have, short of clipping, and to silence at the end; `(n_samples, 1)`."""
    loudness = 10.0 ** ((_LOUDNESS_LUFS - integrated_loudness(song)) / 20.0)
    fade = np.ones((len(song), 1))
    fade[-round(_FADE_S * SAMPLE_RATE_HZ) :, 0] = np.linspace(1.0, 0.0, round(_FADE_S * SAMPLE_RATE_HZ))
    return np.asarray(min(loudness, _PEAK / np.abs(song).max()) * fade)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--soundfont", type=Path, default=SOUNDFONT)
    parser.add_argument("--out", type=Path, default=OUT_DIR)
    arguments = parser.parse_args()
    if not arguments.soundfont.is_file():
        parser.error(
            f"no soundfont at {arguments.soundfont}; Debian's package is musescore-general-soundfont"
        )
    make(arguments.soundfont, arguments.out)


if __name__ == "__main__":
    main()
