import hashlib

from timbre.features.rendering import fingerprint_of


def test_a_file_is_its_digest_and_several_are_one_of_theirs(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(b"1")
    second.write_bytes(b"2")
    digests = [hashlib.sha256(content).hexdigest() for content in (b"1", b"2")]
    assert fingerprint_of([first]) == digests[0]
    assert fingerprint_of([first, second]) == hashlib.sha256("".join(digests).encode()).hexdigest()
