import pytest

from timbre.models.weights_license import license_counts, listed_once, source_licenses, weights_license


def trained(**licenses: str) -> list[dict]:
    return [{"source": source, "license": license} for source, license in licenses.items()]


@pytest.mark.parametrize(
    ("licenses", "hub_id"),
    [
        ({"a": "CC0", "b": "public domain"}, "cc0-1.0"),
        ({"a": "CC0", "b": "MIT"}, "cc-by-4.0"),
        ({"a": "CC0; CC BY 3.0"}, "cc-by-4.0"),
        ({"a": "CC BY 4.0", "b": "CC BY-SA 3.0"}, "cc-by-sa-3.0"),
        ({"a": "CC BY-SA 3.0", "b": "CC BY-SA 4.0"}, "cc-by-sa-4.0"),
    ],
)
def test_the_strictest_free_licence_holds(licenses, hub_id):
    license = weights_license(trained(**licenses))
    assert (license.id, license.name) == (hub_id, "")


@pytest.mark.parametrize(
    ("license", "name", "words"),
    [
        ("CC BY-NC-SA 3.0", "non-commercial", "non-commercial use only, as recordings of strict"),
        ("https://creativecommons.org/licenses/by-nc/4.0/", "non-commercial", "strict"),
        ("MIR-1K, research use", "non-commercial", "strict"),
        ("CC BY-ND 4.0", "no-derivatives", "strict"),
        ("GPL-2.0", "copyleft", "strict"),
        ("not stated", "not-stated", "The licences of strict are not stated"),
        ("", "not-stated", "strict"),
    ],
)
def test_what_is_not_free_is_said_with_its_sources(license, name, words):
    found = weights_license(trained(free="CC0", strict=license))
    assert (found.id, found.name) == ("other", name)
    assert words in found.sentence


def test_licences_of_clips_are_counted_by_their_short_names():
    links = ["http://creativecommons.org/licenses/by/3.0/"] * 3 + ["CC0", " CC0"] + ["Attribution"]
    counts = license_counts(links)
    assert [*counts.items()] == [("CC BY 3.0", 3), ("CC0", 2), ("CC BY", 1)]
    assert source_licenses({"licenses": counts}) == counts
    assert source_licenses({"license": "CC0; CC BY 3.0"}) == {"CC0": None, "CC BY 3.0": None}


def test_a_source_is_listed_once_for_all_that_learned_from_it():
    own = {"source": "ann", "license": "CC0", "minutes": 3.0}
    earlier = [{**own, "through": f"{name}@1", "minutes": 9.0} for name in ("a", "b")]
    bob = {"source": "bob", "license": "CC0", "through": "a@1"}
    same_terms = {"source": "bob", "licenses": {"CC0": 5}, "through": "b@1"}
    other_terms = {"source": "ann", "license": "CC BY 3.0", "through": "b@1"}
    trained_on = [own, *earlier, bob, same_terms, other_terms]
    assert listed_once(trained_on) == [own, bob, other_terms]
    assert listed_once([]) == []
