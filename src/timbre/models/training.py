"""Training: masked binary cross-entropy, cosine learning rate, averaged weights, resumable."""

import hashlib
import math
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import lightning as L
import numpy as np
import torch
from lightning.pytorch.utilities.exceptions import SIGTERMException
from torch import Tensor, nn

from timbre.errors import TimbreError
from timbre.features.splits import MANY_GROUPS, MIN_CLIPS, MIN_SECONDS
from timbre.models.any_of import with_groups
from timbre.models.dataset import (
    Batch,
    BatchPlan,
    Labelled,
    WindowSource,
    plain_loader,
    process_place,
    train_loader,
)
from timbre.models.freed_memory import keep_freed_memory
from timbre.models.initial_weights import InitialWeights
from timbre.models.losses import tagging_loss
from timbre.models.metrics import class_average_precisions, label_ranking_average_precision
from timbre.models.network import CompactCnn, NetworkConfig
from timbre.models.prefetch import Prefetched
from timbre.models.trainer import (
    BEST_FILE,
    LAST_FILE,
    MONITORED,
    WaitingClock,
    begin_run,
    has_stopped_early,
    last_epochs_divisor,
    make_trainer,
    read_state,
)
from timbre.models.training_config import Hardware, TrainingConfig

Loader = Prefetched[BatchPlan, Batch]
Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True)
class Trained(Generic[Network]):
    """What a run came to.

    Attributes
    ----------
    network
        With the averaged weights of the epoch of best validation mAP, on the CPU, ready to predict.
    waiting_share
        Of the training time of this process, waiting for batches; None if there was nothing left to train.
    is_main
        Whether this process is the one of those that trained together that goes on alone.
    """

    network: Network
    validation_map: float
    waiting_share: float | None
    is_main: bool


class TaggingModule(L.LightningModule, Generic[Network]):
    """A network from inputs to logits `(batch, n_labels)`, with loss, schedule and validation scores."""

    def __init__(self, network: Network, config: TrainingConfig):
        super().__init__()
        self.config = config
        self.network = network
        self._seen: list[tuple[np.ndarray, ...]] = []

    def training_step(self, batch: Batch, _: int) -> Tensor:
        inputs, *truth = batch
        # Dropout draws the same numbers whether or not the run was interrupted before.
        place, n_processes = process_place()
        torch.manual_seed(self.config.seed * 1_000_003 + self.global_step * n_processes + place)
        loss = tagging_loss(self.network(inputs).float(), *truth)
        self.log("train_loss", loss, on_epoch=True, on_step=False, batch_size=len(inputs))
        return loss

    def on_train_epoch_end(self) -> None:
        """Log the learning rate that the epoch ended with."""
        rate = self.trainer.optimizers[0].param_groups[0]["lr"]
        self.log("learning_rate", rate, rank_zero_only=True)

    def validation_step(self, batch: Batch, _: int) -> None:
        inputs, *truth = batch
        logits = self.network(inputs).float()
        self.log("validation_loss", tagging_loss(logits, *truth), batch_size=len(inputs))
        self._seen.append((logits.cpu().numpy(), *(told.cpu().numpy() > 0 for told in truth)))

    def on_validation_epoch_end(self) -> None:
        """Log mAP and LRAP over all of the validation windows, groups counting as labels.

        Each of several processes validates all of them, so that all stop at the same epoch.

        Raises
        ------
        TimbreError
            `diverged`.
        """
        seen = (np.concatenate(parts) for parts in zip(*self._seen, strict=True))
        logits, targets, known = with_groups(*seen)
        self._seen.clear()
        if not np.isfinite(logits).all():
            raise TimbreError("diverged")
        precisions = class_average_precisions(targets, logits, known)
        self.log(MONITORED, float(np.nanmean(precisions)), prog_bar=True)
        self.log("validation_lrap", label_ranking_average_precision(targets, logits, known), prog_bar=True)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """What the optimizer moves, each with the learning rate at its highest."""
        return [{"params": list(self.parameters()), "lr": self.config.learning_rate}]

    def configure_optimizers(self) -> dict[str, object]:  # type: ignore[override]
        config = self.config
        optimizer = torch.optim.AdamW(self.parameter_groups(), weight_decay=config.weight_decay)
        n_steps = config.epochs * (config.batches_per_epoch // self.trainer.world_size)
        n_warmup = max(1, int(n_steps * config.warmup_share))

        def factor(step: int) -> float:
            if step < n_warmup:
                return (step + 1) / n_warmup
            return 0.5 * (1.0 + math.cos(math.pi * (step - n_warmup) / max(1, n_steps - n_warmup)))

        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def train(
    train_windows: WindowSource,
    validation_windows: WindowSource,
    run_dir: Path,
    config: TrainingConfig,
    network: NetworkConfig,
    *,
    initial: InitialWeights | None = None,
    digests: Mapping[str, str | None] | None = None,
    hardware: Hardware | None = None,
    validate_every: int = 1,
    progress: bool = True,
    stop_after_epochs: int | None = None,
) -> Trained[CompactCnn]:
    """Train a `CompactCnn`, going on from `run_dir/last.ckpt` if it is there.

    Parameters
    ----------
    initial
        Weights to begin with, of the same network.
    digests
        Of the windows of each split, written down with the run.
    validate_every
        Epochs between validations at most; the last epoch is always validated.
    stop_after_epochs
        End earlier than the schedule, as an interruption would.

    Raises
    ------
    TimbreError
        When a split says nothing, `initial` is another network or knows none of the labels, the run in
        `run_dir` is another one, Lightning refuses the hardware, or the weights diverge.
    """
    check_windows({"train": train_windows, "validation": validation_windows})
    L.seed_everything(config.seed, verbose=False)
    compact = CompactCnn(len(train_windows.labels), network)
    if initial:
        initial.check_network(network)
        initial.new_labels(train_windows.labels)
        initial.put_into(compact, train_windows.labels)
    compact.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch has no type for it
    facts = {"network": network.as_dict(), "init": initial.name if initial else None, "digests": digests}
    begin_run(run_dir, {**facts, **windows_facts(train_windows), **asdict(config)})
    return fit(
        TaggingModule(compact, config),
        train_loader(train_windows, config.batch_size, config.batches_per_epoch, config.seed, config.balance),
        plain_loader(validation_windows, config.batch_size),
        run_dir,
        hardware=hardware or Hardware(),
        validate_every=validate_every,
        progress=progress,
        stop_after_epochs=stop_after_epochs,
    )


def check_windows(windows_of: Mapping[str, Labelled]) -> None:
    """Refuse splits from which nothing can be learned or said.

    Raises
    ------
    TimbreError
        `bad_windows`.
    """
    for split, windows in windows_of.items():
        if not (windows.targets & windows.known).any() and not windows.any_of.any():
            raise TimbreError(
                "bad_windows",
                f"No instrument is known to sound in the {split} split.",
                "Add recordings of other groups (players, sessions, kits), so that some can be held out: "
                f"{MANY_GROUPS} of one instrument in one data set, or a few that have {MIN_CLIPS} clips and "
                f"{MIN_SECONDS:g} seconds each.",
            )
        named = windows.targets.any(axis=0) | windows.any_of.any(axis=(0, 1))
        if not ((1 - windows.targets) & windows.known)[:, named].any():
            raise TimbreError(
                "bad_windows",
                f"Of no instrument of the {split} split it is known where it does not sound.",
                "Add clips of other instruments of which that is known.",
            )
    if len({windows.labels for windows in windows_of.values()}) > 1:
        raise TimbreError("bad_windows", "The splits have different labels.")


def windows_facts(windows: Labelled) -> dict[str, Any]:
    """What tells the windows of one run from those of another."""
    return {
        "labels": list(windows.labels),
        "windows": len(windows),
        "targets_sha256": hashlib.sha256(windows.targets.tobytes()).hexdigest(),
    }


def fit(
    module: TaggingModule[Network],
    training: Loader,
    validation: Loader,
    run_dir: Path,
    *,
    hardware: Hardware,
    validate_every: int,
    progress: bool,
    stop_after_epochs: int | None = None,
) -> Trained[Network]:
    """Train a module, or go on with it, and give it the best weights of the run; as `train`."""
    keep_freed_memory()
    config, last, clock = module.config, run_dir / LAST_FILE, WaitingClock()
    trainer = make_trainer(
        run_dir,
        hardware,
        epochs=stop_after_epochs or config.epochs,
        validate_every=last_epochs_divisor(config.epochs, validate_every),
        patience=config.patience,
        progress=progress,
        clock=clock,
    )
    if not has_stopped_early(run_dir, config.patience):
        state = str(last) if last.exists() else None
        try:
            trainer.fit(module, training, validation, ckpt_path=state, weights_only=False)
        except SIGTERMException:  # which ends as if all had been done, and a script would go on
            sys.exit(128 + signal.SIGTERM)
    best = read_state(run_dir / BEST_FILE if (run_dir / BEST_FILE).exists() else last)
    module.load_state_dict(best["state_dict"])
    return Trained(module.network.cpu().eval(), _best_map(best), clock.share, trainer.is_global_zero)


def _best_map(state: dict[str, Any]) -> float:
    scores = [kept.get("current_score") for kept in state["callbacks"].values() if isinstance(kept, dict)]
    return max((float(score) for score in scores if score is not None), default=float("nan"))


def averaged_network(state: Path, labels: tuple[str, ...], config: NetworkConfig) -> CompactCnn:
    """The network with the averaged weights of a run's state, ready to predict."""
    network = CompactCnn(len(labels), config)
    TaggingModule(network, TrainingConfig()).load_state_dict(read_state(state)["state_dict"])
    return network.eval()
