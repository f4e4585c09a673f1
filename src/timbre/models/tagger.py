"""The tagger that serves: a checkpoint on ONNX Runtime, from a song to probabilities a second."""

import math
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Self

import numpy as np
from huggingface_hub import snapshot_download
from numpy.typing import NDArray

from timbre.audio.decode import Decoder
from timbre.audio.front_end import FRONT_END
from timbre.audio.log_mel import LogMel, Waveform
from timbre.audio.segments import SEGMENT_S, Segmenter, Stretch
from timbre.errors import TimbreError
from timbre.models.checkpoint import CHECKPOINT_FILES, load_config
from timbre.models.neighbours import Neighbours
from timbre.models.network_session import open_session
from timbre.models.tagged_segment import Probabilities, TaggedSegment
from timbre.paths import DEFAULT_MODEL_DIR

PATIENCE_S = 0.5  # between answers
BATCH_SIZE = 16  # windows, or seconds, in one call of the network; more gains little on one thread
_HUB_ID = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?")


class Tagger:
    """A loaded checkpoint. It keeps no state between songs and may be shared by threads.

    Parameters
    ----------
    folder
        The checkpoint's folder.
    n_threads
        Threads that one call of the network may use.

    Raises
    ------
    TimbreError
        `bad_checkpoint`.
    """

    def __init__(self, folder: Path, *, n_threads: int = 1):
        self.config = load_config(folder)
        self.folder = folder
        self.labels = self.config.labels
        self.thresholds = np.array([self.config.thresholds[label] for label in self.labels], np.float32)
        calibration = self.config.calibration
        self._scale = np.array([calibration["scale"][label] for label in self.labels], np.float32)
        self._bias = np.array([calibration["bias"][label] for label in self.labels], np.float32)
        self._session = _session(folder, n_threads)
        self._check_network()

    def _check_network(self) -> None:
        """Let it answer once, for silence: what does not fit is told now and not in the middle of a song."""
        if not all(self._answers(2 * margin_s) for margin_s in {0, self.config.margin_s}):
            described = f"{self.config.context_s:g} s and answer for {len(self.labels)} labels"
            message = f"The model's network does not take {described}, as its config.json says."
            raise TimbreError("bad_checkpoint", message)

    def _answers(self, surplus_s: int) -> bool:
        """Whether the network takes a window so many seconds longer, and answers for each of them too."""
        n_frames = round((self.config.context_s + surplus_s) * FRONT_END.frames_per_s)
        try:
            answer = self.logits(np.full((1, FRONT_END.n_mels, n_frames), -100.0, np.float32))
        except Exception:  # as in `_session`
            return False
        return answer.shape == (1 + surplus_s, len(self.labels)) and bool(np.isfinite(answer).all())

    @classmethod
    def from_pretrained(
        cls, model: str | Path = DEFAULT_MODEL_DIR, *, revision: str | None = None, n_threads: int = 1
    ) -> Self:
        """Load a checkpoint from a folder, or from the Hub by `org/name` or `org/name@revision`.

        Raises
        ------
        TimbreError
            `bad_checkpoint`, also when neither a folder nor the Hub has it.
        """
        return cls(find_checkpoint(model, revision), n_threads=n_threads)

    def push_to_hub(self, repo: str, *, private: bool = False, revision: str | None = None) -> str:
        """Publish the checkpoint as `org/name` on the Hub; as `timbre.models.hub.push_checkpoint`.

        Returns
        -------
        commit
            Of what was uploaded: what to give as `revision`.
        """
        from timbre.models.hub import push_checkpoint  # which loads with this module

        return push_checkpoint(self.folder, repo, private=private, revision=revision)[1]

    @property
    def name(self) -> str:
        """The checkpoint's name and the first digits of its network's digest: `default@1a2b3c4d`."""
        return self.config.full_name

    def logits(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits `(batch, n_labels)` of windows `(batch, n_mels, n_frames)` in dB."""
        (logits,) = self._session.run(None, {"log_mel": windows})
        return np.asarray(logits, dtype=np.float32)

    def probabilities(self, windows: NDArray[np.float32]) -> Probabilities:
        """Calibrated probabilities `(batch, n_labels)` of windows `(batch, n_mels, n_frames)` in dB."""
        calibrated = np.clip(self._scale * self.logits(windows) + self._bias, -60.0, 60.0)
        return 1.0 / (1.0 + np.exp(-calibrated))

    def tag(
        self,
        source: str | Path | bytes | Iterable[bytes] | Decoder,
        turn: Callable[[], AbstractContextManager[None]] = nullcontext,
        *,
        is_live: bool = False,
    ) -> Iterator[TaggedSegment]:
        """Tag a song, each second as soon as it and the next one are known.

        Parameters
        ----------
        source
            A file, its bytes, pieces of them that may still be arriving, or a `Decoder` (whose limits then
            hold, and which tells afterwards whether the song was cut off).
        turn
            What to enter for the work on some seconds of waveform, for those who do much at once; decoding
            goes on outside.
        is_live
            Answer as soon as can be, each second by itself, which is dearer.

        Raises
        ------
        TimbreError
            As `Decoder`, while iterating.
        """
        decoder = source if isinstance(source, Decoder) else Decoder(source)
        with decoder:
            yield from self.tag_waveform(decoder, turn, is_live=is_live)

    def tag_waveform(
        self,
        pieces: Iterable[Waveform],
        turn: Callable[[], AbstractContextManager[None]] = nullcontext,
        *,
        is_live: bool = False,
    ) -> Iterator[TaggedSegment]:
        """Tag what is decoded already.

        Parameters
        ----------
        pieces
            Of one waveform, mono at the front end's rate, of any length each.
        turn, is_live
            As for `tag`.
        """
        margin_s = 0 if is_live else self.config.margin_s
        segmenter = Segmenter(self.config.context_s, margin_s)
        neighbours = Neighbours(self.config.neighbour_share)
        answered_s = -math.inf
        for waveform in pieces:
            # Many seconds in one pass are cheaper, and a file gives them at once; a slow upload does not.
            is_waited_for = time.monotonic() - answered_s > PATIENCE_S
            with turn():
                stretch = segmenter.push(waveform, 1 if is_waited_for or not margin_s else BATCH_SIZE)
                yield from neighbours.push(self._predict(stretch))
            if len(stretch):
                answered_s = time.monotonic()
        with turn():
            yield from neighbours.push(self._predict(segmenter.finish()))
        yield from neighbours.finish()

    def _predict(self, stretch: Stretch) -> Iterator[TaggedSegment]:
        for start in range(0, len(stretch), BATCH_SIZE):
            some = stretch.segments[start : start + BATCH_SIZE]
            if stretch.n_margin:
                rows = self._in_one_pass(stretch.part(start, BATCH_SIZE), len(some))
            else:
                rows = self.probabilities(np.stack([segment.window for segment in some]))
            for segment, row in zip(some, rows, strict=True):
                yield TaggedSegment(
                    segment.index, segment.start_s, segment.end_s, row, segment.log_mel, segment.peaks
                )

    def _in_one_pass(self, log_mel: LogMel, n: int) -> Probabilities:
        """Of the `n` seconds that have their context and the margin there, `(n, n_labels)`.

        The network also answers for the seconds in the margin, whose surroundings end too early. Every pass
        is as wide as the widest: ONNX Runtime may add up those of another width in another order, and the
        last digits of a song would depend on how fast it arrived.
        """
        margin_s = self.config.margin_s
        width_s = BATCH_SIZE - SEGMENT_S + self.config.context_s + 2 * margin_s
        surplus = round(width_s * FRONT_END.frames_per_s) - log_mel.shape[1]
        even = np.pad(log_mel, ((0, 0), (0, surplus)), mode="edge")
        return self.probabilities(even[np.newaxis])[margin_s : margin_s + n]


def find_checkpoint(model: str | Path, revision: str | None = None) -> Path:
    """The folder of a checkpoint that is named as `Tagger.from_pretrained` takes it.

    Raises
    ------
    TimbreError
        `bad_checkpoint`.
    """
    folder = Path(model)
    if folder.is_dir():
        if revision:
            hint = "Leave the revision out, or name a repository on the Hub."
            raise TimbreError("bad_checkpoint", f"{folder} is a folder, which has no revisions.", hint)
        return folder
    named = _HUB_ID.fullmatch(str(model))
    if not named:
        hint = "Name a checkpoint's folder, or org/name[@revision] on the Hub."
        raise TimbreError("bad_checkpoint", f"There is no model folder {model}.", hint)
    return _download(named["repo"], revision or named["revision"])


def _session(folder: Path, n_threads: int) -> Any:
    try:
        return open_session(folder, n_threads)
    except Exception as error:  # ONNX Runtime's classes have no other base in common
        raise TimbreError("bad_checkpoint", "The model's network cannot be read.") from error


def _download(repo: str, revision: str | None) -> Path:
    try:
        return Path(snapshot_download(repo, revision=revision, allow_patterns=[*CHECKPOINT_FILES]))
    except Exception as error:  # besides its own the Hub's client lets those of its HTTP library through
        where = f"{repo}@{revision}" if revision else repo
        raise TimbreError(
            "bad_checkpoint",
            f"There is no folder {repo}, and the model {where} cannot be fetched from the Hub.",
            "Check its name, the network, and HF_TOKEN if it is private.",
        ) from error
