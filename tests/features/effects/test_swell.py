import numpy as np
import pytest

from timbre.features.effects.chain import draw_source_effects
from timbre.features.effects.swell import Swell


def test_the_level_goes_in_straight_lines_in_db():
    out = Swell((0.0, -6.0, 6.0))(np.ones(32_001, dtype=np.float32))
    assert out.dtype == np.float32
    levels_db = 20 * np.log10(out[[0, 8_000, 16_000, 24_000, 32_000]])
    np.testing.assert_allclose(levels_db, [0.0, -3.0, -6.0, 0.0, 6.0], atol=1e-4)


@pytest.mark.parametrize(("leaf", "swells"), [("cello", True), ("organ", True), ("piano", False)])
def test_only_what_is_sustained_swells(leaf, swells):
    drawn = [draw_source_effects(leaf, np.random.default_rng(seed)) for seed in range(60)]
    assert any(isinstance(effect, Swell) for effects in drawn for effect in effects) == swells
