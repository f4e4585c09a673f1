import gzip
import io
import random
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from timbre.data import archive_members
from timbre.data import unpack as unpack_module
from timbre.data.unpack import unpack
from timbre.errors import TimbreError

GOOD = {"set/one.txt": b"one", "set/deep/two.bin": bytes(range(256)) * 40, "set/empty.txt": b""}
TarEdit = Callable[[tarfile.TarInfo], None]


def zip_of(path: Path, files: dict[str, bytes], unix_mode: int = 0) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = unix_mode << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return path


def tar_of(path: Path, files: dict[str, bytes], edit: TarEdit = lambda info: None) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix != ".tar" else "w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            edit(info)
            archive.addfile(info, io.BytesIO(content))
    return path


def files_below(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture
def work(tmp_path) -> Path:
    folder = tmp_path / "archives"
    folder.mkdir()
    return folder


@pytest.fixture
def place(tmp_path) -> Path:
    return tmp_path / "place"


def refused(archive: Path, place: Path, match: str) -> str:
    """The code with which an archive is refused; nothing of it is anywhere."""
    before = files_below(archive.parents[1])
    with pytest.raises(TimbreError, match=match) as caught:
        unpack(archive, place)
    assert archive.name in str(caught.value)
    assert files_below(archive.parents[1]) == before
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]
    return caught.value.code


@pytest.mark.parametrize(
    ("make", "name"), [(zip_of, "a.zip"), (tar_of, "a.tgz"), (tar_of, "a.tar.gz"), (tar_of, "a.tar")]
)
def test_what_was_packed_comes_out(work, place, make, name):
    archive = make(work / name, GOOD)
    unpacked = unpack(archive, place)
    assert files_below(place) == GOOD
    assert (unpacked.n_files, unpacked.size_bytes) == (3, 3 + 256 * 40)
    assert [path.name for path in work.iterdir()] == [name]


def test_a_tar_of_the_folder_it_was_made_in_is_common(work, place):
    (work / "set").mkdir()
    (work / "set" / "one.txt").write_bytes(b"one")
    with tarfile.open(work / "a.tgz", "w:gz") as archive:
        archive.add(work / "set", arcname=".")
    unpack(work / "a.tgz", place)
    assert files_below(place) == {"one.txt": b"one"}


@pytest.mark.parametrize("name", [".zip", "..zip", "...zip", "deep/...zip", "....tar.gz"])
def test_an_archive_in_it_whose_name_leads_out_stays_a_file(work, place, name):
    inner = zip_of(work / "inner.zip", {"planted.txt": b"evil"})
    content = inner.read_bytes()
    inner.unlink()
    unpack(zip_of(work / "a.zip", {name: content}), place)
    assert files_below(place) == {name: content}
    assert [path.name for path in work.iterdir()] == ["a.zip"]


@pytest.mark.parametrize(
    "headers", [{"GNU.sparse.map": "a,b"}, {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}]
)
def test_headers_that_make_no_sense_are_a_broken_archive(work, place, headers):
    def edit(info: tarfile.TarInfo) -> None:
        info.pax_headers = headers

    assert refused(tar_of(work / "a.tgz", GOOD, edit), place, "broken") == "bad_archive"


def test_a_zip_whose_index_points_before_its_beginning_is_broken(work, place):
    archive = zip_of(work / "a.zip", GOOD)
    content = bytearray(archive.read_bytes())
    struct.pack_into("<L", content, content.rfind(b"PK\5\6") + 16, 0xFFFFFFF0)
    archive.write_bytes(content)
    assert refused(archive, place, "broken") == "bad_archive"


def test_a_header_as_large_as_the_memory_is_refused(work, place, monkeypatch):
    monkeypatch.setattr(archive_members, "MAX_HEADER_BYTES", 1 << 20)

    def edit(info: tarfile.TarInfo) -> None:
        info.pax_headers = {"comment": "x" * (2 << 20)}

    archive = tar_of(work / "a.tgz", GOOD, edit)
    assert refused(archive, place, "more than its headers announce") == "unsafe_archive"


def test_zeros_without_an_end_are_refused(work, place, monkeypatch):
    monkeypatch.setattr(archive_members, "MAX_HEADER_BYTES", 1 << 20)
    archive = tar_of(work / "a.tgz", GOOD)
    archive.write_bytes(gzip.compress(gzip.decompress(archive.read_bytes()) + bytes(4 << 20)))
    assert refused(archive, place, "more than its headers announce") == "unsafe_archive"


def test_progress_knows_what_is_to_come(work, place):
    steps: list[tuple[int, int | None]] = []
    unpack(zip_of(work / "a.zip", GOOD), place, lambda done, total: steps.append((done, total)))
    assert steps[-1] == (3 + 256 * 40, 3 + 256 * 40)


def test_two_archives_share_a_folder_and_a_second_attempt_writes_over_the_first(work, place):
    unpack(zip_of(work / "a.zip", GOOD), place)
    (place / "set" / "one.txt").write_bytes(b"half")
    unpack(zip_of(work / "b.zip", {"set/three.txt": b"three", "set/one.txt": b"one"}), place)
    assert files_below(place) == GOOD | {"set/three.txt": b"three"}


def test_an_interruption_leaves_nothing_that_looks_complete(work, place):
    class Enough(Exception):
        pass

    def progress(done_bytes: int, total_bytes: int | None) -> None:
        if done_bytes > 3:
            raise Enough

    archive = zip_of(work / "a.zip", GOOD)
    with pytest.raises(Enough):
        unpack(archive, place, progress)
    assert not place.exists()
    left = work / "a.zip.unpacked"  # of a process that was killed
    left.mkdir()
    (left / "stale.txt").write_bytes(b"stale")
    unpack(archive, place)
    assert files_below(place) == GOOD


@pytest.mark.parametrize(
    "name", ["../out.txt", "/tmp/out.txt", "a/../../out.txt", "..\\out.txt", "C:\\out.txt", "a\nb"]
)
@pytest.mark.parametrize(("make", "suffix"), [(zip_of, "zip"), (tar_of, "tgz")])
def test_nothing_is_written_outside(work, place, make, suffix, name):
    archive = make(work / f"a.{suffix}", {"good.txt": b"good", name: b"bad"})
    assert refused(archive, place, "it would write to") == "unsafe_archive"


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_no_link_and_no_device_comes_out_of_a_tar(work, place, kind):
    def make_special(info: tarfile.TarInfo) -> None:
        info.type, info.linkname, info.size = kind, "/etc", 0

    archive = tar_of(work / "a.tgz", {"link": b""}, make_special)
    assert refused(archive, place, "its link is a link or a device") == "unsafe_archive"


def test_no_link_comes_out_of_a_zip(work, place):
    archive = zip_of(work / "a.zip", {"link": b"/etc/passwd"}, unix_mode=0o120777)
    assert refused(archive, place, "its link is a link or a device") == "unsafe_archive"


@pytest.mark.parametrize(("make", "name"), [(zip_of, "a.zip"), (tar_of, "a.tgz")])
def test_a_bomb_is_refused(work, place, make, name, monkeypatch):
    monkeypatch.setattr(unpack_module, "SMALL_BYTES", 1 << 20)
    archive = make(work / name, {"zeros.bin": bytes(20 << 20)})
    assert archive.stat().st_size < 40_000
    assert refused(archive, place, "it would grow to more than") == "unsafe_archive"


def test_an_archive_that_lies_about_its_sizes_is_refused(work, place, monkeypatch):
    archive = zip_of(work / "a.zip", {"zeros.bin": bytes(20 << 20)})
    content = archive.read_bytes()
    archive.write_bytes(content.replace((20 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    assert refused(archive, place, "is broken") == "bad_archive"


def test_too_many_files_are_refused(work, place, monkeypatch):
    monkeypatch.setattr(unpack_module, "MAX_FILES", 2)
    assert refused(zip_of(work / "a.zip", GOOD), place, "more than 2 files") == "unsafe_archive"


def test_a_zip_of_zips_comes_out_in_folders_of_their_names(work, place):
    inner = {
        name: zip_of(work / name, {f"{name[0]}.mp3": b"x", "deep/y.mp3": b"y"}).read_bytes()
        for name in ("tuba.zip", "Oboe.ZIP")
    }
    for name in inner:
        (work / name).unlink()
    archive = zip_of(work / "all.zip", {f"all/{name}": content for name, content in inner.items()})
    assert unpack(archive, place).n_files == 6
    assert sorted(files_below(place)) == [
        "all/Oboe/O.mp3",
        "all/Oboe/deep/y.mp3",
        "all/tuba/deep/y.mp3",
        "all/tuba/t.mp3",
    ]


def test_archives_in_archives_without_end_are_refused(work, place):
    content = zip_of(work / "a.zip", GOOD).read_bytes()
    for _ in range(unpack_module.MAX_DEPTH):
        content = zip_of(work / "a.zip", {"again.zip": content}).read_bytes()
    with pytest.raises(TimbreError, match="it lies in 3 other archives"):
        unpack(work / "a.zip", place)
    assert not place.exists()


def test_a_path_out_of_an_inner_archive_is_refused_too(work, place):
    content = zip_of(work / "a.zip", {"../../out.txt": b"bad"}).read_bytes()
    with pytest.raises(TimbreError, match=r"inner\.zip is not unpacked: it would write"):
        unpack(zip_of(work / "a.zip", {"inner.zip": content}), place)
    assert list(files_below(work.parent)) == ["archives/a.zip"]


@pytest.mark.parametrize(("make", "name"), [(zip_of, "a.zip"), (tar_of, "a.tgz")])
@pytest.mark.parametrize("how", ["cut", "damaged", "text", "empty"])
def test_a_broken_archive_is_named(work, place, make, name, how):
    noise = random.Random(0).randbytes(100_000)
    archive = make(work / name, {"noise.bin": noise, "second.txt": b"second"})
    content = bytearray(archive.read_bytes())
    if how == "damaged":
        content[50_000] ^= 0xFF
    broken = {"cut": content[:60_000], "text": b"This is no archive.\n" * 50, "empty": b""}.get(how, content)
    archive.write_bytes(broken)
    assert refused(archive, place, "is broken") == "bad_archive"


def test_a_checksum_at_the_very_end_of_a_gzip_counts(work, place):
    archive = tar_of(work / "a.tgz", GOOD)
    content = bytearray(archive.read_bytes())
    content[-6] ^= 0xFF
    archive.write_bytes(content)
    assert refused(archive, place, "is broken") == "bad_archive"


def test_an_encrypted_archive_is_told(work, place):
    archive = zip_of(work / "a.zip", GOOD)
    content = bytearray(archive.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(signature, at + 1)
    archive.write_bytes(content)
    assert refused(archive, place, "is encrypted") == "bad_archive"


def test_names_in_other_encodings_become_readable(work, place):
    archive = zip_of(work / "a.zip", {"Fl_te.txt": b"1", "Gu_tar.txt": b"2"})
    content = archive.read_bytes()
    # Without the UTF-8 flag: one name in UTF-8 all the same, one in code page 437.
    content = content.replace(b"Fl_te.txt", "Flö.txt".encode() + b"t").replace(b"Gu_tar", b"Gu\xa1tar")
    archive.write_bytes(content)
    unpack(archive, place)
    assert sorted(files_below(place)) == ["Flö.txtt", "Guítar.txt"]
    info = tarfile.TarInfo("Fl\udcf6te.txt")  # latin-1
    info.size = 1
    with tarfile.open(work / "b.tgz", "w:gz", format=tarfile.GNU_FORMAT, encoding="utf-8") as file:
        file.addfile(info, io.BytesIO(b"3"))
    unpack(work / "b.tgz", place)
    assert "Flöte.txt" in files_below(place)


def test_what_macos_adds_is_left_out(work, place):
    litter = {"__MACOSX/set/._one.txt": b"x", "set/.DS_Store": b"x", "set/._one.txt": b"x"}
    unpack(zip_of(work / "a.zip", GOOD | litter), place)
    assert files_below(place) == GOOD


def test_a_name_that_the_folder_keeps_for_itself_is_refused(work, place):
    archive = zip_of(work / "a.zip", {"receipt.json": b"{}"})
    assert refused(archive, place, r"holds receipt\.json") == "unsafe_archive"
