"""Training: masked binary cross-entropy, cosine learning rate, averaged weights, resumable."""

import math
from dataclasses import dataclass
from pathlib import Path

import lightning as L
import numpy as np
import torch
from lightning.pytorch.callbacks import ModelCheckpoint, WeightAveraging
from lightning.pytorch.loggers import CSVLogger
from torch import Tensor, nn

from timbre.features.windows import Windows
from timbre.models.dataset import Batch, plain_loader, train_loader
from timbre.models.metrics import class_average_precisions, label_ranking_average_precision
from timbre.models.network import CompactCnn, NetworkConfig

LAST_FILE = "last.ckpt"
EMA_DECAY = 0.998


@dataclass(frozen=True)
class TrainingConfig:
    """Numbers of a run; an epoch is `batches_per_epoch` batches, whatever the number of windows."""

    batch_size: int = 64
    batches_per_epoch: int = 200
    epochs: int = 20
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warmup_share: float = 0.05
    seed: int = 0


def _warming_average(average: Tensor, current: Tensor, n_averaged: Tensor | int) -> Tensor:
    """Exponential moving average that forgets the first steps quickly, so that it is soon of use."""
    decay = min(EMA_DECAY, (1.0 + float(n_averaged)) / (10.0 + float(n_averaged)))
    return decay * average + (1.0 - decay) * current


def masked_bce(logits: Tensor, targets: Tensor, known: Tensor) -> Tensor:
    """Binary cross-entropy over the known labels; `(batch, n_labels)` each."""
    losses = nn.functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return (losses * known).sum() / known.sum().clamp_min(1.0)


class TaggingModule(L.LightningModule):
    """The network with its loss, schedule and validation scores."""

    def __init__(self, labels: tuple[str, ...], network: NetworkConfig, config: TrainingConfig):
        super().__init__()
        self.config = config
        self.network = CompactCnn(len(labels), network)
        # Twice as fast on a CPU; torch has no type for it.
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._seen: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def training_step(self, batch: Batch, _: int) -> Tensor:
        log_mel, targets, known = batch
        # Dropout draws the same numbers whether or not the run was interrupted before.
        torch.manual_seed(self.config.seed * 1_000_003 + self.global_step)
        loss = masked_bce(self.network(log_mel), targets, known)
        self.log("train_loss", loss, on_epoch=True, on_step=False, batch_size=len(log_mel))
        return loss

    def validation_step(self, batch: Batch, _: int) -> None:
        log_mel, targets, known = batch
        logits = self.network(log_mel)
        self.log("validation_loss", masked_bce(logits, targets, known), batch_size=len(log_mel))
        self._seen.append((logits.numpy(), targets.numpy() > 0, known.numpy() > 0))

    def on_validation_epoch_end(self) -> None:
        """Log mAP and LRAP over all of the validation windows."""
        logits, targets, known = (np.concatenate(parts) for parts in zip(*self._seen, strict=True))
        self._seen.clear()
        precisions = class_average_precisions(targets, logits, known)
        self.log("validation_map", float(np.nanmean(precisions)), prog_bar=True)
        self.log("validation_lrap", label_ranking_average_precision(targets, logits, known), prog_bar=True)

    def configure_optimizers(self) -> dict[str, object]:  # type: ignore[override]
        config = self.config
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        n_steps = config.epochs * config.batches_per_epoch
        n_warmup = max(1, int(n_steps * config.warmup_share))

        def factor(step: int) -> float:
            if step < n_warmup:
                return (step + 1) / n_warmup
            return 0.5 * (1.0 + math.cos(math.pi * (step - n_warmup) / max(1, n_steps - n_warmup)))

        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def train(
    train_windows: Windows,
    validation_windows: Windows,
    run_dir: Path,
    config: TrainingConfig,
    network: NetworkConfig,
    *,
    validate_every: int = 1,
    progress: bool = True,
    stop_after_epochs: int | None = None,
) -> CompactCnn:
    """Train, going on from `run_dir/last.ckpt` if it is there; the network has the averaged weights.

    Parameters
    ----------
    stop_after_epochs
        End earlier than the schedule, as an interruption would.
    """
    L.seed_everything(config.seed, verbose=False)
    module = TaggingModule(train_windows.labels, network, config)
    keep_last = ModelCheckpoint(
        run_dir, Path(LAST_FILE).stem, save_on_train_epoch_end=True, enable_version_counter=False
    )
    trainer = L.Trainer(
        max_epochs=stop_after_epochs or config.epochs,
        accelerator="auto",
        devices=1,
        callbacks=[WeightAveraging(use_buffers=True, avg_fn=_warming_average), keep_last],
        logger=CSVLogger(run_dir, name="log"),
        check_val_every_n_epoch=validate_every,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        gradient_clip_val=1.0,
        enable_progress_bar=progress,
        enable_model_summary=False,
    )
    last = run_dir / LAST_FILE
    trainer.fit(
        module,
        train_loader(train_windows, config.batch_size, config.batches_per_epoch, config.seed),
        plain_loader(validation_windows, config.batch_size),
        ckpt_path=str(last) if last.exists() else None,
        weights_only=False,
    )
    return averaged_network(last, train_windows.labels, network)


def averaged_network(state: Path, labels: tuple[str, ...], config: NetworkConfig) -> CompactCnn:
    """The network with the averaged weights of a run's state, ready to predict."""
    saved = torch.load(state, map_location="cpu", weights_only=False)  # a file of this run's own
    module = TaggingModule(labels, config, TrainingConfig())
    module.load_state_dict(saved["state_dict"])
    return module.network.eval()
