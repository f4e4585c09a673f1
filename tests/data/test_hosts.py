import base64
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from loopback_hosts import FREESOUND_KEY, KAGGLE_KEY, KAGGLE_TOKEN, KAGGLE_USERNAME
from loopback_hosts import Hosts as Loopback

from timbre.data.credentials import freesound_auth, kaggle_auth
from timbre.data.dataset import Remote
from timbre.data.fetch import fetch
from timbre.data.freesound_api import DAY, MINUTE, PAGE_SIZE
from timbre.data.hosts import HOSTS, MIRROR_VARIABLE, Hosts, Located, mirrored
from timbre.data.web import new_session
from timbre.errors import TimbreError
from timbre.paths import PROJECT_ROOT

FILES = {
    "zenodo/77/one.zip": b"PK one",
    "zenodo/77/two.zip": b"PK two, longer",
    "kaggle/ann/drums.zip": b"PK drums",
    "mirror/assets.example/2020/all.zip": b"PK all",
}
CREDENTIALS = ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "FREESOUND_API_KEY")


@pytest.fixture
def loopback(tmp_path, monkeypatch):
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with Loopback(tmp_path) as hosts:
        for name, value in hosts.environment().items():
            monkeypatch.setenv(name, value)
        for name in CREDENTIALS:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(tmp_path / "kaggle_config"))
        yield hosts


def locate(address: str, md5: str | None = None) -> Located:
    with new_session() as session:
        return Hosts().locate(session, Remote(address, 1, md5))


def test_zenodo_says_address_size_and_checksum_and_is_asked_once_a_record(loopback):
    hosts = Hosts()

    def one(name: str) -> Located:
        with new_session() as session:
            return hosts.locate(session, Remote(f"zenodo:77/{name}", 1))

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(one, ["one.zip", "two.zip"])
    assert (first.size_bytes, second.size_bytes) == (6, 14)
    assert second.md5 == hashlib.md5(b"PK two, longer").hexdigest()
    assert second.url == f"{loopback.url()}/api/records/77/files/two.zip/content"
    assert len(loopback.asked("*")) == 1


def test_what_zenodo_does_not_have_is_named(loopback):
    with pytest.raises(TimbreError, match=r"record 77 has no file three\.zip"):
        locate("zenodo:77/three.zip")
    with pytest.raises(TimbreError, match="answers 404 Not Found for record 78"):
        locate("zenodo:78/one.zip")
    loopback.fault("*", html=True)
    with pytest.raises(TimbreError, match="sent no list of files for record 77"):
        locate("zenodo:77/one.zip")


def test_other_hosts_are_asked_for_the_size_alone(loopback):
    located = locate("https://assets.example/2020/all.zip", md5="0" * 32)
    assert located == Located(f"{loopback.url()}/mirror/assets.example/2020/all.zip", 6, "0" * 32)
    assert [one.sent_bytes for one in loopback.asked("*", "HEAD")] == [0]
    with pytest.raises(TimbreError, match=r"404 Not Found for gone\.zip"):
        locate("https://assets.example/gone.zip")


def test_a_host_that_answers_no_head_leaves_the_size_open(loopback):
    loopback.fault("*all.zip", status=403)
    assert locate("https://assets.example/2020/all.zip").size_bytes is None


def test_the_documents_name_every_address_and_limit():
    text = (PROJECT_ROOT / "docs" / "downloads.md").read_text(encoding="utf-8")
    for variable, address in HOSTS.values():
        assert f"| `{variable}` | `{address}` |" in text
    assert f"`{MIRROR_VARIABLE}`" in text
    assert f"{MINUTE.n_requests} requests a minute and {DAY.n_requests:,} a day" in text
    assert f"a search of {PAGE_SIZE} clips" in text


def test_a_mirror_stands_for_https_alone(monkeypatch):
    monkeypatch.delenv("TIMBRE_MIRROR_URL", raising=False)
    assert mirrored("https://a.example/b.zip") == "https://a.example/b.zip"
    monkeypatch.setenv("TIMBRE_MIRROR_URL", "http://mirror.example/pub/")
    assert mirrored("https://a.example/b.zip") == "http://mirror.example/pub/a.example/b.zip"
    assert mirrored("http://127.0.0.1:8000/b.zip") == "http://127.0.0.1:8000/b.zip"


def write_kaggle_file(loopback: Loopback, content: object) -> None:
    path = loopback.folder / "kaggle_config" / "kaggle.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))


def fetch_drums(target: Path) -> bytes:
    located = locate("kaggle:ann/drums")
    with new_session() as session:
        fetch(session, located, target)
    return target.read_bytes()


@pytest.mark.parametrize("how", ["token", "name and key", "file"])
def test_kaggle_gets_the_users_token_and_the_host_it_redirects_to_does_not(
    loopback, tmp_path, monkeypatch, how
):
    basic = base64.b64encode(f"{KAGGLE_USERNAME}:{KAGGLE_KEY}".encode()).decode()
    if how == "token":
        monkeypatch.setenv("KAGGLE_API_TOKEN", f"{KAGGLE_TOKEN}\n")
    elif how == "name and key":
        monkeypatch.setenv("KAGGLE_USERNAME", KAGGLE_USERNAME)
        monkeypatch.setenv("KAGGLE_KEY", KAGGLE_KEY)
    else:
        write_kaggle_file(loopback, {"username": KAGGLE_USERNAME, "key": KAGGLE_KEY})
    assert fetch_drums(tmp_path / "drums.zip") == b"PK drums"
    # A line is logged once it is answered, by a thread each: the second may come first.
    front, storage = sorted(loopback.asked("*drums*"), key=lambda one: one.host == "storage")
    assert front.headers["authorization"] == (
        f"Bearer {KAGGLE_TOKEN}" if how == "token" else f"Basic {basic}"
    )
    assert storage.host == "storage"
    assert "authorization" not in storage.headers


def test_a_missing_token_is_one_sentence_and_where_to_get_it(loopback):
    with pytest.raises(TimbreError, match=r"holders of a token.*kaggle\.com/settings.*KAGGLE_API_TOKEN"):
        locate("kaggle:ann/drums")
    with pytest.raises(TimbreError, match=r"API key.*freesound\.org/apiv2/apply.*FREESOUND_API_KEY"):
        freesound_auth()


def test_a_token_that_is_refused_is_not_shown(loopback, tmp_path, monkeypatch):
    monkeypatch.setenv("KAGGLE_API_TOKEN", "sesame")
    with pytest.raises(TimbreError, match=r"does not accept your token for drums\.zip") as caught:
        fetch_drums(tmp_path / "drums.zip")
    assert "sesame" not in str(caught.value)


def test_a_key_that_no_header_can_hold_is_not_quoted(loopback, monkeypatch):
    monkeypatch.setenv("FREESOUND_API_KEY", f"{FREESOUND_KEY}\nInjected: yes")
    with pytest.raises(TimbreError, match="FREESOUND_API_KEY holds characters") as caught:
        freesound_auth()
    assert FREESOUND_KEY not in str(caught.value)


def test_a_kaggle_file_of_another_form_is_named(loopback):
    write_kaggle_file(loopback, ["ann"])
    with pytest.raises(TimbreError, match=r"kaggle\.json cannot be read as a user name and a key"):
        kaggle_auth()
