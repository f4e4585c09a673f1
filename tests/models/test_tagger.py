import json
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from timbre.audio.decode import Decoder
from timbre.audio.log_mel import log_mel
from timbre.audio.segments import reflected
from timbre.errors import TimbreError
from timbre.models.tagger import Tagger
from timbre.paths import DEFAULT_MODEL_DIR


@pytest.fixture(scope="module")
def tagger(tiny_model) -> Tagger:
    return Tagger.from_pretrained(tiny_model)


def test_probabilities_are_those_of_the_windows(tagger, wav):
    waveform = np.concatenate(list(Decoder(wav)))
    whole = log_mel(waveform)
    segments = list(tagger.tag(wav))
    assert [segment.index for segment in segments] == list(range(8))
    assert segments[-1].end_s == pytest.approx(7.25)
    for segment in segments:
        window = whole[:, reflected(segment.index * 100 - 100, 300, whole.shape[1])]
        bands = window.mean(axis=1)
        sixths = [bands[np.arange(128) * 6 // 128 == i].sum() for i in range(6)]
        expected = 1 / (1 + np.exp(-(0.02 * np.array(sixths) + 10)))
        np.testing.assert_allclose(segment.probabilities, expected, atol=1e-4)


def test_a_model_may_look_at_the_seconds_beside(tagger, tiny_model, wav, tmp_path):
    folder = shutil.copytree(tiny_model, tmp_path / "steady")
    config = json.loads((folder / "config.json").read_text())
    assert "neighbour_share" not in config or config["neighbour_share"] == 0
    (folder / "config.json").write_text(json.dumps(config | {"neighbour_share": 0.25}))
    alone = np.stack([segment.probabilities for segment in tagger.tag(wav)])
    steady = list(Tagger(folder).tag(wav))
    assert [segment.index for segment in steady] == list(range(8))
    assert steady[-1].end_s == pytest.approx(7.25)
    np.testing.assert_allclose(
        steady[3].probabilities, 0.25 * alone[2] + 0.5 * alone[3] + 0.25 * alone[4], atol=1e-5
    )
    np.testing.assert_allclose(steady[7].probabilities, 0.25 * alone[6] + 0.75 * alone[7], atol=1e-5)


def test_stream_file_and_decoder_agree(tagger, wav):
    data = wav.read_bytes()
    streamed = tagger.tag(data[i : i + 9_999] for i in range(0, len(data), 9_999))
    expected = np.stack([segment.probabilities for segment in tagger.tag(wav)])
    for source in (streamed, tagger.tag(Decoder(wav)), tagger.tag(str(wav)), tagger.tag(data)):
        np.testing.assert_allclose(
            np.stack([segment.probabilities for segment in source]), expected, atol=1e-6
        )


def test_one_at_a_time_or_many_is_the_same(tagger):
    windows = np.random.default_rng(0).normal(-30, 10, (16, 128, 300)).astype(np.float32)
    one_by_one = np.concatenate([tagger.probabilities(windows[i : i + 1]) for i in range(16)])
    np.testing.assert_allclose(tagger.probabilities(windows), one_by_one, atol=1e-5)


def test_calibration_is_applied(tiny_model, tmp_path):
    folder = shutil.copytree(tiny_model, tmp_path / "calibrated")
    config = json.loads((folder / "config.json").read_text())
    config["calibration"]["scale"]["violin"] = 2.0
    config["calibration"]["bias"]["violin"] = -1.0
    (folder / "config.json").write_text(json.dumps(config))
    windows = np.full((1, 128, 300), -22.0, np.float32)
    calibrated, plain = Tagger(folder), Tagger(tiny_model)
    logit = plain.logits(windows)[0, 1]
    assert calibrated.probabilities(windows)[0, 1] == pytest.approx(1 / (1 + np.exp(1 - 2 * logit)), abs=1e-5)
    assert calibrated.probabilities(windows)[0, 0] == plain.probabilities(windows)[0, 0]


@pytest.mark.parametrize("model", ["no/such/folder", "nothing", "../../etc"])
def test_a_model_that_is_not_there_is_one_sentence(model):
    with pytest.raises(TimbreError) as refused:
        Tagger.from_pretrained(model)
    assert refused.value.code == "bad_checkpoint"


@pytest.mark.parametrize("model", ["nope", "no/such/folder", "../nope/", "/nope", Path("/no/where")])
def test_a_model_that_is_not_there_is_called_as_it_was_given(model):
    with pytest.raises(TimbreError) as refused:
        Tagger.from_pretrained(model)
    assert refused.value.message == f"There is no model folder {model}."


def test_a_network_that_is_no_network_is_refused(tiny_model, tmp_path):
    from timbre.files import file_sha256

    folder = shutil.copytree(tiny_model, tmp_path / "broken")
    (folder / "model.onnx").write_bytes(b"\x80\x04pickled")
    config = json.loads((folder / "config.json").read_text())
    config["sha256"]["model.onnx"] = file_sha256(folder / "model.onnx")
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(TimbreError, match="cannot be read"):
        Tagger.from_pretrained(folder)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"labels": ["voice", "violin"]}, "does not take 3 s and answer for 2 labels"),
        ({"context_s": 5.0}, "does not take 5 s and answer for"),
    ],
)
def test_a_network_that_its_config_does_not_describe_is_refused(tmp_path, change, sentence):
    folder = shutil.copytree(DEFAULT_MODEL_DIR, tmp_path / "another")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(TimbreError, match=sentence) as refused:
        Tagger.from_pretrained(folder)
    assert refused.value.code == "bad_checkpoint"


@pytest.fixture
def hub(tiny_model):
    """A server that answers as the Hub does for one repository."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    files = {path.name: path.read_bytes() for path in tiny_model.iterdir()}

    class Hub(BaseHTTPRequestHandler):
        asked: list[str] = []  # noqa: RUF012

        def log_message(self, *args):
            pass

        def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def do_GET(self):
            self.asked.append(self.path)
            path = self.path.split("?")[0]
            if path.startswith("/api/models/band/tagger/revision/v1"):
                info = {"id": "band/tagger", "sha": commit, "siblings": [{"rfilename": f} for f in files]}
                self.answer(json.dumps(info).encode(), Content_Type="application/json")
            elif path.startswith("/api/models/band/tagger/tree/"):
                tree = [
                    {"type": "file", "path": name, "size": len(data), "oid": "0" * 40}
                    for name, data in files.items()
                ]
                self.answer(json.dumps(tree).encode(), Content_Type="application/json")
            elif path.startswith("/band/tagger/resolve/") and path.rsplit("/", 1)[1] in files:
                data = files[path.rsplit("/", 1)[1]]
                self.answer(data, ETag=f'"{hash(data)}"', X_Repo_Commit=commit)
            else:
                self.answer(b"{}", 404, X_Error_Code="RepoNotFound")

        do_HEAD = do_GET  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_model_comes_from_the_hub_by_name_and_revision(hub, tmp_path, tiny_model):
    program = (
        "from timbre.models.tagger import Tagger; import sys\n"
        "print(Tagger.from_pretrained('band/tagger@v1').name)\n"
        "try: Tagger.from_pretrained('band/none')\n"
        "except Exception as error: print(error.code)\n"
    )
    environment = {"HF_ENDPOINT": hub, "HF_HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "NO_PROXY": "*"}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    name, refused = ran.stdout.split()
    assert name.startswith("tiny@"), ran.stderr
    assert refused == "bad_checkpoint"


def test_whatever_keeps_the_hub_away_is_one_sentence(tmp_path):
    program = (
        "from timbre.models.tagger import Tagger\n"
        "try: Tagger.from_pretrained('band/tagger')\n"
        "except Exception as error: print(error.code)\n"
    )
    # A proxy of a kind that the Hub's client does not speak: its HTTP library raises errors of its own.
    environment = {"HF_ENDPOINT": "http://127.0.0.1:9", "HTTP_PROXY": "socks5://127.0.0.1:9"}
    environment |= {"HF_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert ran.stdout.split() == ["bad_checkpoint"], ran.stderr
