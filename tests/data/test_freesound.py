import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile as sf
from loopback_hosts import FREESOUND_KEY, Hosts
from miniatures import freesound as miniature

from timbre.data import freesound_api
from timbre.data.freesound import Collected, collect
from timbre.data.freesound_api import Query, Rate, Search
from timbre.errors import TimbreError

FREE = ("cc0", "cc-by")
BANJOS = Query("banjo", FREE)
N_BANJOS = 7  # in the miniature: free, and not longer than 30 s
FIRST = 40_000  # its ids count from here


@pytest.fixture(scope="session")
def sounds(tmp_path_factory) -> Path:
    places = tmp_path_factory.mktemp("freesound")
    miniature.make(places)
    return places


@pytest.fixture
def hosts(sounds, tmp_path, monkeypatch) -> Iterator[Hosts]:
    shutil.copytree(sounds, tmp_path / "places")
    monkeypatch.setattr("timbre.data.fetch.PAUSE_S", 0.01)
    with Hosts(tmp_path / "places") as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "out"


def run(out: Path, *, query: Query = BANJOS, label: str = "banjo", limit: int = 100, **search) -> Collected:
    return collect(Search(**search), query, label, out, limit)


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "clips.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def previews(hosts: Hosts) -> list[int]:
    return sorted(int(one.path.rsplit("/", 1)[-1].partition("_")[0]) for one in hosts.asked("/previews/*"))


def test_clips_come_with_their_makers(hosts, out):
    done = run(out)
    assert (done.n_new, done.n_there, done.broken) == (N_BANJOS, 0, [])
    found = rows(out)
    assert [row["id"] for row in found] == [str(FIRST + i) for i in range(N_BANJOS)]
    for row, (name, tags, username, license_name, duration_s) in zip(found, miniature.SOUNDS, strict=False):
        assert (row["name"], row["tags"], row["username"]) == (name, ";".join(tags), username)
        assert row["license"] == {"Creative Commons 0": "CC0", "Attribution": "CC BY 4.0"}[license_name]
        assert row["license_url"] == miniature.LICENSES[license_name]
        assert (row["label"], row["query"]) == ("banjo", "banjo")
        assert sf.info(out / row["path"]).duration == pytest.approx(duration_s, abs=0.1)
    attribution = (out / "ATTRIBUTION.md").read_text(encoding="utf-8")
    for row in found:
        assert f"{row['license']} ({row['license_url']}), {row['url']}\n" in attribution
    assert '"banjo\\_strum \\#2" by ann, CC BY 4.0' in attribution


def test_pages_are_followed_and_the_key_goes_to_the_search_alone(hosts, out):
    run(out, page_size=2, limit=3)
    asked = hosts.asked("/apiv2/search/text/*")
    assert len(asked) == 2
    assert {one.headers["authorization"] for one in asked} == {f"Token {FREESOUND_KEY}"}
    assert not [one for one in hosts.asked("/previews/*") if "authorization" in one.headers]
    written = [path for path in out.rglob("*") if path.is_file()]
    assert not [path for path in written if FREESOUND_KEY.encode() in path.read_bytes()]


def test_licence_and_length_are_asked_for(hosts, out):
    run(out, query=Query("banjo", ("cc-by",), min_s=1.0, max_s=60.0))
    assert {row["license"] for row in rows(out)} == {"CC BY 4.0"}
    assert sorted(float(row["duration_s"]) for row in rows(out)) == [1.2, 2.0, 40.0]


def test_a_licence_that_was_not_asked_for_is_left_out_whatever_the_search_gives(hosts, out, monkeypatch):
    generous = ("Attribution", "Attribution NonCommercial")
    monkeypatch.setitem(freesound_api.LICENSES, "cc-by", generous)
    run(out, query=Query("banjo", ("cc-by-nc", "cc-by")))
    assert {row["license"] for row in rows(out)} == {"CC BY 4.0", "CC BY-NC 4.0"}
    shutil.rmtree(out)
    run(out, query=Query("banjo", ("cc-by",)))
    assert {row["license"] for row in rows(out)} == {"CC BY 4.0"}


@pytest.mark.parametrize(
    ("name", "licenses", "allowed"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", ("cc-by",), True),
        ("http://creativecommons.org/licenses/by-nc/3.0/", ("cc-by",), False),
        ("http://creativecommons.org/licenses/by-nc/3.0/", ("cc0", "cc-by-nc"), True),
        ("http://creativecommons.org/publicdomain/zero/1.0/", ("cc0",), True),
        ("http://creativecommons.org/licenses/sampling+/1.0/", ("cc0", "cc-by"), False),
        ("http://creativecommons.org/licenses/sampling+/1.0/", (), True),
    ],
)
def test_which_licences_a_query_allows(name, licenses, allowed):
    assert Query("banjo", licenses).allows(name) is allowed


def test_a_list_that_somebody_edited_is_named(hosts, out):
    run(out, limit=1)
    text = (out / "clips.csv").read_text()
    (out / "clips.csv").write_text(text.replace(f",{FIRST},", ",one,"))
    with pytest.raises(TimbreError, match=r"clips\.csv has an id that is no number"):
        run(out)
    (out / "clips.csv").write_text("id,path\n")
    with pytest.raises(TimbreError, match=r"clips\.csv has no column label"):
        run(out)


def test_what_is_there_counts_and_is_not_fetched_again(hosts, out):
    run(out, limit=3)
    assert len(rows(out)) == 3
    hosts.log.clear()
    done = run(out, limit=5)
    assert (done.n_new, done.n_there) == (2, 3)
    assert previews(hosts) == [FIRST + 3, FIRST + 4]


def test_a_clip_whose_file_is_gone_is_fetched_again(hosts, out):
    run(out, limit=2)
    (out / rows(out)[0]["path"]).unlink()
    done = run(out, limit=2)
    assert (done.n_new, done.n_there) == (1, 1)


def test_broken_previews_do_not_count_and_are_tried_again(hosts, out):
    def place(number: int) -> Path:
        return next((hosts.folder / "freesound").rglob(f"{FIRST + number}_*.mp3"))

    whole = place(1).read_bytes()
    place(0).write_bytes(b"")
    place(1).write_bytes(whole[: len(whole) // 2])
    place(2).write_text("no sound, but a letter\n" * 100)
    place(3).unlink()
    lines: list[str] = []
    done = collect(Search(), BANJOS, "banjo", out, 3, lines.append)
    assert (done.n_new, [sound.id - FIRST for sound, _ in done.broken]) == (3, [0, 1, 2, 3])
    assert [row["id"] for row in rows(out)] == [str(FIRST + i) for i in (4, 5, 6)]
    assert len(list(out.glob("banjo/*"))) == 3
    assert len(lines) == 4
    assert "lasts" in lines[1]
    place(1).write_bytes(whole)
    assert run(out, limit=4).n_new == 1
    assert str(FIRST + 1) in {row["id"] for row in rows(out)}


def test_what_a_limit_ends_is_kept_and_gone_on_with(hosts, out):
    with pytest.raises(TimbreError, match="requests that the host allows a day"):
        run(out, page_size=2, per_day=Rate(1, 86_400.0))
    assert len(rows(out)) == 2
    hosts.log.clear()
    assert run(out, page_size=2, limit=4).n_good == 4
    assert previews(hosts) == [FIRST + 2, FIRST + 3]


def test_all_folders_spend_of_one_budget_and_each_key_has_its_own(hosts, out, tmp_path, monkeypatch):
    one_a_day = Rate(1, 86_400.0)
    run(out, limit=1, per_day=one_a_day)
    with pytest.raises(TimbreError, match="requests that the host allows a day"):
        run(tmp_path / "other", limit=1, per_day=one_a_day)
    remembered = [path for path in (hosts.folder / "state").rglob("*") if path.is_file()]
    assert remembered
    assert not [path for path in remembered if FREESOUND_KEY in path.name + path.read_text()]
    monkeypatch.setenv("FREESOUND_API_KEY", "another")
    with pytest.raises(TimbreError, match="does not accept"):  # the host was asked
        run(out, per_day=one_a_day)


def test_a_pause_that_the_host_asks_for_is_kept(hosts, out):
    hosts.fault("*/search/text/", status=429, retry_after_s=0, times=2)
    assert run(out, limit=1).n_new == 1
    hosts.fault("*/search/text/", status=429, retry_after_s=0)
    with pytest.raises(TimbreError, match="keeps asking for pauses"):
        run(out)


def test_the_hosts_daily_limit_ends_the_run(hosts, out):
    hosts.freesound_per_day = 0
    with pytest.raises(TimbreError, match="no more for today") as caught:
        run(out)
    assert caught.value.code == "limit_reached"


def test_a_second_search_adds_its_label(hosts, out):
    run(out, query=Query("banjo fast", FREE))
    run(out, query=Query("banjo roll", FREE), label="acoustic_guitar")
    (twice,) = rows(out)
    assert (twice["label"], twice["query"]) == ("banjo;acoustic_guitar", "banjo fast;banjo roll")
    assert twice["path"].startswith("banjo/")


def test_a_key_that_is_refused_is_not_shown(hosts, out, monkeypatch):
    monkeypatch.setenv("FREESOUND_API_KEY", "sesame")
    with pytest.raises(TimbreError, match="does not accept your API key") as caught:
        run(out)
    assert "sesame" not in str(caught.value)


def test_an_answer_of_another_form_is_told(hosts, out):
    hosts.fault("*/search/text/", html=True)
    with pytest.raises(TimbreError, match="not JSON"):
        run(out)
    hosts.heal()
    (hosts.folder / "freesound" / "sounds.json").write_text(
        '[{"name": "banjo", "tags": [], "duration": 1, "license": "publicdomain/zero"}]'
    )
    with pytest.raises(TimbreError, match="does not have the form"):
        run(out)


def test_a_strangers_title_is_no_markup(hosts, out):
    path = hosts.folder / "freesound" / "sounds.json"
    path.write_text(path.read_text().replace("Banjo lick in G.wav", "[banjo](http://x)\\n# big"))
    run(out, limit=1)
    assert '"\\[banjo\\](http://x) \\# big" by ann' in (out / "ATTRIBUTION.md").read_text(encoding="utf-8")
