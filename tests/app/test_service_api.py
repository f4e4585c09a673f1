import re

import pytest
from live_server import until
from prometheus_client.parser import text_string_to_metric_families

from timbre.app.openapi import openapi
from timbre.app.settings import Settings, variables
from timbre.errors import PROBLEMS
from timbre.paths import PROJECT_ROOT

OWN_HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy")


def test_labels_are_the_models_in_its_order(server):
    rows = server.get("/api/labels").json()["labels"]
    assert [row["id"] for row in rows] == ["voice", "violin", "double_bass", "piano", "flute", "drum_kit"]
    expected = {
        "id",
        "name",
        "family",
        "parent",
        "piece_of",
        "colour",
        "openmic",
        "threshold",
        "experimental",
    }
    assert set(rows[0]) == expected
    assert rows[1]["parent"] == "strings"
    assert re.fullmatch("#[0-9A-F]{6}", rows[0]["colour"])


def test_the_model_and_the_limits_are_told(server):
    model = server.get("/api/model").json()
    assert (model["name"], model["context_s"]) == ("tiny", 3.0)
    config = server.get("/api/config").json()
    assert config["max_bytes"] == Settings().max_bytes
    assert config["segment_s"] == 1
    assert {"wav", "mp3", "flac", "ogg", "m4a"} <= set(config["formats"])


def test_metrics_count(server, wav):
    def tagged_s() -> float:
        return float(re.search(r"^timbre_tagged_seconds_total (\S+)", server.get("/metrics").text, re.M)[1])

    before = tagged_s()
    server.wait(server.upload(wav))
    assert tagged_s() - before == pytest.approx(7.25, abs=0.01)


def test_metrics_are_what_prometheus_reads(server, wav):
    server.wait(server.upload(wav))
    server.get("/nowhere/at/all")
    families = {}

    def counted() -> dict[tuple[str, ...], float]:
        text = server.get("/metrics").text
        families.update((family.name, family) for family in text_string_to_metric_families(text))
        return {tuple(one.labels.values()): one.value for one in families["timbre_requests"].samples}

    # A request is counted once its answer is gone, and who reads it may ask for the counts before.
    until(lambda: counted().get(("PUT", "/api/songs/<song_id>/upload", "2xx"), 0) >= 1)
    until(lambda: counted().get(("GET", "other", "4xx"), 0) >= 1)
    assert {
        "timbre_songs", "timbre_tagged_seconds", "timbre_tagging_seconds", "timbre_first_segment_seconds",
        "timbre_waiting_songs", "timbre_active_songs", "timbre_open_sockets", "timbre_requests",
        "timbre_request_seconds", "timbre_refused", "timbre_events", "timbre_free_disk_bytes",
        "process_resident_memory_bytes", "process_cpu_seconds", "process_start_time_seconds",
    } <= families.keys()  # fmt: skip
    assert not [route for _, route, _ in counted() if "nowhere" in route]


def test_openapi_names_every_route_and_no_other(server):
    from flask import Flask

    from timbre.app import api_corrections, api_service, api_songs

    app = Flask("routes")
    context = type("Nothing", (), dict.fromkeys(("songs", "store", "settings", "tagger")))
    app.register_blueprint(api_songs.blueprint(context))
    app.register_blueprint(api_corrections.blueprint(context))
    app.register_blueprint(api_service.blueprint(context))
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if not rule.rule.startswith("/static")
    }
    told = {
        (path, method)
        for path, operations in openapi()["paths"].items()
        for method in operations
        if method != "parameters"
    }
    assert told == routes
    assert server.get("/api/openapi.json").json() == openapi()


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/nowhere", 404), ("/static/../setup.py", 404), ("/api/songs/x", 404), ("/healthz", 200)],
)
def test_every_answer_carries_the_safe_headers(path, status, server):
    answer = server.get(path)
    assert answer.status_code == status
    assert all(answer.headers.get(name) for name in OWN_HEADERS)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("path", ["/static/%2e%2e/setup.py", "/static/..%2fsetup.py", "/songs/../setup.py"])
def test_no_path_leads_out(path, server):
    assert "setuptools" not in server.get(path).text


def test_errors_have_one_shape(server):
    for answer in (
        server.get("/api/nothing"),
        server.put("/api/songs"),
        server.get("/api/songs/x"),
        server.post("/api/songs"),
    ):
        error = answer.json()["error"]
        assert set(error) == {"code", "message", "hint"}
        assert error["code"] in PROBLEMS


def test_all_settings_are_documented():
    text = (PROJECT_ROOT / "docs" / "settings.md").read_text()
    for name, default, says in variables():
        assert f"| `{name}` | `{default}` | {says} |" in text, name


def test_settings_come_from_the_environment():
    settings = Settings.from_environment({"PORT": "9", "TIMBRE_MAX_DURATION_S": "60.5", "TIMBRE_MODEL": ""})
    assert (settings.port, settings.max_duration_s, settings.model) == (9, 60.5, Settings().model)
