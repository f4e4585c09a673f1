"""One answer for a file as a whole, in the place of one a second."""

import csv
import io
import json
from pathlib import Path

from timbre.models.tagged_song import TaggedSong
from timbre.taxonomy import BY_ID, level_labels

SINGLE_FORMATS = ("table", "json", "csv")
CLIP_FORMATS = ("json", "csv")
_SHOWN = 5  # of the ranking, on a terminal
_BAR = 30  # columns of a confidence of 1


def single(song: TaggedSong, form: str) -> str:
    """One name for a note: the label with the highest mean probability over its seconds.

    The confidences are those means, likeliest first. Each says for itself how sure it is that the
    instrument sounds, so they need not add up to 1: a sound that the model knows nothing of has low ones
    everywhere.
    """
    means = song.probabilities.mean(axis=0)
    ranked = {song.labels[i]: round(float(means[i]), 5) for i in (-means).argsort(kind="stable")}
    best = next(iter(ranked))
    if form == "json":
        answer = {"file": song.name, "model": song.model, "instrument": best, "confidences": ranked}
        return json.dumps(answer, ensure_ascii=False) + "\n"
    if form == "csv":
        return "".join(f"{label},{value}\r\n" for label, value in ranked.items())
    lines = [
        f"  {label:<20} {value:6.1%}  {'█' * round(value * _BAR)}".rstrip()
        for label, value in list(ranked.items())[:_SHOWN]
    ]
    return "\n".join([f"{song.name}: {best}", *lines, ""])


def clip(song: TaggedSong, form: str) -> str:
    """The mean of every label over the seconds; `clip_id` is the file's name without its ending.

    All labels of the level are there, in its own order, as the MIREX task on OpenMIC's 20 labels wants
    them; one that the model does not reach is 0.
    """
    labels = song.labels if song.level == "leaf" else level_labels(tuple(BY_ID), song.level)
    means = dict(zip(song.labels, song.probabilities.mean(axis=0), strict=True))
    confidences = {label: round(float(means.get(label, 0.0)), 5) for label in labels}
    clip_id = Path(song.name).stem
    if form == "json":
        answer = {"file": song.name, "clip_id": clip_id, "model": song.model, "confidences": confidences}
        return json.dumps(answer, ensure_ascii=False) + "\n"
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([["clip_id", *confidences], [clip_id, *confidences.values()]])
    return out.getvalue()
