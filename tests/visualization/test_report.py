"""The page of a report, from a run in miniature of which every mistake is known."""

import base64
import io
import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from PIL import Image
from report_miniature import BANDS_HZ, HOSTILE, LEARNED, PLANTED, PLANTED_AT, make_run

from timbre.audio.picture import to_pixels
from timbre.errors import TimbreError
from timbre.features.windows import Windows
from timbre.models.clip_windows import CLIPS_DIR, render_clips
from timbre.visualization.report import Places, write_report
from timbre.visualization.report_comparison import read_contender

FIGURES = {
    "report_learning", "report_labels", "report_precision_recall", "report_reliability",
    "report_confusion_solo_test_recordings",
}  # fmt: skip


class Parsed(HTMLParser):
    """Tags with their attributes in order, and the text between them."""

    def __init__(self, page: Path):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.texts: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.texts.append(" ".join(data.split()))

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(text for text in self.texts if text)


def decoded(uri: str) -> bytes:
    head, content = uri.split(",", 1)
    assert re.fullmatch(r"data:[a-z]+/[a-z]+;base64", head)
    return base64.b64decode(content, validate=True)


@pytest.fixture(scope="module")
def places(tmp_path_factory, tiny_model) -> Places:
    return make_run(tmp_path_factory.mktemp("run"), tiny_model)


@pytest.fixture(scope="module")
def written(places, tmp_path_factory) -> tuple[Parsed, Path]:
    folder = tmp_path_factory.mktemp("report")
    assert write_report(places, folder / "page.html", folder / "figures") == []
    return Parsed(folder / "page.html"), folder


def test_nothing_is_fetched_and_nothing_runs(written):
    page, _ = written
    addresses = [value for _, attributes in page.tags for name, value in attributes.items()
                 if name in ("src", "srcset", "href", "action", "poster", "data")]  # fmt: skip
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    (policy,) = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert policy.startswith("default-src 'none'")
    style = page.texts[[tag for tag, _ in page.tags].index("style")]
    assert "url(" not in style
    assert "@import" not in style


def test_names_from_outside_stay_text(written):
    page, _ = written
    assert not [attributes for _, attributes in page.tags if "onerror" in attributes]
    assert f"own{HOSTILE}" in page.text  # a source
    assert f"{HOSTILE}.wav" in page.text  # a clip


def test_every_figure_is_on_the_page_in_both_themes_and_a_file(written):
    page, folder = written
    assert {path.stem for path in (folder / "figures").iterdir()} == FIGURES
    assert {figure["id"] for figure in page.all("figure")} == FIGURES
    lights = [image for image in page.all("img") if "png" in image["src"][:20]]
    darks = page.all("source")
    assert len(lights) == len(darks) == len(FIGURES)
    for light, dark, figure in zip(lights, darks, page.all("figure"), strict=True):
        assert light["alt"]
        assert decoded(light["src"]) == (folder / "figures" / f"{figure['id']}.png").read_bytes()
        papers = [np.median(Image.open(io.BytesIO(decoded(uri))).convert("L"))
                 for uri in (light["src"], dark["srcset"])]  # fmt: skip
        assert papers[0] > 200
        assert papers[1] < 60


def test_the_numbers_are_those_of_the_checkpoint(written, places):
    page, _ = written
    metrics = json.loads((places.model / "metrics.json").read_text())
    for split in ("validation", "test"):
        scores = metrics[f"{split}_mixes"]
        columns = ("map", "lrap", "f1_macro", "f1_micro", "roc_auc", "calibration_error")
        row = re.search(rf"{split} {scores['windows']} (.*?)(?:validation|test|One)", page.text)[1]
        stated = re.sub(r"[\d.]+ to [\d.]+", "", row).split()  # without the intervals
        assert [float(cell) for cell in stated] == [round(scores[name], 3) for name in columns]
    for label, name in {"voice": "Voice", "drum_kit": "Drum kit"}.items():
        one = metrics["test_mixes"]["labels"][label]
        assert f"{name} {one['positives']} 20 0.167 {one['average_precision']:.3f}" in page.text
    assert "own" in page.text
    assert "CC0" in page.text
    assert "learning rate up to 0.002, seed 7" in page.text


def test_a_source_that_was_inherited_several_times_counts_once(places, tmp_path):
    model = shutil.copytree(places.model, tmp_path / "model")
    config = json.loads((model / "config.json").read_text())
    own = {**LEARNED, "source": "ann", "minutes": 30.0}
    inherited = [{**own, "through": f"{name}@1"} for name in ("first", "second")]
    trained_on = [own, *inherited, {**inherited[0], "source": "bob", "minutes": 12.5}]
    (model / "config.json").write_text(json.dumps({**config, "trained_on": trained_on}))
    write_report(Places(model, *[tmp_path / "nothing"] * 4), tmp_path / "page.html", tmp_path / "figures")
    text = Parsed(tmp_path / "page.html").text
    assert "learned from 42 minutes of" in text
    assert re.findall(r"(ann|bob(?:, through \S+)?) ([\d.]+) 6 CC0", text) == [
        ("ann", "30.0"),
        ("bob, through first@1", "12.5"),
    ]
    assert "second@1" not in text
    facts = read_contender(model).facts
    assert (facts["sources"], facts["minutes"]) == (2, 42.5)


def test_the_planted_mistakes_come_first_with_picture_and_sound(written, places):
    page, _ = written
    headings = re.findall(r"([A-Z][a-z ]+), [\d.]+% There ([\w ]+) Said", page.text)
    assert headings[: len(PLANTED)] == [("Flute", "Voice"), ("Piano", "Violin")]
    assert all(label == truth for label, truth in headings[len(PLANTED) :])  # too quiet to be named
    pictures = [decoded(image["src"]) for image in page.all("img") if "jpeg" in image["src"][:20]]
    shown = np.asarray(Image.open(io.BytesIO(pictures[0]))).astype(int)
    log_mel = Windows(places.windows_dir / "validation").log_mel(PLANTED_AT).astype(np.float32)
    assert shown.shape == (128, 300, 3)
    assert np.abs(shown - to_pixels(log_mel)).mean() < 6  # as far as JPEG goes
    sounds = [decoded(audio["src"]) for audio in page.all("audio")]
    assert len(sounds) == len(headings)
    for sound, (_, sounds_like, _) in zip(sounds, PLANTED.values(), strict=False):
        waveform, rate_hz = sf.read(io.BytesIO(sound))
        assert len(waveform) == 3 * rate_hz
        power = np.abs(np.fft.rfft(waveform)) ** 2
        loudest_hz = np.fft.rfftfreq(len(waveform), 1 / rate_hz)[power.argmax()]
        low_hz, high_hz = BANDS_HZ[sounds_like]
        assert low_hz < loudest_hz < high_hz


def test_what_is_gone_is_left_out_and_said(places, tmp_path):
    bare = Places(places.model, *[tmp_path / "nothing"] * 4)
    notes = write_report(bare, tmp_path / "page.html", tmp_path / "figures")
    page = Parsed(tmp_path / "page.html")
    assert len(notes) == 3
    assert all(note in page.text for note in notes)
    assert {figure["id"] for figure in page.all("figure")} == {"report_confusion_solo_test_recordings"}
    assert "The surest mistakes" not in page.text


def test_mistakes_without_their_clips_have_no_sound(places, tmp_path):
    notes = write_report(
        replace(places, decoded_dir=tmp_path / "nothing"), tmp_path / "page.html", tmp_path / "figures"
    )
    assert len(notes) == 1
    assert "no sound" in notes[0]
    assert Parsed(tmp_path / "page.html").all("audio") == []


def test_windows_of_other_scores_are_not_mixed_in(places, tmp_path):
    model = shutil.copytree(places.model, tmp_path / "model")
    metrics = json.loads((model / "metrics.json").read_text())
    metrics["test_mixes"]["map"] -= 0.1
    (model / "metrics.json").write_text(json.dumps(metrics))
    notes = write_report(replace(places, model=model), tmp_path / "page.html", tmp_path / "figures")
    assert len(notes) == 1
    assert "not those of the model's scores" in notes[0]
    assert "report_labels" not in {figure["id"] for figure in Parsed(tmp_path / "page.html").all("figure")}


def test_windows_of_clips_sound_as_they_were_cut(places, tmp_path):
    from timbre.data.table import read_table
    from timbre.features.material import decode_table
    from timbre.visualization.report_sounds import open_sounds

    index = decode_table(read_table(places.table_dir), places.decoded_dir)
    labels = tuple(BANDS_HZ)
    render_clips(index, places.decoded_dir, labels, tmp_path / CLIPS_DIR)
    folder = tmp_path / CLIPS_DIR / "validation"
    windows = Windows(folder)
    sounds = open_sounds(folder, places.table_dir, places.decoded_dir)
    rows = index[index["split"] == "validation"].reset_index(drop=True)
    for number in range(0, len(windows), 4):
        excerpt = sounds.excerpt(number)
        clip = rows.iloc[number // 3]  # clips of 3 s have three windows
        assert excerpt.sources == [(clip["clip_id"], "own", "CC BY 4.0")]
        assert 0.9 * 32_000 < len(excerpt.waveform) <= 3 * 32_000
    with pytest.raises(TimbreError, match="not of the clips"):
        open_sounds(folder, tmp_path / "no_table", places.decoded_dir)


def test_a_checkpoint_without_scores_is_refused(tiny_model, places, tmp_path):
    with pytest.raises(TimbreError, match=r"metrics\.json"):
        write_report(replace(places, model=tiny_model), tmp_path / "page.html", tmp_path / "figures")
    assert list(tmp_path.iterdir()) == []
