"""The truth that the protocols count is that of the data sets' own files."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as reference

from timbre.data.clips import Truth
from timbre.data.datasets import DATA_SETS, irmas, openmic2018
from timbre.data.label_maps import partial_truth
from timbre.models.clip_evaluation import Evaluated
from timbre.models.clip_truth import truth_of_rows
from timbre.models.protocols import PROTOCOLS, RELATIVE_THRESHOLD, protocol_scores
from timbre.models.tagger import Tagger
from timbre.taxonomy import IRMAS, OPENMIC, level_labels


def rows_of(truths: list[Truth]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "present": [list(truth.present) for truth in truths],
            "absent": [list(truth.absent) for truth in truths],
            "any_of": [["|".join(group) for group in truth.any_of] for truth in truths],
        }
    )


def test_openmic_counts_just_what_its_arrays_say():
    rng = np.random.default_rng(0)
    heard, asked = rng.random((400, 20)) < 0.5, rng.random((400, 20)) < 0.3
    meanings = [openmic2018.CLASSES[label] for label in OPENMIC]
    truths = [
        partial_truth(
            [meanings[c] for c in np.flatnonzero(ask & hear)],
            [meanings[c] for c in np.flatnonzero(ask & ~hear)],
        )
        for hear, ask in zip(heard, asked, strict=True)
    ]
    targets, known = truth_of_rows(rows_of(truths)).at(OPENMIC, PROTOCOLS["openmic"].members)
    np.testing.assert_array_equal(known, asked)
    np.testing.assert_array_equal(targets, heard & asked)


def test_irmas_counts_every_code():
    rng = np.random.default_rng(0)
    listed = rng.random((100, 11)) < 0.2
    meanings = [irmas.CLASSES[code] for code in IRMAS]
    truths = [
        partial_truth([meanings[c] for c in np.flatnonzero(row)], [meanings[c] for c in np.flatnonzero(~row)])
        for row in listed
    ]
    targets, known = truth_of_rows(rows_of(truths)).at(IRMAS, PROTOCOLS["irmas"].members)
    assert known.all()
    np.testing.assert_array_equal(targets, listed)


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_protocol_is_of_a_data_set_and_a_level_that_exist(name):
    protocol = PROTOCOLS[name]
    assert tuple(protocol.classes) == tuple(DATA_SETS[protocol.dataset].classes)
    assert {*protocol.classes} == {*(OPENMIC if name == "openmic" else IRMAS)}
    assert all(set(one.scores) <= set(protocol.metrics) for one in protocol.published)


def test_irmas_is_scored_as_published_and_relative_to_the_greatest(tiny_model):
    rng = np.random.default_rng(1)
    listed = rng.random((60, 11)) < 0.25
    listed[np.arange(60), rng.integers(11, size=60)] = True
    tagger = Tagger(tiny_model)
    reached = level_labels(tagger.labels, "irmas")
    probabilities = rng.random((60, len(reached)))
    meanings = list(irmas.CLASSES.values())
    truths = [partial_truth([m for m, t in zip(meanings, row, strict=True) if t], meanings) for row in listed]
    evaluated = Evaluated(
        tagger, truth_of_rows(rows_of(truths)), {"irmas": probabilities}, [str(n) for n in range(60)], []
    )
    result = protocol_scores(PROTOCOLS["irmas"], evaluated)

    whole = np.zeros((60, 11))  # what the model does not reach is never named
    whole[:, [IRMAS.index(label) for label in reached]] = probabilities
    scores, relative = result["scores"], result["relative_scores"]
    for average in ("micro", "macro"):
        expected = reference.f1_score(listed, whole >= 0.5, average=average, zero_division=0)
        assert scores[f"f1_{average}"] == pytest.approx(expected, abs=6e-5)
        quotients = whole / whole.max(axis=1, keepdims=True)
        expected = reference.f1_score(
            listed, quotients >= RELATIVE_THRESHOLD, average=average, zero_division=0
        )
        assert relative[f"f1_{average}"] == pytest.approx(expected, abs=6e-5)
    expected = reference.label_ranking_average_precision_score(listed, whole)
    assert scores["lrap"] == pytest.approx(expected, abs=6e-5)
    assert {"f1_micro": 0.602, "f1_macro": 0.503}.items() <= result["published"][-1].items()
