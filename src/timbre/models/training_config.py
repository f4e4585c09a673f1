"""The numbers of a training run and what it computes on; read without torch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingConfig:
    """Numbers of a run; an epoch is `batches_per_epoch` batches, whatever the number of windows.

    Attributes
    ----------
    patience
        So many validations without a better mAP end the run; 0: none do.
    balance
        Power of `timbre.models.balance.rarity_weights`.
    """

    batch_size: int = 64
    batches_per_epoch: int = 200
    epochs: int = 20
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warmup_share: float = 0.05
    patience: int = 5
    balance: float = 0.5
    seed: int = 0


# For a transformer that has learned much already.
FINE_TUNING = TrainingConfig(batch_size=16, learning_rate=1e-4)


@dataclass(frozen=True)
class Hardware:
    """What to compute on, in Lightning's words."""

    accelerator: str = "auto"
    devices: str = "1"
    nodes: int = 1
    strategy: str = "auto"
    precision: str = "32-true"
