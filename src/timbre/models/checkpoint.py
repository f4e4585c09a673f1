"""The folder that holds a model: what must be in it, read and checked without torch.

`models/<name>/` holds `config.json` (this file's `CheckpointConfig`), `model.safetensors`,
`model.onnx`, `metrics.json` and `README.md`. Nothing in it is ever unpickled.
"""

import json
import math
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from timbre.audio.front_end import FRONT_END
from timbre.errors import TimbreError
from timbre.files import file_sha256, write_text
from timbre.models.safetensors_header import read_header
from timbre.taxonomy import BY_ID

SCHEMA_VERSION = 1
CONFIG_FILE = "config.json"
ONNX_FILE = "model.onnx"
SAFETENSORS_FILE = "model.safetensors"
METRICS_FILE = "metrics.json"
CARD_FILE = "README.md"
WEIGHT_FILES = (ONNX_FILE, SAFETENSORS_FILE)
CHECKPOINT_FILES = (CONFIG_FILE, *WEIGHT_FILES, METRICS_FILE, CARD_FILE)
MAX_MARGIN_S = 10
MAX_CHECKPOINT_BYTES = 10_000_000  # all files together, so that it can be committed


@dataclass(frozen=True)
class CheckpointConfig:
    """`config.json`: everything that serving needs to know besides the weights.

    `calibration` is Platt's: `probability = sigmoid(scale[label] * logit + bias[label])`.
    The network answers for many seconds in one pass if it hears `margin_s` more on either side; 0: it takes
    one window of `context_s` a second. Of what a second of a song is told to hold, either second beside it
    gives `neighbour_share`. `thresholds` are on these calibrated probabilities. `experimental` lists the
    labels whose held-out scores are not clearly above chance. `init` names the checkpoint whose weights
    training began with; `mean_of`, where the weights are the mean of several runs, the seed, the highest
    learning rate and the epochs of each; `learned_files` are the first digits of the SHA-256 of recordings
    that this one and those before it learned from, some of every group (None: nobody wrote them down); `data`
    holds the digests of the table and of each split's windows.
    """

    name: str
    labels: tuple[str, ...]
    front_end: dict[str, Any]
    context_s: float
    thresholds: dict[str, float]
    calibration: dict[str, Any]
    margin_s: int = 0
    neighbour_share: float = 0.0
    experimental: tuple[str, ...] = ()
    network: dict[str, Any] = field(default_factory=dict)
    trained_on: tuple[dict[str, Any], ...] = ()
    init: str | None = None
    mean_of: tuple[dict[str, Any], ...] = ()
    learned_files: tuple[str, ...] | None = None
    data: dict[str, Any] = field(default_factory=dict)
    commit: str | None = None
    sha256: dict[str, str] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION

    @property
    def full_name(self) -> str:
        """The name and the first digits of a digest: `default@1a2b3c4d`.

        It is that of `model.onnx`, which tells weights apart too: the file holds them, or states the digest
        of the file that does. What else changes the answers for a song is digested with it.
        """
        digest = self.sha256[ONNX_FILE]
        if self.margin_s or self.neighbour_share:
            digest = sha256(f"{digest} {self.margin_s} {self.neighbour_share}".encode()).hexdigest()
        return f"{self.name}@{digest[:8]}"

    def as_dict(self) -> dict[str, Any]:
        """Plain values, in the order in which `config.json` shows them."""
        values = asdict(self)
        values["labels"] = list(self.labels)
        return {"schema_version": values.pop("schema_version"), **values}


def save_config(config: CheckpointConfig, folder: Path) -> None:
    """Write `config.json`, atomically."""
    write_text(folder / CONFIG_FILE, json.dumps(config.as_dict(), indent=1) + "\n")


def load_config(folder: Path) -> CheckpointConfig:
    """Read and check `config.json` and the digests of the weights beside it.

    Raises
    ------
    TimbreError
        `bad_checkpoint`, with one sentence that says what does not fit.
    """
    values = _read_json(folder / CONFIG_FILE)
    version = values.get("schema_version")
    if version != SCHEMA_VERSION:
        raise _bad(f"The model in {folder.name} has schema version {version!r}, not {SCHEMA_VERSION}.")
    missing = sorted({"name", "labels", "front_end", "context_s", "thresholds", "calibration"} - set(values))
    if missing:
        raise _bad(f"The model's config.json lacks {', '.join(missing)}.")
    _check_labels(values)
    _check_front_end(values["front_end"])
    _check_numbers(values)
    _check_digests(folder, values.get("sha256"))
    return _from_dict(values)


def _bad(message: str) -> TimbreError:
    return TimbreError("bad_checkpoint", message)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _bad(f"The folder {path.parent.name} holds no {path.name}.") from None
    except (OSError, ValueError, RecursionError):
        raise _bad(f"The model's {path.name} cannot be read as JSON.") from None
    if not isinstance(values, dict):
        raise _bad(f"The model's {path.name} is not a JSON object.")
    return values


def _check_labels(values: dict[str, Any]) -> None:
    labels = values["labels"]
    if not isinstance(labels, list) or not labels or not all(isinstance(label, str) for label in labels):
        raise _bad("The model's labels are not a list of names.")
    unknown = [label for label in labels if label not in BY_ID]
    if unknown:
        raise _bad(f"The model names instruments that this version does not know: {', '.join(unknown)}.")
    if len(set(labels)) != len(labels):
        raise _bad("The model names an instrument twice.")


def _check_front_end(front_end: Any) -> None:
    known = FRONT_END.as_dict()
    if front_end == known:
        return
    if not isinstance(front_end, dict):
        raise _bad("The model's front end is not a JSON object.")
    names = sorted(key for key in known.keys() | front_end.keys() if known.get(key) != front_end.get(key))
    raise _bad(f"The model was made with another audio front end: {', '.join(names)} differ.")


def _check_numbers(values: dict[str, Any]) -> None:
    calibration, labels = values["calibration"], values["labels"]
    if not isinstance(calibration, dict) or calibration.get("method") != "platt":
        raise _bad("The model's calibration is of a kind that this version does not know.")
    tables = {
        "thresholds": values["thresholds"],
        "calibration scale": calibration.get("scale"),
        "calibration bias": calibration.get("bias"),
    }
    for name, table in tables.items():
        complete = isinstance(table, dict) and all(_is_number(table.get(label)) for label in labels)
        if not complete:
            raise _bad(f"The model's {name} are not one number for every label.")
    if not _is_number(values["context_s"]) or values["context_s"] <= 0:
        raise _bad("The model's context_s is not a positive number.")
    margin_s = values.get("margin_s", 0)
    if type(margin_s) is not int or not 0 <= margin_s <= MAX_MARGIN_S:
        raise _bad(f"The model's margin_s is not a whole number from 0 to {MAX_MARGIN_S}.")
    share = values.get("neighbour_share", 0.0)
    if not _is_number(share) or not 0 <= share <= 1 / 3:
        raise _bad("The model's neighbour_share is not a number from 0 to 1/3.")


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # a whole number of hundreds of digits
        return False


def _check_digests(folder: Path, digests: Any) -> None:
    if not isinstance(digests, dict) or not digests:
        raise _bad("The model's config.json does not state the sha256 of its weights.")
    for name in WEIGHT_FILES:
        path = folder / name
        if not path.is_file():
            _check_missing(path)
        elif digests.get(name) != file_sha256(path):
            raise _bad(f"The model's {name} is damaged or was changed: its sha256 is not the stated one.")
        elif name == SAFETENSORS_FILE:
            _check_safetensors(path)


def _check_missing(missing: Path) -> None:
    """Refuse a folder without one of its files, unless the network of `model.onnx` is whole without it."""
    if missing.name == ONNX_FILE:
        raise _bad(f"The folder {missing.parent.name} holds no {ONNX_FILE}.")
    # What serves has no reader of ONNX, but a reference names its file in plain letters.
    if SAFETENSORS_FILE.encode() in missing.with_name(ONNX_FILE).read_bytes():
        raise TimbreError(
            "bad_checkpoint",
            f"The folder {missing.parent.name} holds no {SAFETENSORS_FILE}, where the model's weights are.",
            f"Put it beside {ONNX_FILE}.",
        )


def _check_safetensors(path: Path) -> None:
    try:
        read_header(path)
    except ValueError:
        raise _bad(f"The model's {path.name} does not hold safetensors.") from None


def _from_dict(values: dict[str, Any]) -> CheckpointConfig:
    known = {key: value for key, value in values.items() if key in CheckpointConfig.__dataclass_fields__}
    for name in ("labels", "experimental", "trained_on", "mean_of", "learned_files"):
        if not isinstance(known.get(name) or [], list):
            raise _bad(f"The model's {name} is not a list.")
        known[name] = tuple(known.get(name) or ())
    if not all(isinstance(digest, str) for digest in known["learned_files"]):
        raise _bad("The model's learned_files are not text.")
    if values.get("learned_files") is None:
        known["learned_files"] = None
    return CheckpointConfig(**known)
