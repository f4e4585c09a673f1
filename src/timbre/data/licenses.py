"""Creative Commons licences: from what hosts call them to one short name each."""

import re

_CC0 = re.compile(r"creativecommons\.org/publicdomain/zero/")
_PUBLIC_DOMAIN = re.compile(r"creativecommons\.org/publicdomain/mark/")
_OTHER = re.compile(r"creativecommons\.org/licenses/([a-z+-]+)/(\d\.\d)")
_NAMES = {
    "Creative Commons 0": "CC0",
    "Attribution": "CC BY",
    "Attribution NonCommercial": "CC BY-NC",
    "Attribution Noncommercial": "CC BY-NC",
}


def short_license(named: str) -> str:
    """`CC0`, `CC BY 4.0`, `CC BY-NC 3.0` ... of a licence's address, or of Freesound's name for it.

    What is neither comes back as it is.
    """
    if _CC0.search(named):
        return "CC0"
    if _PUBLIC_DOMAIN.search(named):
        return "public domain"
    if found := _OTHER.search(named):
        return f"CC {found[1].upper()} {found[2]}"
    return _NAMES.get(named, named)
