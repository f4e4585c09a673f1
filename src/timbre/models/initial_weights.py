"""Training that begins with the weights of a checkpoint: the same network, labels matched by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from timbre.errors import TimbreError
from timbre.features.mix_audio import CONTEXT_S
from timbre.models.checkpoint import SAFETENSORS_FILE, CheckpointConfig, load_config
from timbre.models.network import CompactCnn, NetworkConfig, network_config
from timbre.models.stored_weights import load_network
from timbre.models.tagger import find_checkpoint

_HEAD = "head."  # what the names of weights with a row a label begin with


@dataclass(frozen=True)
class InitialWeights:
    """The checkpoint that training begins with."""

    config: CheckpointConfig
    network: CompactCnn

    @property
    def name(self) -> str:
        """As `CheckpointConfig.full_name`."""
        return self.config.full_name

    def new_labels(self, labels: Sequence[str]) -> list[str]:
        """Those that the checkpoint does not know, which begin from nothing.

        Raises
        ------
        TimbreError
            When it knows none of them.
        """
        new = [label for label in labels if label not in self.config.labels]
        if len(new) == len(labels):
            raise TimbreError(
                "bad_checkpoint", f"{self.name} knows none of these labels.", "Train without --init."
            )
        return new

    def check_network(self, chosen: NetworkConfig) -> None:
        """Refuse weights of another network.

        How many frames the first layer steps on shapes no weight, so that may differ: the first epochs
        get used to it.

        Raises
        ------
        TimbreError
            `bad_checkpoint`.
        """
        ours, theirs = (_shaping(config) for config in (chosen, self.network.config))
        if other := [name for name in ours if ours[name] != theirs[name]]:
            raise TimbreError(
                "bad_checkpoint",
                f"{self.name} is another network: {', '.join(other)} differ.",
                "Leave --size and --pooling to the checkpoint.",
            )

    def put_into(self, network: CompactCnn, labels: Sequence[str]) -> None:
        """Give a network of the same sizes these weights; those of new labels stay as they are."""
        ours = [row for row, label in enumerate(labels) if label in self.config.labels]
        theirs = [self.config.labels.index(labels[row]) for row in ours]
        state = network.state_dict()
        with torch.no_grad():
            for name, weights in self.network.state_dict().items():
                if name.startswith(_HEAD):
                    state[name][ours] = weights[theirs]
                else:
                    state[name].copy_(weights)


def _shaping(config: NetworkConfig) -> dict[str, Any]:
    """What the shapes and the use of the weights depend on."""
    return {**config.as_dict(), "stem_stride": config.stem_stride[0]}


def read_initial(model: str | Path) -> InitialWeights:
    """The weights of a checkpoint: a folder, or `org/name[@revision]` on the Hub.

    Raises
    ------
    TimbreError
        `bad_checkpoint`, also when it was made for another front end or context.
    """
    folder = find_checkpoint(model)
    config = load_config(folder)
    if config.context_s != CONTEXT_S:
        raise _bad(f"{config.full_name} hears {config.context_s:g} s at a time, not {CONTEXT_S:g}.")
    if not (folder / SAFETENSORS_FILE).is_file():
        raise _bad(f"{config.full_name} has no {SAFETENSORS_FILE}, without which nothing can be learned on.")
    try:
        return InitialWeights(
            config, load_network(folder, len(config.labels), network_config(config.network))
        )
    except (KeyError, TypeError, ValueError, RuntimeError, SafetensorError):
        raise _bad(f"The weights of {config.full_name} are not those of its network.") from None


def _bad(message: str) -> TimbreError:
    return TimbreError("bad_checkpoint", message)
