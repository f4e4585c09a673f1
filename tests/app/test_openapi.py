"""Real answers, held against the shapes that the contract promises."""

import re

import pytest
from jsonschema import Draft202012Validator

from timbre.app.openapi import openapi

DOCUMENT = openapi()


def shape(path: str, method: str, status: int) -> Draft202012Validator:
    content = DOCUMENT["paths"][path][method]["responses"][str(status)]["content"]
    schema = content["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]})


def assert_promised(answer, path: str, method: str = "get") -> None:
    assert list(shape(path, method, answer.status_code).iter_errors(answer.json())) == []


@pytest.fixture(scope="module")
def done(server, wav) -> str:
    song_id = server.upload(wav)
    server.wait(song_id)
    return song_id


def test_every_reference_leads_somewhere():
    Draft202012Validator.check_schema({"components": DOCUMENT["components"]})
    used = set(re.findall(r"#/components/schemas/(\w+)", str(DOCUMENT)))
    assert used <= set(DOCUMENT["components"]["schemas"])
    assert {"Song", "Error", "Created", "Labels", "Segments"} <= used


def test_answers_have_the_promised_shape(server, done, wav):
    assert_promised(server.get(f"/api/songs/{done}"), "/api/songs/{song_id}")
    assert_promised(server.get(f"/api/songs/{done}/segments?after=3"), "/api/songs/{song_id}/segments")
    assert_promised(server.get("/api/labels"), "/api/labels")
    created = server.post("/api/songs", json={"name": "a.wav"})
    assert_promised(created, "/api/songs", "post")
    assert_promised(server.get(created.json()["url"]), "/api/songs/{song_id}")  # nothing is known of it yet
    uploaded = server.put(created.json()["upload_url"], data=wav.read_bytes())
    assert_promised(uploaded, "/api/songs/{song_id}/upload", "put")


def test_what_is_said_of_a_whole_sound_and_against_it_has_the_promised_shape(server, done):
    assert_promised(server.get(f"/api/songs/{done}/single"), "/api/songs/{song_id}/single")
    url, path = f"/api/songs/{done}/corrections", "/api/songs/{song_id}/corrections"
    said = {"start_s": 0, "end_s": 1, "label": "piano", "verdict": "wrong"}
    assert_promised(server.post(url, json=said), path, "post")
    assert_promised(server.get(url), path)


def test_problems_have_the_promised_shape_and_status(server, done, bad_files):
    assert_promised(server.get("/api/songs/nobody"), "/api/songs/{song_id}")
    assert_promised(server.delete("/api/songs/nobody"), "/api/songs/{song_id}", "delete")
    assert_promised(server.post("/api/songs", json={}), "/api/songs", "post")
    assert_promised(server.get(f"/api/songs/{done}/export?format=x"), "/api/songs/{song_id}/export")
    song_id, upload_url = server.create("letter.mp3")
    refused = server.put(upload_url, data=bad_files["random"].read_bytes())
    assert_promised(refused, "/api/songs/{song_id}/upload", "put")
    assert_promised(server.get(f"/api/songs/{song_id}"), "/api/songs/{song_id}")  # failed, with its error
