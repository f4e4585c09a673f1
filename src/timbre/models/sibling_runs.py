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

from timbre.data.table import SPLITS
from timbre.errors import TimbreError
from timbre.features.windows import Windows, windows_digest
from timbre.models.network import CompactCnn, network_config
from timbre.models.trainer import BEST_FILE, RUN_FILE, damaged, read_run, read_state
from timbre.models.training import averaged_network, windows_facts

OWN = ("seed", "learning_rate")  # of each run, beside its epochs; in these siblings may differ
_HINT = "Leave it out, or average it with runs of its own kind."


def mean_network(run_dirs: Sequence[Path], init: str, windows_dir: Path) -> CompactCnn:
    """The network with the mean of the runs' best weights, ready to predict.

    Parameters
    ----------
    init
        Full name of the checkpoint that all of them began with.
    windows_dir
        The windows that all of them learned from, in a folder a split.

    Raises
    ------
    TimbreError
        `bad_run`: when one began otherwise, learned from other windows, is another network, or has no state
        that can be read; `bad_windows`.
    """
    expected = {
        "init": init,
        "digests": {split: windows_digest(windows_dir / split) for split in SPLITS},
        **windows_facts(Windows(windows_dir / "train")),
    }
    networks = [_network(run_dir, expected, windows_dir) for run_dir in run_dirs]
    mean = CompactCnn(len(expected["labels"]), networks[0].config)
    for run_dir, network in zip(run_dirs, networks, strict=True):
        if network.config != mean.config:
            raise TimbreError("bad_run", f"{run_dir} is of another network than {run_dirs[0]}.", _HINT)
    mean.load_state_dict(_mean([network.state_dict() for network in networks]))
    return mean.eval()


def facts_of_runs(run_dirs: Sequence[Path]) -> tuple[dict[str, Any], ...]:
    """In what each run may differ from its siblings; `epochs` are those that its best weights had.

    Raises
    ------
    TimbreError
        `bad_run`.
    """
    return tuple(_facts(run_dir) for run_dir in run_dirs)


def _facts(run_dir: Path) -> dict[str, Any]:
    told, best = read_run(run_dir), read_state(run_dir / BEST_FILE)
    return {name: told.get(name) for name in OWN} | {"epochs": int(best["epoch"]) + 1}


def _network(run_dir: Path, expected: dict[str, Any], windows_dir: Path) -> CompactCnn:
    """The network of one run with its best weights."""
    own = read_run(run_dir)
    if "backbone" in own:
        raise TimbreError("bad_run", f"{run_dir} is a run of a transformer.", _HINT)
    if own.get("init") != expected["init"]:
        began = own.get("init") or "random weights"
        raise TimbreError("bad_run", f"{run_dir} began with {began}, not with {expected['init']}.", _HINT)
    if any(own.get(name) != told for name, told in expected.items()):
        raise TimbreError(
            "bad_run",
            f"{run_dir} learned from other windows than those in {windows_dir}.",
            "Name their folder with --windows; runs that learned from clips need --from clips.",
        )
    return _best_network(run_dir, own, tuple(expected["labels"]))


def _best_network(run_dir: Path, own: dict[str, Any], labels: tuple[str, ...]) -> CompactCnn:
    if not (run_dir / BEST_FILE).exists():
        raise TimbreError("bad_run", f"{run_dir} was never validated.", "Let `timbre train` go on with it.")
    try:
        return averaged_network(run_dir / BEST_FILE, labels, network_config(own["network"]))
    except (AttributeError, KeyError, TypeError, ValueError, RuntimeError):
        raise damaged(run_dir / RUN_FILE) from None


def _mean(states: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Batch statistics are averaged like weights; counts are the first one's."""
    return {
        name: torch.stack([state[name] for state in states]).mean(dim=0)
        if first.is_floating_point()
        else first
        for name, first in states[0].items()
    }
