"""What is true of clips at any level of the ontology, from what is known of their leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from timbre.features.mix_truth import multi_hot
from timbre.models.metrics import Bools
from timbre.taxonomy import BY_ID, level_of

LEAVES = tuple(BY_ID)
Members = Mapping[str, frozenset[str]]  # the leaves of each label


@dataclass(frozen=True)
class LeafTruth:
    """What is known of clips leaf by leaf, `(n, n_leaves)` in the order of `LEAVES`.

    Attributes
    ----------
    any_of
        For each clip the sets of leaves of which at least one sounds.
    """

    present: Bools
    absent: Bools
    any_of: Sequence[Sequence[frozenset[str]]]

    def at(self, labels: Sequence[str], members: Members) -> tuple[Bools, Bools]:
        """Targets and known, `(n, n_labels)`, of labels that stand for several leaves.

        A label is present if one of its leaves is, or if one of several sounds that are all its
        own; absent if all of its leaves are; else unknown.
        """
        columns = [self._of(members[label]) for label in labels]
        targets = np.stack([present for present, _ in columns], axis=1)
        absent = np.stack([absent for _, absent in columns], axis=1)
        return targets, targets | absent

    def _of(self, leaves: frozenset[str]) -> tuple[Bools, Bools]:
        places = [LEAVES.index(leaf) for leaf in leaves]
        chosen = np.array([any(group <= leaves for group in groups) for groups in self.any_of], bool)
        present = self.present[:, places].any(axis=1) | chosen
        return present, self.absent[:, places].all(axis=1) & ~present


def truth_of_rows(rows: pd.DataFrame) -> LeafTruth:
    """Of rows of the metadata table."""
    groups = [[frozenset(group.split("|")) for group in any_of] for any_of in rows["any_of"]]
    return LeafTruth(multi_hot(rows["present"], LEAVES), multi_hot(rows["absent"], LEAVES), groups)


def truth_of_windows(targets: Bools, known: Bools, any_of: Bools, labels: Sequence[str]) -> LeafTruth:
    """Of rendered windows, `(n, n_labels)`, with their groups; leaves that they do not name are unknown."""
    places = [LEAVES.index(label) for label in labels]
    present, absent = (np.zeros((len(targets), len(LEAVES)), bool) for _ in range(2))
    present[:, places] = targets & known
    absent[:, places] = ~targets & known
    groups = [[frozenset(np.array(labels)[group]) for group in row if group.any()] for row in any_of]
    return LeafTruth(present, absent, groups)


def level_members(level: str) -> dict[str, frozenset[str]]:
    """The leaves of every label of a level of the ontology."""
    names = {leaf: level_of(leaf, level) for leaf in LEAVES}
    return {
        label: frozenset(leaf for leaf, name in names.items() if name == label)
        for label in names.values()
        if label
    }
