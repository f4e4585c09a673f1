"""Fine-tuning on transformers that the test makes: loading, what learns when, and the whole run."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf
import torch
from transformers import (
    ASTConfig,
    ASTFeatureExtractor,
    ASTForAudioClassification,
    AutoModelForAudioClassification,
    Wav2Vec2Config,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2Model,
)

from timbre.errors import TimbreError
from timbre.features.material import decode_table
from timbre.files import file_sha256
from timbre.models.backbone import (
    LAYER_DECAY,
    Backbone,
    BackboneModule,
    load_backbone,
    n_depths_learning,
)
from timbre.models.backbone_clips import ClipWaveforms
from timbre.models.backbone_run import fine_tune, write_fine_tuned
from timbre.models.trainer import BEST_FILE, LAST_FILE, read_state
from timbre.models.training_config import Hardware, TrainingConfig
from timbre.taxonomy import BY_ID

RATE_HZ = 32_000
LABELS = ("flute", "tuba")
CONFIG = TrainingConfig(batch_size=4, batches_per_epoch=6, epochs=4, learning_rate=5e-3, patience=0)


@pytest.fixture(scope="module")
def ast(tmp_path_factory) -> Path:
    """A spectrogram transformer of three layers that was trained for five other labels."""
    folder = tmp_path_factory.mktemp("ast")
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 24}
    ASTForAudioClassification(ASTConfig(**sizes, max_length=64, num_labels=5)).save_pretrained(folder)
    ASTFeatureExtractor(max_length=64).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def wav2vec(tmp_path_factory) -> Path:
    """An encoder of waveforms without any head."""
    folder = tmp_path_factory.mktemp("wav2vec")
    config = Wav2Vec2Config(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
        conv_dim=(8, 8), conv_stride=(5, 4), conv_kernel=(10, 8), num_feat_extract_layers=2,
        num_conv_pos_embeddings=8, num_conv_pos_embedding_groups=2,
    )  # fmt: skip
    Wav2Vec2Model(config).save_pretrained(folder)
    Wav2Vec2FeatureExtractor().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def collection(tmp_path_factory) -> tuple[pd.DataFrame, Path]:
    """High and low notes in three splits, decoded."""
    root = tmp_path_factory.mktemp("collection")
    rng, rows = np.random.default_rng(0), []
    for split in ("train", "validation", "test"):
        for number in range(4):
            for leaf, frequency_hz in {"flute": 3_000, "tuba": 90}.items():
                path = root / f"{split}_{leaf}{number}.wav"
                time_s = np.arange(int(0.5 * RATE_HZ)) / RATE_HZ
                tone = np.sin(2 * np.pi * frequency_hz * rng.uniform(0.9, 1.1) * time_s)
                sf.write(path, 0.3 * tone, RATE_HZ)
                rows.append(
                    {
                        "clip_id": path.name, "path": path.name, "root": str(root), "dataset": "mine",
                        "present": [leaf], "absent": sorted(set(BY_ID) - {leaf}), "any_of": [],
                        "split": split, "group": f"{split}/{leaf}", "license": "CC0-1.0", "duration_s": 0.5,
                        "kind": "note", "sha256": file_sha256(path),
                    }
                )  # fmt: skip
    return decode_table(pd.DataFrame(rows), root / "decoded"), root / "decoded"


@pytest.mark.parametrize("kind", ["ast", "wav2vec"])
def test_a_pretrained_model_gets_a_head_for_our_labels(request, kind):
    backbone = load_backbone(str(request.getfixturevalue(kind)), LABELS)
    assert all(part.training for part in backbone.modules())  # with dropout, until it is told otherwise
    waveforms = [np.sin(np.arange(8_000) / k).astype(np.float32) for k in (2, 20)]
    backbone.eval()
    with torch.no_grad():
        logits = backbone(backbone.inputs(waveforms))
    assert logits.shape == (2, len(LABELS))
    assert backbone.model.config.id2label == {0: "flute", 1: "tuba"}


def test_the_layers_keep_what_they_had_learned(ast):
    before = ASTForAudioClassification.from_pretrained(ast).state_dict()
    after = load_backbone(str(ast), LABELS).model.state_dict()
    kept = [name for name in before if not name.startswith("classifier.dense")]
    assert kept
    for name in kept:
        assert torch.equal(before[name], after[name]), name


@pytest.mark.parametrize("kind", ["ast", "wav2vec"])
def test_depths_hold_every_parameter_once_from_the_head_down(request, kind):
    backbone = load_backbone(str(request.getfixturevalue(kind)), LABELS)
    depths = backbone.depths()
    assert len(depths) == backbone.model.config.num_hidden_layers + 2
    numbers = [id(parameter) for parameters in depths for parameter in parameters]
    assert sorted(numbers) == sorted(id(parameter) for parameter in backbone.parameters())
    assert any(parameter.shape == (len(LABELS),) for parameter in depths[0])


def test_the_lower_a_layer_the_slower_it_learns(ast):
    module = BackboneModule(load_backbone(str(ast), LABELS), CONFIG)
    rates = [group["lr"] for group in module.parameter_groups()]
    np.testing.assert_allclose(rates, [5e-3 * LAYER_DECAY**depth for depth in range(5)])


def test_layers_are_set_free_from_the_top():
    learning = [n_depths_learning(epoch / 10, 14) for epoch in range(10)]  # twelve layers
    assert learning == [1, 1, 7, 7, 7, 14, 14, 14, 14, 14]


@pytest.fixture(scope="module")
def tuned(ast, collection, tmp_path_factory) -> tuple[Backbone, Path, Path, dict]:
    index, _ = collection
    run_dir, out = tmp_path_factory.mktemp("run"), tmp_path_factory.mktemp("out") / "model"
    trained, clips = tune(ast, collection, run_dir)
    source = {"backbone": str(ast), "revision": None}
    metrics = write_fine_tuned(trained.network, clips, index, source, CONFIG.batch_size, out)
    return trained.network, run_dir, out, metrics


def tune(ast: Path, collection: tuple[pd.DataFrame, Path], run_dir: Path):
    index, decoded = collection
    options = {"hardware": Hardware(accelerator="cpu"), "validate_every": 1, "progress": False}
    return fine_tune(str(ast), None, index, decoded, run_dir, CONFIG, **options)


def test_it_learns_the_labels_of_the_table(tuned):
    _, _, out, metrics = tuned
    assert metrics["validation_clips"]["map"] > 0.9
    assert metrics["test_clips"]["map"] > 0.9
    assert json.loads((out / "metrics.json").read_text()) == metrics
    facts = json.loads((out / "timbre.json").read_text())
    assert facts["labels"] == list(LABELS)
    assert [source["license"] for source in facts["trained_on"]] == ["CC0-1.0"]


def test_what_is_written_is_what_was_trained(tuned, ast):
    network, _, out, _ = tuned
    assert (out / "model.safetensors").exists()
    again = AutoModelForAudioClassification.from_pretrained(out, use_safetensors=True).eval()
    inputs = network.inputs([np.sin(np.arange(8_000) / 9).astype(np.float32)])
    with torch.no_grad():
        torch.testing.assert_close(again(inputs).logits, network(inputs))


def test_first_the_head_learns_and_in_the_end_everything(tuned, ast):
    _, run_dir, _, _ = tuned
    before = ASTForAudioClassification.from_pretrained(ast).state_dict()
    first, last = read_state(run_dir / BEST_FILE), read_state(run_dir / LAST_FILE)
    assert (first["epoch"], last["epoch"]) == (0, CONFIG.epochs - 1)  # two labels are no challenge
    for name in (name for name in before if not name.startswith("classifier.dense")):
        moved = [
            (state["current_model_state"][f"network.model.{name}"] - before[name]).abs().max().item()
            for state in (first, last)
        ]
        assert (moved[0] > 0) == name.startswith("classifier."), name
        assert moved[1] > 0, name


def test_a_finished_run_gives_the_same_again(tuned, ast, collection):
    network, run_dir, _, _ = tuned
    again, _ = tune(ast, collection, run_dir)
    for (name, one), (_, other) in zip(
        network.state_dict().items(), again.network.state_dict().items(), strict=True
    ):
        assert torch.equal(one, other), name


def test_waveforms_are_of_one_length_and_vary_only_in_training(collection):
    index, decoded = collection
    clips = ClipWaveforms(index[index["split"] == "train"], decoded, LABELS, 0.8)
    plain = clips.waveform(0, None)
    assert len(plain) == int(0.8 * RATE_HZ)
    assert not plain[int(0.55 * RATE_HZ) :].any()  # silence after its end
    np.testing.assert_array_equal(plain, clips.waveform(0, None))
    varied = clips.waveform(0, np.random.default_rng(1))
    assert np.abs(varied).max() != np.abs(plain).max()


def test_a_model_of_pickles_is_refused(ast, tmp_path):
    for name in ("config.json", "preprocessor_config.json"):
        (tmp_path / name).write_text((ast / name).read_text())
    torch.save(ASTForAudioClassification.from_pretrained(ast).state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(TimbreError, match="cannot be loaded") as refused:
        load_backbone(str(tmp_path), LABELS)
    assert refused.value.code == "bad_backbone"
    assert "safetensors" in refused.value.hint


def test_code_that_comes_with_a_model_is_not_run(ast, tmp_path):
    config = json.loads((ast / "config.json").read_text()) | {
        "model_type": "mine",
        "auto_map": {"AutoConfig": "mine.Mine", "AutoModelForAudioClassification": "mine.Mine"},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "preprocessor_config.json").write_text((ast / "preprocessor_config.json").read_text())
    (tmp_path / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    with pytest.raises(TimbreError, match="cannot be loaded"):
        load_backbone(str(tmp_path), LABELS)
    assert not (tmp_path / "ran").exists()


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(TimbreError, match="cannot be loaded"):
        load_backbone(str(tmp_path), LABELS)


def test_without_the_package_a_sentence_says_how_to_get_it(ast, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(TimbreError, match="Fine-tuning needs the package transformers") as refused:
        load_backbone(str(ast), LABELS)
    assert "[transfer]" in refused.value.hint
