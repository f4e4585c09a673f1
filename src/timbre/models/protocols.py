"""Published ways to score instrument recognition, and what others reached by them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from timbre.data.clips import Meaning
from timbre.data.datasets import irmas, openmic2018
from timbre.models.clip_evaluation import Evaluated
from timbre.models.clip_truth import Members
from timbre.models.scores import score

# Han et al. also divide an excerpt's values by the greatest of them, and choose a threshold for the
# quotients on the test excerpts themselves; this one is chosen on none.
RELATIVE_THRESHOLD = 0.5


@dataclass(frozen=True)
class Published:
    """Figures by others; `scores` has the names of `timbre.models.scores.score`."""

    system: str
    source: str
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Protocol:
    """Which clips and labels count, and which scores are compared.

    Attributes
    ----------
    level
        Of the ontology, whose labels are those of the data set.
    classes
        Every label of the data set with what it means.
    n_clips
        Of the test part as published; with fewer the figures are not comparable.
    relative
        Whether the scores of probabilities divided by each clip's greatest stand beside.
    """

    title: str
    dataset: str
    level: str
    classes: Mapping[str, Meaning]
    n_clips: int
    metrics: tuple[str, ...]
    published: tuple[Published, ...]
    relative: bool = False

    @property
    def members(self) -> Members:
        """The leaves that each label of the data set stands for."""
        return {label: frozenset(meaning.present + meaning.any_of) for label, meaning in self.classes.items()}


PROTOCOLS: dict[str, Protocol] = {
    "openmic": Protocol(
        title="OpenMIC-2018, test part of split01, where Y_mask is set",
        dataset="openmic2018",
        level="openmic",
        classes=openmic2018.CLASSES,
        n_clips=5_085,
        metrics=("map", "f1_macro"),
        published=(
            Published("largest self-supervised encoders", "", {"map": 0.86}),
            Published("DyMN-L", "Schmid et al. 2023", {"map": 0.855}),
            Published("PaSST", "Koutini et al. 2022", {"map": 0.843}),
            Published("VGGish and random forest", "Humphrey et al. 2018", {"f1_macro": 0.784}),
        ),
    ),
    "irmas": Protocol(
        title="IRMAS, testing excerpts",
        dataset="irmas",
        level="irmas",
        classes=irmas.CLASSES,
        n_clips=2_874,
        metrics=("f1_micro", "f1_macro", "lrap"),
        published=(
            Published("PaSST, fine-tuned", "", {"f1_micro": 0.688, "f1_macro": 0.617}),
            Published("pretrained on single notes", "Zhong et al. 2023", {"f1_micro": 0.674, "lrap": 0.814}),
            Published("CNN", "Han et al. 2016", {"f1_micro": 0.602, "f1_macro": 0.503}),
        ),
        relative=True,
    ),
}


def protocol_scores(protocol: Protocol, evaluated: Evaluated) -> dict[str, Any]:
    """Scores over all labels of the protocol, as plain values, with the published ones."""
    answers = evaluated.answers(protocol.level, protocol.members, tuple(protocol.classes))
    result: dict[str, Any] = {
        "protocol": protocol.title,
        "expected_clips": protocol.n_clips,
        "metrics": list(protocol.metrics),
        "scores": score(answers),
        "published": [
            {"system": one.system, "source": one.source, **one.scores} for one in protocol.published
        ],
    }
    if protocol.relative:
        greatest = answers.probabilities.max(axis=1, keepdims=True)
        quotients = answers.probabilities / np.maximum(greatest, np.finfo(np.float32).tiny)
        thresholds = np.full(len(answers.labels), RELATIVE_THRESHOLD)
        result["relative_scores"] = score(replace(answers, probabilities=quotients, thresholds=thresholds))
    return result
