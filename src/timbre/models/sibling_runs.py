"""The mean of the weights of several runs that began with the same checkpoint: no slower than one of them.

Such networks lie in one valley of the loss, and its middle often answers better for recordings that are
unlike what was learned from (Wortsman et al., "Model soups", 2022; Ramé et al., "Diverse weight averaging for
out-of-distribution generalization", 2022). Networks that began apart have no such middle.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from timbre.errors import TimbreError
from timbre.models.network import CompactCnn, network_config
from timbre.models.trainer import BEST_FILE, read_run
from timbre.models.training import averaged_network

ALIKE = ("network", "labels", "digests")  # what siblings share, beside the checkpoint that they began with


def mean_network(run_dirs: Sequence[Path], init: str, digests: dict[str, str | None]) -> CompactCnn:
    """The network with the mean of the runs' best weights, ready to predict.

    Parameters
    ----------
    init
        Full name of the checkpoint that all of them began with.
    digests
        Of the windows that lie where the network is to be calibrated and scored.

    Raises
    ------
    TimbreError
        `bad_run`: when one began otherwise, is another network, has other labels or windows,
        or holds no state.
    """
    facts = [read_run(run_dir) for run_dir in run_dirs]
    for run_dir, own in zip(run_dirs, facts, strict=True):
        _check_sibling(run_dir, own, {**facts[0], "digests": digests, "init": init})
    config, labels = network_config(facts[0]["network"]), tuple(facts[0]["labels"])
    networks = [averaged_network(run_dir / BEST_FILE, labels, config) for run_dir in run_dirs]
    mean = CompactCnn(len(labels), config)
    mean.load_state_dict(_mean([network.state_dict() for network in networks]))
    return mean.eval()


def _check_sibling(run_dir: Path, own: dict[str, Any], expected: dict[str, Any]) -> None:
    if own.get("init") != expected["init"]:
        raise TimbreError(
            "bad_run",
            f"{run_dir} began with {own.get('init') or 'random weights'}, not with {expected['init']}.",
            "Only runs that began with the same checkpoint have a mean that is of use.",
        )
    if other := [name for name in ALIKE if own.get(name) != expected.get(name)]:
        raise TimbreError("bad_run", f"{run_dir} holds a run with another {', '.join(other)}.")


def _mean(states: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Counts are the first one's."""
    return {
        name: torch.stack([state[name] for state in states]).mean(dim=0)
        if first.is_floating_point()
        else first
        for name, first in states[0].items()
    }
