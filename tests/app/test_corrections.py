"""What listeners say against the model, and what can be learned from it."""

import csv
import io
import json
import math
import zipfile

import numpy as np
import pytest
import requests
import soundfile
from click.testing import CliRunner

from timbre.app.corrections import LONGEST_PIECE_S, MAX_CORRECTIONS, Piece, pieces
from timbre.audio.decode import Decoder
from timbre.cli import main
from timbre.data.table import read_table

RIGHT = {"start_s": 1.0, "end_s": 3.5, "label": "violin", "verdict": "wrong"}


@pytest.fixture
def done(server, wav) -> str:
    song_id = server.upload(wav)
    server.wait(song_id)
    return song_id


def correct(server, song_id, **more) -> int:
    answer = server.post(f"/api/songs/{song_id}/corrections", json={**RIGHT, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def listed(server, song_id) -> list[dict]:
    return server.get(f"/api/songs/{song_id}/corrections").json()["corrections"]


def test_they_stand_beside_the_result_and_can_be_taken_back(server, done):
    song = server.song(done)
    first = correct(server, done)
    second = correct(server, done, label="flute", verdict="missing")
    assert listed(server, done) == [
        {**RIGHT, "id": first, "model": song["model"]},
        {**RIGHT, "id": second, "label": "flute", "verdict": "missing", "model": song["model"]},
    ]
    assert server.song(done) == song
    assert server.get(f"/api/songs/{done}/export").json()["segments"][1]["probabilities"]["violin"] == (
        pytest.approx(song["segments"][1]["probabilities"][song["labels"].index("violin")])
    )
    url = f"/api/songs/{done}/corrections/{first}"
    assert [server.delete(url).status_code for _ in range(2)] == [204, 404]
    assert [row["id"] for row in listed(server, done)] == [second]


def test_another_verdict_on_the_same_range_takes_the_place_of_the_former(server, done):
    correct(server, done)
    correct(server, done, start_s=2.0)
    correct(server, done, verdict="missing")
    said = [(row["start_s"], row["verdict"]) for row in listed(server, done)]
    assert said == [(2.0, "wrong"), (1.0, "missing")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": "kazoo"}, {"label": ["violin"]}, {"verdict": "maybe"}, {"verdict": None}, {"end_s": 0},
        {"start_s": "1"}, {"start_s": -1}, {"end_s": True}, {"end_s": 7.3}, {"end_s": 1.05}, {"end_s": 1e300},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(wrong, server, done):
    answer = server.post(f"/api/songs/{done}/corrections", json={**RIGHT, **wrong})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
    assert listed(server, done) == []


def test_nan_is_refused(server, done):
    body = json.dumps({**RIGHT, "end_s": math.nan})
    kind = {"Content-Type": "application/json"}
    answer = server.post(f"/api/songs/{done}/corrections", data=body, headers=kind)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_only_what_is_tagged_can_be_corrected(server):
    song_id, _ = server.create("later.wav")
    assert server.post(f"/api/songs/{song_id}/corrections", json=RIGHT).status_code == 400
    assert server.get(f"/api/songs/{song_id}/corrections/export").json()["error"]["code"] == "not_ready"


def test_another_song_has_none_of_them(server, done, wav):
    mine = correct(server, done)
    other = server.upload(wav)
    assert server.delete(f"/api/songs/{other}/corrections/{mine}").status_code == 404
    assert listed(server, other) == []
    assert len(listed(server, done)) == 1


def test_their_number_is_bounded(server, done):
    with requests.Session() as session:
        for i in range(MAX_CORRECTIONS):
            body = {**RIGHT, "start_s": i / MAX_CORRECTIONS}
            assert session.post(f"{server.url}/api/songs/{done}/corrections", json=body).status_code == 201
    answer = server.post(f"/api/songs/{done}/corrections", json={**RIGHT, "start_s": 1.2345})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "too_many_corrections")


def test_they_go_with_the_song(server, done):
    correct(server, done)
    server.delete(f"/api/songs/{done}")
    for path in ("", "/export"):
        assert server.get(f"/api/songs/{done}/corrections{path}").status_code == 404
    assert server.post(f"/api/songs/{done}/corrections", json=RIGHT).status_code == 404


def said(start_s: float, end_s: float, label: str, verdict: str) -> dict:
    return {"start_s": start_s, "end_s": end_s, "label": label, "verdict": verdict}


def test_a_song_is_cut_where_any_of_them_begins_or_ends():
    corrections = [
        said(1, 4, "violin", "wrong"),
        said(3, 5, "flute", "missing"),
        said(3.5, 6, "violin", "missing"),
        said(8, 9, "piano", "missing"),
        said(9.05, 10, "piano", "missing"),  # between the two lies too little to be heard, and nothing said
    ]
    assert pieces(corrections) == [
        Piece(1, 3, (), ("violin",)),
        Piece(3, 3.5, ("flute",), ("violin",)),
        Piece(3.5, 4, ("flute", "violin"), ()),  # the later word counts
        Piece(4, 5, ("flute", "violin"), ()),
        Piece(5, 6, ("violin",), ()),
        Piece(8, 9, ("piano",), ()),
        Piece(9.05, 10, ("piano",), ()),
    ]


def test_a_long_range_becomes_several_clips():
    cut = pieces([said(10, 160, "piano", "wrong")])
    assert [(piece.start_s, piece.end_s) for piece in cut] == [(10, 60), (60, 110), (110, 160)]
    assert all(piece.end_s - piece.start_s <= LONGEST_PIECE_S for piece in cut)
    assert pieces([]) == []


def test_their_clips_are_read_as_recordings_of_ones_own(server, done, wav, tmp_path):
    """`wrong` is known absent, `missing` is present, all else unknown; the sound is that of the range."""
    correct(server, done)
    correct(server, done, label="flute", verdict="missing", start_s=3.0, end_s=5.25)
    answer = server.get(f"/api/songs/{done}/corrections/export")
    assert answer.headers["Content-Type"] == "application/zip"
    assert "attachment" in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as zipped:
        zipped.extractall(tmp_path)
    (folder,) = tmp_path.iterdir()
    readme = (folder / "README.txt").read_text()
    command = readme[readme.index("timbre data") : readme.rindex("kind") + len("kind")].replace("\\\n", " ")
    arguments = command.replace(folder.name, str(folder)).split()[1:]
    ran = CliRunner().invoke(main, [*arguments, "--table", str(tmp_path / "table")])
    assert ran.exit_code == 0, ran.output
    table = read_table(tmp_path / "table").sort_values("path")
    known = [(list(row.present), list(row.absent)) for row in table.itertuples()]
    assert known == [([], ["violin"]), (["flute"], ["violin"]), (["flute"], [])]
    assert table["duration_s"].tolist() == pytest.approx([2.0, 0.5, 1.75], abs=1e-3)
    assert table["group"].nunique() == 1
    assert set(table["kind"]) == {"mix"}
    whole = np.concatenate(list(Decoder(wav)))
    clip, rate_hz = soundfile.read(folder / table["path"].iloc[1], dtype="float32")
    np.testing.assert_allclose(clip, whole[3 * rate_hz : round(3.5 * rate_hz)], atol=1 / 32_768)
    with (folder / "corrections.csv").open(newline="") as file:
        assert {row["model"] for row in csv.DictReader(file)} == {server.song(done)["model"]}
    assert [path.name for path in server.files(done)] == ["upload"]  # nothing is left behind


def test_nothing_corrected_is_nothing_to_take_along(server, done):
    answer = server.get(f"/api/songs/{done}/corrections/export")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_ready")
