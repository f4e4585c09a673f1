"""Exports as a browser fetches them: under the song's name, and opened by what they are for."""

import csv
import io
import json

import jams
import pytest
import webvtt
from PIL import Image
from werkzeug.http import parse_options_header

NAME = '"Für 曲"\n🎻 <img>, =1+1.mp3'
SHOWN = '"Für 曲"🎻 <img>, =1+1'  # without what cannot be seen, and without its ending


@pytest.fixture(scope="module")
def done(server, wav) -> str:
    song_id = server.upload(wav, NAME)
    server.wait(song_id)
    return song_id


@pytest.mark.parametrize(
    ("form", "suffix"),
    [
        ("json", ".json"),
        ("csv", ".csv"),
        ("audacity", ".txt"),
        ("jams", ".jams"),
        ("webvtt", ".vtt"),
        ("png", ".png"),
    ],
)
def test_a_file_bears_the_songs_name(form, suffix, server, done):
    answer = server.get(f"/api/songs/{done}/export?format={form}")
    assert answer.status_code == 200
    how, options = parse_options_header(answer.headers["Content-Disposition"])
    assert (how, options["filename"]) == ("attachment", SHOWN + suffix)


def test_every_kind_is_opened_by_its_own_reader(server, done, tmp_path):
    def fetched(form: str) -> bytes:
        return server.get(f"/api/songs/{done}/export?format={form}&threshold=0.2").content

    song = json.loads(fetched("json"))
    assert (song["schema_version"], len(song["segments"])) == (1, 8)
    assert set(song["thresholds"].values()) == {0.2}
    rows = list(csv.DictReader(io.StringIO(fetched("csv").decode(), newline="")))
    assert [float(row["start_s"]) for row in rows] == list(range(8))
    (tmp_path / "song.vtt").write_bytes(fetched("webvtt"))
    (tmp_path / "song.jams").write_bytes(fetched("jams"))
    captions = webvtt.read(str(tmp_path / "song.vtt")).captions
    tags = jams.load(str(tmp_path / "song.jams"), strict=True).search(namespace="tag_open")[0].data
    marks = [line.split("\t") for line in fetched("audacity").decode().splitlines()]
    assert len(captions) == len(tags) == len(marks) > 0
    assert [(float(m[0]), m[2]) for m in marks] == [(tag.time, tag.value) for tag in tags]
    assert Image.open(io.BytesIO(fetched("png"))).format == "PNG"


def test_labels_can_have_thresholds_of_their_own(server, done):
    def told(query: str) -> dict[str, float]:
        song = server.get(f"/api/songs/{done}/export?{query}").json()
        return {label: round(threshold, 3) for label, threshold in song["thresholds"].items()}

    models, asked = told(""), {"piano": 0.05, "violin": 0.95}
    assert told("thresholds=piano:0.05,violin:0.95") == models | asked
    assert told("threshold=0.2&thresholds=piano:0.05,violin:0.95") == dict.fromkeys(models, 0.2) | asked
    marks = server.get(f"/api/songs/{done}/export?format=audacity&threshold=1&thresholds=piano:0").text
    assert marks == f"0.000000\t{server.song(done)['duration_s']:.6f}\tpiano\n"


def test_a_song_that_is_not_done_can_be_had_in_part(server, tmp_path):
    song_id, _ = server.create("later.mp3")
    for form in ("json", "csv", "audacity", "jams", "webvtt", "png"):
        assert server.get(f"/api/songs/{song_id}/export?format={form}").json()["error"]["code"] == "not_ready"
        assert server.get(f"/api/songs/{song_id}/export?format={form}&partial=1").status_code == 200
    assert server.get(f"/api/songs/{song_id}/export?format=json&partial=1").json()["duration_s"] is None
    (tmp_path / "part.jams").write_bytes(
        server.get(f"/api/songs/{song_id}/export?format=jams&partial=1").content
    )
    assert jams.load(str(tmp_path / "part.jams"), strict=True).file_metadata.duration == 0.0
