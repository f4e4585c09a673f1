"""One answer for a file as a whole, in the place of one a second."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from timbre.models.exports import inert
from timbre.models.single_sound import single_sound
from timbre.models.tagged_song import TaggedSong
from timbre.taxonomy import BY_ID, level_labels

SINGLE_FORMATS = ("table", "json", "csv")
CLIP_FORMATS = ("json", "csv")
_SHOWN = 5  # of the ranking, on a terminal
_BAR = 30  # columns of a confidence of 1


def single(song: TaggedSong, form: str) -> str:
    """One name for a note, as `timbre.models.single_sound` gives it."""
    sound = single_sound(song)
    if form == "json":
        answer = {"file": song.name, "model": song.model, **asdict(sound)}
        return json.dumps(answer, ensure_ascii=False) + "\n"
    if form == "csv":
        rows = ((inert(song.name), label, value) for label, value in sound.confidences.items())
        return _csv(["file", "label", "confidence"], rows)
    lines = [
        f"  {label:<20} {value:6.1%}  {'█' * round(value * _BAR)}".rstrip()
        for label, value in list(sound.confidences.items())[:_SHOWN]
    ]
    return "\n".join([f"{song.name}: {sound.instrument}", *lines, ""])


def clip_ids(names: Iterable[str]) -> dict[str, str]:
    """File to `clip_id`: the name without folder and ending, or the path as given where files share that."""
    stems = {name: Path(name).stem for name in names}
    n_files = Counter(stems.values())
    return {name: name if n_files[stem] > 1 or stem in stems else stem for name, stem in stems.items()}


def clip(song: TaggedSong, form: str, clip_id: str) -> str:
    """The mean of every label over the seconds.

    All labels of the level are there, in its own order, as the MIREX task on OpenMIC's 20 labels wants
    them; one that the model does not reach is 0.
    """
    labels = song.labels if song.level == "leaf" else level_labels(tuple(BY_ID), song.level)
    means = dict(zip(song.labels, song.probabilities.mean(axis=0), strict=True))
    confidences = {label: round(float(means.get(label, 0.0)), 5) for label in labels}
    if form == "json":
        answer = {"file": song.name, "clip_id": clip_id, "model": song.model, "confidences": confidences}
        return json.dumps(answer, ensure_ascii=False) + "\n"
    return _csv(["clip_id", *confidences], [[clip_id, *confidences.values()]])


def _csv(header: Sequence[str], rows: Iterable[Sequence[str | float]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue()
