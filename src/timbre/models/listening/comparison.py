"""A checkpoint beside another tagger on whole recordings that neither learned from.

`manifest.csv` names the files (`manifest`), `reference.csv` holds what the other tagger says of their
segments. Both are compared at OpenMIC's 20 labels, a file by the mean over its seconds. Songs with their
score or their voice beside them are scored second by second too (`seconds`), and files without any
instrument say how often one is named.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from timbre.models.listening.heard import Heard, heard_by, heard_by_reference
from timbre.models.listening.manifest import file_truth, place_of, read_manifest, solos
from timbre.models.listening.scores import Truths, difference, file_scores, second_scores, voice_scores
from timbre.models.listening.seconds import truth_of_score, truth_of_vocals
from timbre.models.listening.steadiness import steadiness
from timbre.models.metrics import Bools, Floats
from timbre.models.tagger import Tagger
from timbre.taxonomy import OPENMIC

REFERENCE_FILE = "reference.csv"


def compare_with_reference(folder: Path, model: Path) -> dict[str, Any]:
    """Scores of the checkpoint, and of the reference where there is one, on the same files.

    Raises
    ------
    TimbreError
        When a list lacks a column or a file or names no instrument, or a file cannot be tagged.
    """
    manifest = read_manifest(folder)
    targets, known = file_truth(manifest)
    paths = [place_of(folder, path) for path in manifest["path"]]
    tagger = Tagger.from_pretrained(model)
    taggers = {"model": [heard_by(tagger, path) for path in tqdm(paths, "tagging")]}
    if (folder / REFERENCE_FILE).exists():
        lengths = [len(heard.seconds) for heard in taggers["model"]]
        taggers["reference"] = heard_by_reference(folder / REFERENCE_FILE, manifest, lengths)
    solo = solos(manifest, targets, known)
    means = {name: np.stack([one.seconds.mean(axis=0) for one in heard]) for name, heard in taggers.items()}
    result: dict[str, Any] = {"files": len(paths)}
    result |= {name: file_scores(values, targets, known, solo) for name, values in means.items()}
    result |= _solo_and_difference(manifest, means, targets, known, solo)
    songs = _songs(paths)
    for kind, truths, scores in (("songs", songs, second_scores), ("voice", _stems(paths), voice_scores)):
        result[kind] = {"files": {paths[row].name: lag_s for row, (_, lag_s) in truths.items()}}
        result[kind] |= {name: scores(heard, truths) for name, heard in taggers.items() if truths}
    result["steadiness"] = steadiness(taggers["model"], songs)
    result["false_alarms"] = _false_alarms(manifest, taggers["model"])
    return result


def _solo_and_difference(
    manifest: pd.DataFrame, means: dict[str, Floats], targets: Bools, known: Bools, solo: Bools
) -> dict[str, Any]:
    answers = _solo_answers(manifest, means["model"], targets, solo)
    if "reference" not in means:
        return {"solo": answers}
    for answer, row in zip(answers, np.flatnonzero(solo), strict=True):
        answer["reference"] = OPENMIC[int(means["reference"][row].argmax())]
    return {"solo": answers, "difference": difference(means, targets, known, solo)}


def _solo_answers(
    manifest: pd.DataFrame, probabilities: Floats, targets: Bools, solo: Bools
) -> list[dict[str, Any]]:
    return [
        {
            "file": Path(str(manifest["path"][row])).name,
            "truth": OPENMIC[int(targets[row].argmax())],
            "model": OPENMIC[int(probabilities[row].argmax())],
            "probability": round(float(probabilities[row].max()), 3),
        }
        for row in np.flatnonzero(solo)
    ]


def _songs(paths: list[Path]) -> Truths:
    """Row of each song with a score that fits, with the lag of the sound."""
    found = {row: truth_of_score(path) for row, path in enumerate(paths) if path.with_suffix(".mid").exists()}
    return {row: truth for row, truth in found.items() if truth}


def _stems(paths: list[Path]) -> Truths:
    """Row of each song whose voice lies beside it."""
    rows = {path.name: row for row, path in enumerate(paths)}
    vocals = {path: path.with_name(path.name.replace("_mix.", "_vocals.")) for path in paths}
    return {
        rows[path.name]: (truth_of_vocals(voice), None)
        for path, voice in vocals.items()
        if voice != path and voice.exists()
    }


def _false_alarms(manifest: pd.DataFrame, heard: list[Heard]) -> dict[str, Any]:
    """Of files without any instrument: the share of their seconds in which one is named, and which."""
    found: dict[str, Any] = {}
    for row in np.flatnonzero(manifest["absent"] == "all"):
        named = heard[row].named
        assert named is not None  # the model's, which has thresholds
        labels = [OPENMIC[column] for column in np.flatnonzero(named.any(axis=0))]
        share = round(float(named.any(axis=1).mean()), 4)
        found[Path(str(manifest["path"][row])).name] = {"share": share, "labels": labels}
    return found
