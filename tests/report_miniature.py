"""A run in miniature for the tests of its report: sounds that the tiny model is known to take for others."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile as sf

from timbre.audio.front_end import FRONT_END
from timbre.data.metadata import table_of
from timbre.data.own_folder import own_clip
from timbre.data.table import write_table
from timbre.features.manifest import CLIPS_FILE, PLANS_FILE
from timbre.features.material import decode_table
from timbre.features.mix_plan import MixPlan, SourcePlan
from timbre.features.windows import Windows, render_windows
from timbre.models.calibration import Calibration
from timbre.models.evaluation import Scored, mix_metrics
from timbre.models.tagger import Tagger
from timbre.visualization.report import Places

RATE_HZ = FRONT_END.sample_rate_hz
HOSTILE = "<img src=x onerror=alert(1)>"
# The sixths of the mel bands, by each of which the tiny model knows a label.
BANDS_HZ = {
    "voice": (60, 610),
    "violin": (650, 1_250),
    "double_bass": (1_290, 2_400),
    "piano": (2_450, 4_480),
    "flute": (4_530, 8_300),
    "drum_kit": (8_400, 15_900),
}
# What sounds like the second is called the first; the louder, the surer is the model.
PLANTED = {HOSTILE: ("voice", "flute", -34.0), "weaker": ("violin", "piano", -40.0)}
PLANTED_AT = 3  # number of the window of the first one
SOLO = {
    "clips": 6, "groups": 3, "top1": 0.5, "top1_interval": [0.2, 0.8], "commonest": "voice",
    "commonest_top1": 0.5, "commonest_interval": [0.1, 0.9], "gain": 0.0, "gain_interval": [-0.1, 0.1],
    "labels": {
        "voice": {"clips": 4, "top1": 0.5, "taken_for": {"flute": 2}},
        "piano": {"clips": 2, "top1": 0.5, "taken_for": {"organ": 1}},
    },
}  # fmt: skip
LEARNED = {"source": f"own{HOSTILE}", "minutes": 0.5, "clips": 6, "license": "CC0", "licenses": {"CC0": 6}}
NUMBERS = {"epochs": 3, "batches_per_epoch": 2, "batch_size": 4, "learning_rate": 0.002, "seed": 7}
EPOCHS = [(0, 0.5, None, None, None, 0.001), (1, 0.4, 0.45, 0.6, 0.8, 0.002), (2, 0.35, 0.41, 0.7, 0.75, 0.0)]


def make_run(root: Path, tiny_model: Path) -> Places:
    """Table, clips, windows, checkpoint and log below `root`."""
    table = _table(root / "recordings")
    write_table(table, root / "table")
    index = decode_table(table, root / "decoded")
    model = shutil.copytree(tiny_model, root / "model")
    for split in ("validation", "test"):
        _windows(index, split, Tagger(model), root)
    _complete(model, root / "windows")
    _log(root / "run")
    return Places(model, root / "run", root / "windows", root / "table", root / "decoded")


def band_of_noise(label: str) -> np.ndarray:
    """3 s that the tiny model takes for this label."""
    low_hz, high_hz = BANDS_HZ[label]
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(3 * RATE_HZ))
    frequencies_hz = np.fft.rfftfreq(3 * RATE_HZ, 1 / RATE_HZ)
    noise = np.fft.irfft(np.where((frequencies_hz > low_hz) & (frequencies_hz < high_hz), spectrum, 0))
    return 0.5 * noise / np.abs(noise).max()


def _table(recordings: Path) -> pd.DataFrame:
    recordings.mkdir(parents=True)
    honest = {label: (label, label, 0.0) for label in BANDS_HZ}
    clips = []
    for name, (called, sounds_like, _) in {**honest, **PLANTED}.items():
        path = recordings / f"{name}.wav"
        sf.write(path, band_of_noise(sounds_like), RATE_HZ)
        clips.append(own_clip(path.name, (called,), "own", file=path, license="CC BY 4.0", group=name))
    rows, problems = table_of(recordings, clips)
    assert not problems
    both = [
        rows.assign(split=split, clip_id=f"{split}:" + rows["clip_id"]) for split in ("validation", "test")
    ]
    return pd.concat(both, ignore_index=True)


def _windows(index: pd.DataFrame, split: str, tagger: Tagger, root: Path) -> None:
    """A window of each honest clip at four levels, and in validation one of each planted clip."""
    folder, ids = root / "windows" / split, {}
    folder.mkdir(parents=True)
    for clip_id, present in zip(index["clip_id"], index["present"], strict=True):
        if clip_id.startswith(split):
            ids[Path(clip_id.split("/")[-1].split(":")[-1]).stem] = (clip_id, present[0])
    plans = [_plan(*ids[label], level_db) for level_db in (-42.0, -40.0, -38.0, -36.0) for label in BANDS_HZ]
    if split == "validation":
        planted = [_plan(*ids[name], level_db) for name, (_, _, level_db) in PLANTED.items()]
        plans = [*plans[:PLANTED_AT], *planted, *plans[PLANTED_AT:]]
    lines = [json.dumps({**plan.as_dict(), "mix_id": str(number)}) for number, plan in enumerate(plans)]
    (folder / PLANS_FILE).write_text("\n".join(lines) + "\n")
    used = index[index["clip_id"].isin([clip_id for clip_id, _ in ids.values()])]
    columns = ["clip_id", "sha256", "present", "absent", "dataset", "license"]
    joined = used[columns].assign(**{name: used[name].str.join(";") for name in ("present", "absent")})
    joined.to_csv(folder / CLIPS_FILE, index=False)
    render_windows(folder, root / "decoded", tagger.labels)


def _plan(clip_id: str, leaf: str, level_db: float) -> MixPlan:
    source = SourcePlan(leaf, (clip_id,), "crop", gain_db=0.0, beat_s=0.5, speed=1.0, seed=0)
    return MixPlan("", (source,), level_db=level_db)


def _complete(model: Path, windows_dir: Path) -> None:
    """Give the checkpoint its scores on the windows, and what it learned from."""
    tagger = Tagger(model)
    n = len(tagger.labels)
    metrics = {"learned_from": "mixes", "parameters": 774, "solo_test_recordings": SOLO}
    for split in ("validation", "test"):
        windows = Windows(windows_dir / split)
        logits = tagger.logits(windows.batch(np.arange(len(windows))).astype(np.float32))
        scored = Scored(logits, windows.targets > 0, windows.known > 0)
        calibration = Calibration(np.ones(n), np.zeros(n))
        metrics[f"{split}_mixes"] = mix_metrics(scored, calibration, tagger.thresholds, tagger.labels)
    (model / "metrics.json").write_text(json.dumps(metrics))
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(
        json.dumps({**config, "trained_on": [LEARNED], "commit": "0123456789ab"})
    )


def _log(run_dir: Path) -> None:
    (run_dir / "log" / "version_0").mkdir(parents=True)
    (run_dir / "run.json").write_text(json.dumps(NUMBERS))
    names = ("epoch", "train_loss", "validation_loss", "validation_map", "validation_lrap", "learning_rate")
    with (run_dir / "log" / "version_0" / "metrics.csv").open("w", newline="") as file:
        csv.writer(file).writerows([names, *EPOCHS])
