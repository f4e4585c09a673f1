"""Speech by Flite, which ffmpeg has built in: sentences of everyday words, another one for every phrase."""

import subprocess
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from timbre.audio.ffmpeg import child_environment, ffmpeg_path
from timbre.audio.front_end import FRONT_END
from timbre.errors import TimbreError
from timbre.features.note_events import NoteEvent

VERSION = 2  # another number wherever the same phrase would become another sound
SPEECH_BANK = 129  # beyond MIDI's, so that no soundfont has it
# Flite's voices, made of recorded speakers: three men (kal16 is kal with twice the bandwidth) and a woman.
VOICES = ("awb", "kal", "kal16", "rms", "slt")
MIN_WORDS = 34  # the fastest voice says them in more than 8 s
_SPEAKING_S = 60.0  # it takes one or two
_RUMBLE_HZ = 40  # what is lower is no speech: some voices have a mean that is not 0
_WHO = (
    "my neighbour", "the old captain", "a young doctor", "our teacher", "the girl next door", "his brother",
    "the woman at the window", "everybody in the village", "a friend of mine", "the man with the hat",
    "her grandmother", "the whole team", "nobody", "the baker", "one of the children", "the new engineer",
)  # fmt: skip
_DID = (
    "bought", "found", "painted", "carried", "lost", "borrowed", "opened", "washed", "repaired", "forgot",
    "described", "wanted", "sold", "remembered", "looked for", "talked about", "laughed at", "counted",
)  # fmt: skip
_WHAT = (
    "a bicycle", "the yellow house", "three cups of coffee", "an umbrella", "the kitchen table",
    "a long letter", "her best shoes", "some bread and cheese", "the wrong key", "a box of oranges",
    "the garden gate",
    "every picture on the wall", "a ticket to the coast", "two wooden chairs", "the weather",
    "a strange question", "a bottle of milk",
)  # fmt: skip
_WHERE = (
    "behind the station", "in the park", "at the market", "under the bridge", "on the way home",
    "near the river",
    "in the middle of the street", "on the third floor", "by the sea", "at work", "in a quiet corner",
)  # fmt: skip
_WHEN = (
    "yesterday", "last week", "before breakfast", "on Tuesday", "after the rain", "early in the morning",
    "in the summer", "a long time ago", "just now", "at the end of March", "every Thursday",
    "around midnight",
)  # fmt: skip
_WHY = (
    "because it was cheap", "and never told us why", "so we had to wait", "although it was late",
    "while the others were asleep", "and that was all", "but it made no difference", "as usual",
)  # fmt: skip
_ASKED = ("why do you think", "did you know that", "who said that", "is it true that", "how can it be that")
_MONTHS = ("January", "February", "April", "June", "July", "September", "October", "December")


class Speech:
    """Flite's voices.

    Raises
    ------
    TimbreError
        When there is no ffmpeg, or it has no Flite.
    """

    def __init__(self) -> None:
        asked = _ffmpeg("-h", "filter=flite")
        if not asked.stdout.startswith(b"Filter flite"):
            hint = "Install an ffmpeg with libflite (Debian's ffmpeg has it) and let TIMBRE_FFMPEG name it."
            raise TimbreError("file_unreadable", "ffmpeg cannot speak: it was built without Flite.", hint)

    def fingerprint(self) -> str:
        """Of our words and of ffmpeg, which does not tell the version of its Flite."""
        told = _ffmpeg("-version").stdout.decode("utf-8", "replace")
        return f"speech {VERSION}, {told.partition(' Copyright')[0]}"

    def has(self, program: int, bank: int) -> bool:
        """Whether there is a voice of this number."""
        return bank == SPEECH_BANK and program < len(VOICES)

    def render(
        self, events: Sequence[NoteEvent], program: int, bank: int, n_samples: int, rng: np.random.Generator
    ) -> NDArray[np.float32]:
        """`(n_samples,)` from the middle of some sentences; speech has no `events`.

        Raises
        ------
        TimbreError
            When ffmpeg fails.
        """
        spoken = _spoken(text(rng), VOICES[program])
        start = int(rng.integers(max(1, len(spoken) - n_samples)))
        waveform = spoken[start : start + n_samples]
        return np.pad(waveform, (0, n_samples - len(waveform)))


def text(rng: np.random.Generator) -> str:
    """Sentences, at least `MIN_WORDS` words together."""
    sentences: list[str] = []
    while sum(len(one.split()) for one in sentences) < MIN_WORDS:
        sentences.append(_sentence(rng))
    return " ".join(sentences)


def _sentence(rng: np.random.Generator) -> str:
    def one(words: Sequence[str]) -> str:
        return words[int(rng.integers(len(words)))]

    told = f"{one(_WHO)} {one(_DID)} {one(_WHAT)}"
    match int(rng.integers(6)):
        case 0:
            said = f"{one(_WHEN)}, {told} {one(_WHERE)}."
        case 1:
            said = f"{told} {one(_WHERE)} {one(_WHY)}."
        case 2:
            said = f"{one(_ASKED)} {told} {one(_WHEN)}?"
        case 3:
            said = f"on {one(_MONTHS)} {rng.integers(1, 29)}, {rng.integers(1950, 2020)}, {told}."
        case 4:
            said = f"there were {rng.integers(2, 900)} of them {one(_WHERE)}, {one(_WHY)}."
        case _:
            said = f"{told} for {rng.integers(2, 60)} pounds and {rng.integers(2, 99)} pence, {one(_WHY)}!"
    return said[0].upper() + said[1:]


def _spoken(words: str, voice: str) -> NDArray[np.float32]:
    # The words have no quote, colon or backslash, which would mean something to ffmpeg.
    said = ("-f", "lavfi", "-i", f"flite=text='{words}':voice={voice}", "-af", f"highpass=f={_RUMBLE_HZ}")
    done = _ffmpeg(*said, "-ar", str(FRONT_END.sample_rate_hz), "-ac", "1", "-f", "f32le", "pipe:1")
    if done.returncode or not done.stdout:
        reasons = done.stderr.decode("utf-8", "replace").strip().splitlines()
        message = f"ffmpeg could not speak as {voice}: {reasons[-1] if reasons else 'it did not say why'}"
        raise TimbreError("file_unreadable", message, "Try it with another ffmpeg (TIMBRE_FFMPEG).")
    return np.frombuffer(done.stdout, dtype="<f4")


def _ffmpeg(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [ffmpeg_path(), "-hide_banner", "-v", "error", *arguments]
    try:
        return subprocess.run(
            command,
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=child_environment(),
            timeout=_SPEAKING_S,
        )
    except OSError:
        raise TimbreError("file_unreadable", "ffmpeg cannot be started.", "Check TIMBRE_FFMPEG.") from None
    except subprocess.TimeoutExpired:
        message = f"ffmpeg did not end within {_SPEAKING_S:.0f} s."
        raise TimbreError("file_unreadable", message, "Check TIMBRE_FFMPEG.") from None
