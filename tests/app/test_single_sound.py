"""One answer for a short sound over REST: the same as on the command line."""

import json

import pytest
from click.testing import CliRunner

from timbre.cli import main


def test_the_answer_is_that_of_the_command_line(server, wav, encode, tiny_model):
    note = encode(wav, "note.wav", "-t 1.6")
    song_id = server.upload(note)
    server.wait(song_id)
    answer = server.get(f"/api/songs/{song_id}/single").json()
    ran = CliRunner().invoke(
        main, ["tag", str(note), "--single", "--format", "json", "--model", str(tiny_model)]
    )
    expected = json.loads(ran.stdout)
    assert (answer["instrument"], answer["model"]) == (expected["instrument"], expected["model"])
    told = dict(zip(answer["labels"], answer["confidences"], strict=True))
    assert told == pytest.approx(expected["confidences"], abs=2e-5)
    assert told[answer["instrument"]] == max(told.values())


def test_it_waits_for_the_end(server):
    song_id, _ = server.create("later.wav")
    answer = server.get(f"/api/songs/{song_id}/single")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_ready")
    assert server.get("/api/songs/x/single").status_code == 404
