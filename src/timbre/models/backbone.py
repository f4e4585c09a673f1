"""A pretrained audio transformer of the `transformers` library, with a new head for our labels."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from timbre.errors import TimbreError
from timbre.models.training import TaggingModule

LAYER_DECAY = 0.8  # each layer learns so much slower than the one above it
HEAD_ONLY_SHARE, UPPER_HALF_SHARE = 0.2, 0.5  # of the epochs: until then no more than these layers learn


class Backbone(nn.Module):
    """Inputs as `extractor` makes them to logits `(batch, n_labels)`.

    Attributes
    ----------
    extractor
        The feature extractor that belongs to the model.
    """

    def __init__(self, model: Any, extractor: Any):
        super().__init__()
        self.model, self.extractor = model, extractor

    def forward(self, inputs: Tensor) -> Tensor:
        logits: Tensor = self.model(inputs).logits
        return logits

    def inputs(self, waveforms: Sequence[Any]) -> Tensor:
        """What the model takes of mono waveforms at `sample_rate_hz`, all of one length."""
        made = self.extractor(
            list(waveforms), sampling_rate=self.sample_rate_hz, padding="longest", return_tensors="pt"
        )
        inputs: Tensor = made[self.model.main_input_name]
        return inputs

    @property
    def sample_rate_hz(self) -> int:
        """What the extractor expects."""
        return int(self.extractor.sampling_rate)

    def depths(self) -> list[list[nn.Parameter]]:
        """All parameters from the top down: the head, each layer, and last what lies below them."""
        base: nn.Module = self.model.base_model
        layers = self._layers(base)
        below = {id(p) for p in base.parameters()}
        head = [p for p in self.model.parameters() if id(p) not in below]
        in_layers = {id(p) for layer in layers for p in layer.parameters()}
        rest = [p for p in base.parameters() if id(p) not in in_layers]
        return [head, *(list(layer.parameters()) for layer in reversed(layers)), rest]

    def _layers(self, base: nn.Module) -> list[nn.Module]:
        n = getattr(self.model.config, "num_hidden_layers", None)
        stacks = [list(part) for part in base.modules() if isinstance(part, nn.ModuleList) and len(part) == n]
        if not stacks:
            raise TimbreError("bad_backbone", "The backbone is not a stack of transformer layers.")
        return stacks[-1]  # a stack of convolutions may be as high, and lies before it


def load_backbone(name: str, labels: Sequence[str], revision: str | None = None) -> Backbone:
    """The model of this Hub id or folder; its own head is replaced where it has another number of labels.

    Code and pickles that come with a model are never run.

    Raises
    ------
    TimbreError
        When `transformers` is not installed, or the model cannot be loaded.
    """
    try:
        from transformers import AutoFeatureExtractor, AutoModelForAudioClassification
    except ModuleNotFoundError as missing:
        raise TimbreError(
            "not_possible",
            "Fine-tuning needs the package transformers.",
            "Install it with `pip install 'timbre-tagger[transfer]'`.",
        ) from missing
    try:
        extractor = AutoFeatureExtractor.from_pretrained(name, revision=revision, trust_remote_code=False)
        model = AutoModelForAudioClassification.from_pretrained(
            name,
            revision=revision,
            trust_remote_code=False,
            use_safetensors=True,
            ignore_mismatched_sizes=True,
            id2label=dict(enumerate(labels)),
            label2id={label: number for number, label in enumerate(labels)},
            problem_type="multi_label_classification",
        )
    except (OSError, ValueError) as error:
        raise TimbreError("bad_backbone", f"{name} cannot be loaded: {_first_line(error)}") from error
    return Backbone(model.train(), extractor)


def save_backbone(backbone: Backbone, folder: Path) -> None:
    """Write model and extractor as `transformers` reads them."""
    backbone.model.save_pretrained(folder)
    backbone.extractor.save_pretrained(folder)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


class BackboneModule(TaggingModule[Backbone]):
    """Fine-tuning from the top: first the head learns, then the upper half of the layers, then all."""

    def parameter_groups(self) -> list[dict[str, Any]]:
        """A group a layer, the lower the slower."""
        return [
            {"params": parameters, "lr": self.config.learning_rate * LAYER_DECAY**depth}
            for depth, parameters in enumerate(self.network.depths())
        ]

    def on_train_epoch_start(self) -> None:
        """Let as much learn as this epoch's stage says."""
        depths = self.network.depths()
        n_learning = n_depths_learning(self.current_epoch / self.config.epochs, len(depths))
        for depth, parameters in enumerate(depths):
            for parameter in parameters:
                parameter.requires_grad_(depth < n_learning)


def n_depths_learning(progress: float, n_depths: int) -> int:
    """How many of `Backbone.depths` learn when this share of the epochs is over."""
    if progress < HEAD_ONLY_SHARE:
        return 1
    return 1 + (n_depths - 2) // 2 if progress < UPPER_HALF_SHARE else n_depths
