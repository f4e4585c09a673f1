import numpy as np

from timbre.features.effects.echo import Echo


def test_a_click_comes_again_each_time_softer():
    click = np.zeros(32_000, np.float32)
    click[10] = 1.0
    heard = Echo(delay_s=0.25, level=0.5, feedback=0.4)(click)
    assert np.flatnonzero(heard).tolist() == [10, 8_010, 16_010, 24_010]
    assert np.allclose(heard[[10, 8_010, 16_010, 24_010]], [1.0, 0.5, 0.2, 0.08])
    assert click.sum() == 1.0
