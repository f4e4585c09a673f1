"""Lightning's trainer as every run here has it: averaged weights, kept states, logs, early stopping."""

import json
import logging
import warnings
from pathlib import Path
from pickle import UnpicklingError
from time import perf_counter
from typing import Any

import lightning as L
import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.fabric.utilities.rank_zero import rank_zero_only
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint, WeightAveraging
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from lightning.pytorch.plugins.io import TorchCheckpointIO
from torch import Tensor

from timbre.errors import TimbreError
from timbre.files import atomic, write_json
from timbre.models.prefetch import Prefetched
from timbre.models.training_config import Hardware

LAST_FILE, BEST_FILE = "last.ckpt", "best.ckpt"
RUN_FILE = "run.json"
LOG_DIR, TENSORBOARD_DIR = "log", "tensorboard"
MONITORED = "validation_map"
EMA_DECAY = 0.998
MAY_CHANGE = ("epochs", "patience")  # of a run that goes on


def make_trainer(
    run_dir: Path,
    hardware: Hardware,
    *,
    epochs: int,
    validate_every: int,
    patience: int,
    progress: bool,
    clock: L.Callback,
) -> L.Trainer:
    """A trainer that keeps its last state and that of the best validation mAP in `run_dir`.

    Raises
    ------
    TimbreError
        When Lightning refuses the hardware.
    """
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # else it advertises other products
    warnings.filterwarnings("ignore", "Checkpoint directory")  # that it is not empty is how a run goes on
    stopping = [
        _Patience(MONITORED, mode="max", patience=patience, check_on_train_epoch_end=False, verbose=False)
    ]
    try:
        return L.Trainer(
            max_epochs=epochs,
            accelerator=hardware.accelerator,
            devices=hardware.devices,
            num_nodes=hardware.nodes,
            strategy=hardware.strategy,
            precision=hardware.precision,  # type: ignore[arg-type]
            callbacks=[
                WeightAveraging(use_buffers=True, avg_fn=_warming_average),
                clock,
                *(stopping if patience else []),
                _keep(run_dir, BEST_FILE, monitor=MONITORED, mode="max", save_on_train_epoch_end=False),
                _keep(run_dir, LAST_FILE, save_on_train_epoch_end=True),
            ],
            plugins=[_WholeStates()],
            logger=[CSVLogger(run_dir, LOG_DIR), TensorBoardLogger(run_dir, TENSORBOARD_DIR)],
            check_val_every_n_epoch=validate_every,
            num_sanity_val_steps=0,
            log_every_n_steps=1,  # nothing is logged but epochs
            use_distributed_sampler=False,
            gradient_clip_val=1.0,
            enable_progress_bar=progress,
            enable_model_summary=False,
        )
    except (MisconfigurationException, TypeError, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        hint = "Change --accelerator, --devices, --nodes, --strategy or --precision."
        raise TimbreError("not_possible", f"Lightning cannot train like this: {reason}", hint) from error


class _Patience(EarlyStopping):
    """Early stopping whose patience is that of this part of the run, not of the one before."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        super().load_state_dict({**state_dict, "patience": self.patience})


class _WholeStates(TorchCheckpointIO):
    """Writes a state whole or not at all; Lightning's own way copies it from $TMPDIR over the last one."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None
    ) -> None:
        with atomic(Path(path)) as temporary:
            torch.save(checkpoint, temporary)


def _keep(run_dir: Path, name: str, **options: Any) -> ModelCheckpoint:
    return ModelCheckpoint(run_dir, Path(name).stem, enable_version_counter=False, **options)


def _warming_average(average: Tensor, current: Tensor, n_averaged: Tensor | int) -> Tensor:
    """Exponential moving average that forgets the first steps quickly, so that it is soon of use."""
    decay = min(EMA_DECAY, (1.0 + float(n_averaged)) / (10.0 + float(n_averaged)))
    return decay * average + (1.0 - decay) * current


class WaitingClock(L.Callback):
    """Logs the share of the training time in which the trainer waited for its batches."""

    def __init__(self) -> None:
        self._waited_s = self._trained_s = 0.0
        self._begun = self._ended = 0.0

    @property
    def share(self) -> float | None:
        """Of all epochs so far; None before the first."""
        return self._waited_s / self._trained_s if self._trained_s else None

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        self._begun = perf_counter()

    def on_train_batch_end(self, *_: Any, **__: Any) -> None:
        self._ended = perf_counter()

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        loader = trainer.train_dataloader
        assert isinstance(loader, Prefetched)
        trained_s = self._ended - self._begun
        self._waited_s += loader.waited_s
        self._trained_s += trained_s
        pl_module.log("waiting_share", loader.waited_s / max(trained_s, 1e-9), rank_zero_only=True)


def last_epochs_divisor(epochs: int, validate_every: int) -> int:
    """The longest pause between validations, not above the asked one, with one after the last epoch."""
    return next(n for n in range(min(validate_every, epochs), 0, -1) if epochs % n == 0)


def begin_run(run_dir: Path, facts: dict[str, Any]) -> None:
    """Write what is trained into `run.json`.

    Raises
    ------
    TimbreError
        When the folder holds the state of a run with other facts, but for `MAY_CHANGE`. What an earlier
        version did not write down may be anything.
    """
    path = run_dir / RUN_FILE
    facts = json.loads(json.dumps(facts))
    if path.exists() and (run_dir / LAST_FILE).exists():
        before = _read_facts(path)
        names = sorted(name for name in before if before[name] != facts.get(name))
        if other := [name for name in names if name not in MAY_CHANGE]:
            raise TimbreError("bad_run", f"{run_dir} holds a run with another {', '.join(other)}.")
    rank_zero_only(write_json)(path, facts)


def read_run(run_dir: Path) -> dict[str, Any]:
    """What `begin_run` wrote.

    Raises
    ------
    TimbreError
        `bad_run`, when there is nothing, or nothing that can be read.
    """
    if not (run_dir / RUN_FILE).exists():
        raise TimbreError("bad_run", f"{run_dir} holds no run.", "Name a folder that `timbre train` made.")
    return _read_facts(run_dir / RUN_FILE)


def _read_facts(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise damaged(path) from None


def has_stopped_early(run_dir: Path, patience: int) -> bool:
    """Whether the state in `run_dir` is that of a run whose patience is at its end.

    Raises
    ------
    TimbreError
        When there is one that cannot be read.
    """
    last = run_dir / LAST_FILE
    if not last.exists():
        return False
    waited = [state.get("wait_count", 0) for state in read_state(last)["callbacks"].values()]
    return bool(patience) and max(waited, default=0) >= patience


def read_state(path: Path) -> dict[str, Any]:
    """A state that a run of one's own wrote: it is unpickled, so take none from strangers.

    Raises
    ------
    TimbreError
        When it is damaged.
    """
    try:
        return dict(torch.load(path, map_location="cpu", weights_only=False))
    except (OSError, EOFError, RuntimeError, ValueError, UnpicklingError):
        raise damaged(path) from None


def damaged(path: Path) -> TimbreError:
    """What to say of a file of a run that cannot be read."""
    return TimbreError("bad_run", f"{path} is damaged.", f"Remove {path.parent} and begin again.")
