import pytest

from timbre.data.licenses import short_license


@pytest.mark.parametrize(
    ("named", "short"),
    [
        ("http://creativecommons.org/publicdomain/zero/1.0/", "CC0"),
        ("https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0"),
        ("http://creativecommons.org/licenses/by-nc/3.0/", "CC BY-NC 3.0"),
        ("http://creativecommons.org/licenses/sampling+/1.0/", "CC SAMPLING+ 1.0"),
        ("Creative Commons 0", "CC0"),
        ("Attribution", "CC BY"),
        ("CC BY 4.0", "CC BY 4.0"),
        ("my own", "my own"),
    ],
)
def test_one_short_name_each(named, short):
    assert short_license(named) == short
