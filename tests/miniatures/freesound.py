"""Freesound: what its search answers with, and the previews (mp3) that the answers name.

Licences are addresses here, but names in a search's filter. `previews` name a host of their own;
`{host}` in them is replaced by whoever plays the host.
"""

import hashlib
import json
from pathlib import Path

from miniatures.archives import write
from miniatures.clip import Clip
from miniatures.sound import mp3

PLACE = "freesound"
LICENSES = {
    "Creative Commons 0": "http://creativecommons.org/publicdomain/zero/1.0/",
    "Attribution": "https://creativecommons.org/licenses/by/4.0/",
    "Attribution NonCommercial": "https://creativecommons.org/licenses/by-nc/4.0/",
}
# Name, tags, uploader, licence, duration. All are found by "banjo"; three are too long or not free.
SOUNDS = (
    ("Banjo lick in G.wav", ("banjo", "lick"), "ann", "Creative Commons 0", 1.5),
    ("banjo_strum #2", ("banjo", "strum", "folk"), "ann", "Attribution", 2.0),
    ("Old banjo, single notes", ("banjo", "note"), "bob", "Creative Commons 0", 1.0),
    ("Banjo; tremolo", ("banjo",), "bob", "Attribution", 1.2),
    ('My "new" banjo', ("banjo", "bluegrass"), "Zoë K", "Attribution", 0.8),
    ("banjo roll fast", ("banjo", "roll"), "dave", "Creative Commons 0", 1.1),
    ("banjo slap", ("banjo", "slap"), "eve", "Creative Commons 0", 0.6),
    ("Banjo concert, not for sale", ("banjo", "live"), "eve", "Attribution NonCommercial", 1.0),
    ("banjo evening, all of it", ("banjo", "live"), "eve", "Attribution", 40.0),
    ("church bell", ("bell",), "ann", "Creative Commons 0", 1.0),
)


def make(places: Path) -> list[Clip]:
    """Write the sounds' list and their previews; nothing here is an archive."""
    sounds = []
    for number, (name, tags, username, license_name, duration_s) in enumerate(SOUNDS):
        preview = mp3(tags[0], duration_s, take=number)
        sounds.append(_sound(40_000 + number, name, tags, username, license_name, duration_s, preview))
        write(places / PLACE / _preview(40_000 + number), preview)
    write(places / PLACE / "sounds.json", json.dumps(sounds, indent=1).encode())
    return [_clip(sound) for sound in sounds]


def _preview(sound_id: int) -> str:
    return f"previews/{sound_id // 1000}/{sound_id}_71257-hq.mp3"


def _sound(
    sound_id: int,
    name: str,
    tags: tuple[str, ...],
    username: str,
    license_name: str,
    duration_s: float,
    preview: bytes,
) -> dict[str, object]:
    place = "{host}/" + _preview(sound_id)
    return {
        "id": sound_id,
        "url": f"https://freesound.org/people/{username}/sounds/{sound_id}/",
        "name": name,
        "tags": list(tags),
        "description": "",
        "created": "2014-04-16T20:07:11.145",
        "license": LICENSES[license_name],
        "type": "wav",
        "channels": 1,
        "duration": duration_s,
        "username": username,
        "md5": hashlib.md5(preview).hexdigest(),
        "previews": {
            "preview-hq-mp3": place,
            "preview-lq-mp3": place.replace("-hq", "-lq"),
            "preview-hq-ogg": place.replace(".mp3", ".ogg"),
            "preview-lq-ogg": place.replace("-hq.mp3", "-lq.ogg"),
        },
    }


def _clip(sound: dict) -> Clip:
    """`path` is the sound's id: where its preview is kept is the downloader's own affair."""
    return Clip(
        "freesound", str(sound["id"]), tuple(sound["tags"]), group=sound["username"], license=sound["license"]
    )
