import io
import json
import shutil

import numpy as np
import pytest
import soundfile
from PIL import Image

from timbre.audio.decode import Decoder
from timbre.models.tagger import Tagger


@pytest.fixture(scope="module")
def done(server, wav, encode) -> str:
    song_id = server.upload(encode(wav, "song.mp3", "-b:a 128k"), "song.mp3")
    server.wait(song_id)
    return song_id


def test_a_song_is_created_uploaded_and_tagged(server, wav):
    created = server.post("/api/songs", json={"name": "song.wav", "size_bytes": wav.stat().st_size})
    assert created.status_code == 201
    assert set(created.json()) == {"id", "url", "upload_url"}
    song_id = created.json()["id"]
    assert len(song_id) == 32
    fresh = server.get(created.json()["url"]).json()
    assert (fresh["state"], fresh["segments"], fresh["duration_s"]) == ("uploading", [], None)
    assert server.put(created.json()["upload_url"], data=wav.read_bytes()).status_code == 200
    song = server.wait(song_id)
    assert song["duration_s"] == pytest.approx(7.25)
    assert song["progress"] == {"tagged": 8, "expected": 8, "fraction": 1.0}
    assert song["warnings"] == []
    assert song["error"] is None
    assert [segment["index"] for segment in song["segments"]] == list(range(8))
    assert song["segments"][-1]["end_s"] == pytest.approx(7.25)


def test_the_numbers_are_those_of_the_tagger(server, done, tiny_model):
    path = server.data_dir / "songs" / done / "upload"
    expected = np.stack([s.probabilities for s in Tagger.from_pretrained(tiny_model).tag(Decoder(path))])
    rows = np.array([segment["probabilities"] for segment in server.song(done)["segments"]])
    np.testing.assert_allclose(rows, expected, atol=1e-5)


def test_the_one_step_upload_is_the_same(server, wav):
    with wav.open("rb") as file:
        answer = server.post("/api/songs", files={"file": ("one.wav", file)})
    assert answer.status_code == 201
    song = server.wait(answer.json()["id"])
    assert (song["name"], song["progress"]["tagged"]) == ("one.wav", 8)


def test_segments_after_an_index(server, done):
    rows = server.get(f"/api/songs/{done}/segments?after=4").json()["segments"]
    assert [row["index"] for row in rows] == [5, 6, 7]
    assert server.get(f"/api/songs/{done}/segments").json()["segments"][0]["index"] == 0


def test_every_segment_has_a_picture(server, done):
    answer = server.get(f"/api/songs/{done}/segments/7/spectrogram")
    picture = Image.open(io.BytesIO(answer.content))
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert picture.size == (100, 128)


@pytest.mark.parametrize(
    ("name", "options", "exact", "kind"),
    [
        ("song.wav", "", True, "audio/wav"),
        ("cbr.mp3", "-b:a 128k", True, "audio/mpeg"),
        ("vbr.mp3", "-q:a 2", False, "audio/flac"),
        ("song.m4a", "", True, "audio/mp4"),
        ("song.ogg", "-c:a libvorbis", False, "audio/flac"),
        ("song.opus", "", True, "audio/ogg"),
        ("song.flac", "", True, "audio/flac"),
        ("song.aiff", "", False, "audio/flac"),
        ("adpcm.wav", "-c:a adpcm_ms", False, "audio/flac"),
    ],
)
def test_what_the_browser_plays(name, options, exact, kind, server, wav, encode, tmp_path):
    path = encode(wav, name, options)
    song_id = server.upload(path)
    playback = server.wait(song_id)["playback"]
    assert playback["exact"] is exact
    assert playback["ready"]
    whole = server.get(playback["url"])
    assert whole.headers["Content-Type"] == kind
    assert (whole.content == path.read_bytes()) == exact
    if not exact:
        samples, rate_hz = soundfile.read(io.BytesIO(whole.content))
        assert len(samples) / rate_hz == pytest.approx(7.25, abs=0.05)
    part = server.get(playback["url"], headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])


@pytest.mark.parametrize("index", [8, 2**31 - 1, 2**31, 10**20])
def test_a_second_that_the_song_does_not_have_is_unknown(index, server, done):
    answer = server.get(f"/api/songs/{done}/segments/{index}/spectrogram")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert "segment" in answer.json()["error"]["message"]


def test_a_second_that_may_still_come_is_not_ready_and_of_a_failed_song_unknown(server):
    song_id, upload_url = server.create("later.wav")
    assert server.get(f"/api/songs/{song_id}/segments/0/spectrogram").status_code == 409
    assert server.get(f"/api/songs/{song_id}/segments/{10**20}/spectrogram").status_code == 404
    server.put(upload_url, data=b"")
    assert server.song(song_id)["state"] == "failed"
    assert server.get(f"/api/songs/{song_id}/segments/0/spectrogram").status_code == 404


@pytest.mark.parametrize("what", ["export", "audio", "single"])
def test_nobody_is_told_to_wait_for_a_song_that_failed(what, server):
    song_id, upload_url = server.create("empty.wav")
    waiting = server.get(f"/api/songs/{song_id}/{what}")
    assert (waiting.status_code, waiting.json()["error"]["code"]) == (409, "not_ready")
    server.put(upload_url, data=b"")
    assert server.song(song_id)["state"] == "failed"
    answer = server.get(f"/api/songs/{song_id}/{what}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "song_failed")


@pytest.mark.parametrize(
    "odd",
    [
        "items=0-5", "bytes=abc", "bytes=", "nonsense", "bytes=5-2", "bytes=0-1,5-6", "bytes=-5,0-1",
        "bytes=-999999999",
    ],
)  # fmt: skip
def test_a_range_that_is_not_one_of_bytes_is_ignored(odd, server, done):
    url = f"/api/songs/{done}/audio"
    whole, answer = server.get(url), server.get(url, headers={"Range": odd})
    assert (answer.status_code, answer.content) == (200, whole.content)


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("Bytes=100-", slice(100, None)),
        ("bytes=-10", slice(-10, None)),
        ("bytes=5-999999999", slice(5, None)),
    ],
)
def test_one_range_of_bytes_is_given(asked, part, server, done):
    url = f"/api/songs/{done}/audio"
    whole, answer = server.get(url), server.get(url, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, whole.content[part])


def test_a_range_beyond_the_end_is_refused(server, done):
    url = f"/api/songs/{done}/audio"
    whole, answer = server.get(url), server.get(url, headers={"Range": "bytes=999999999-"})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{len(whole.content)}"


def test_the_sound_is_not_there_before_it_is(server):
    song_id, _ = server.create("later.wav")
    assert server.get(f"/api/songs/{song_id}/audio").status_code == 409


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("json", "application/json"), ("csv", "text/csv; charset=utf-8"),
        ("audacity", "text/plain; charset=utf-8"), ("jams", "application/json"),
        ("webvtt", "text/vtt; charset=utf-8"), ("png", "image/png"),
    ],
)  # fmt: skip
def test_exports(form, kind, server, done):
    answer = server.get(f"/api/songs/{done}/export?format={form}&level=openmic&threshold=0.2")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == kind
    assert "attachment" in answer.headers["Content-Disposition"]
    if form == "png":
        width_px, height_px = Image.open(io.BytesIO(answer.content)).size
        assert width_px > 800  # eight seconds of 100 columns, and axes
        assert height_px > 128
    if form == "json":
        assert next(iter(json.loads(answer.text)["segments"][0]["probabilities"])) == "bass"


@pytest.mark.parametrize(
    "query",
    [
        "format=docx", "level=opus", "threshold=2", "threshold=x",
        "thresholds=piano", "thresholds=piano:2", "thresholds=kazoo:0.5",
        "level=openmic&thresholds=choir:0.5",
    ],
)  # fmt: skip
def test_exports_that_there_are_not(query, server, done):
    answer = server.get(f"/api/songs/{done}/export?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_an_export_waits_for_the_end_unless_told_not_to(server):
    song_id, _ = server.create("later.wav")
    assert server.get(f"/api/songs/{song_id}/export").status_code == 409
    assert server.get(f"/api/songs/{song_id}/export?partial=1").json()["segments"] == []


def test_a_deleted_song_leaves_nothing(server, wav):
    song_id = server.upload(wav)
    server.wait(song_id)
    assert server.files(song_id)
    assert server.delete(f"/api/songs/{song_id}").status_code == 204
    assert not (server.data_dir / "songs" / song_id).exists()
    for path in ("", "/segments", "/audio", "/export", "/segments/0/spectrogram", "/corrections"):
        answer = server.get(f"/api/songs/{song_id}{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), path
    assert server.delete(f"/api/songs/{song_id}").status_code == 404


def test_a_song_can_be_deleted_while_it_is_tagged(server, wav, encode):
    long = encode(wav, "long.flac", "-af aloop=loop=-1:size=300000 -t 600")
    song_id = server.upload(long)
    server.wait(song_id, ("tagging",))
    assert server.delete(f"/api/songs/{song_id}").status_code == 204
    assert server.get(f"/api/songs/{song_id}").status_code == 404
    assert not (server.data_dir / "songs" / song_id).exists()


def test_a_deleted_songs_name_is_in_no_file(server, wav):
    song_id = server.upload(wav, "unmistakable title.wav")
    server.wait(song_id)
    server.delete(f"/api/songs/{song_id}")
    for path in server.data_dir.glob("timbre.db*"):
        assert b"unmistakable title" not in path.read_bytes(), path.name


def test_a_song_that_is_deleted_before_its_bytes_takes_none(server, wav):
    song_id, upload_url = server.create("gone.wav")
    data = wav.read_bytes()

    def body():
        yield data[:100]
        assert server.delete(f"/api/songs/{song_id}").status_code == 204
        yield data[100:]

    assert server.put(upload_url, data=body()).status_code == 404
    assert server.files(song_id) == []


@pytest.mark.parametrize("after", ["abc", "", "-2", "99999999999999999999", "١", "+1", "1_0", " 1"])
def test_an_index_is_a_number_in_its_range(after, server, done):
    assert server.get(f"/api/songs/{done}/segments", params={"after": after}).status_code == 400


def test_a_song_keeps_the_labels_of_its_model(run_server, wav, tiny_model, tmp_path):
    other = shutil.copytree(tiny_model, tmp_path / "other")
    config = json.loads((other / "config.json").read_text())
    config["labels"].reverse()
    (other / "config.json").write_text(json.dumps(config))
    data_dir = tmp_path / "instance"
    data_dir.mkdir()
    with run_server(data_dir) as server:
        before = server.wait(server.upload(wav))
        exported = server.get(f"/api/songs/{before['id']}/export").json()
    with run_server(data_dir, TIMBRE_MODEL=other) as server:
        assert server.song(before["id"]) == before
        assert server.get(f"/api/songs/{before['id']}/export").json() == exported
        assert server.wait(server.upload(wav))["labels"] == before["labels"][::-1]
