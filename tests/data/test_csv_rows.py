import pytest

from timbre.data.csv_rows import read_rows
from timbre.errors import TimbreError


def test_quotes_a_byte_order_mark_and_short_rows(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('\ufeffname,label\n"a, b.wav",flute\nc.wav\n', encoding="utf-8")
    assert list(read_rows(path, ("name", "label"))) == [
        {"name": "a, b.wav", "label": "flute"},
        {"name": "c.wav", "label": ""},
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"name\n", "no column label"),
        (b"", "no column name, label"),
        (b"name,label\n\xff\xfe\xff,x\n", "not a CSV in UTF-8"),
    ],
)
def test_a_bad_table_is_named_and_told(tmp_path, content, told):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(TimbreError, match=rf"a\.csv.*{told}|a\.csv is {told}"):
        list(read_rows(path, ("name", "label")))


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(TimbreError, match=r"gone\.csv cannot be read: No such file"):
        list(read_rows(tmp_path / "gone.csv", ("name",)))
