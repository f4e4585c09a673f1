"""Whether FluidSynth and a small soundfont are there."""

from pathlib import Path

import pytest

SOUNDFONT = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")


def _is_there() -> bool:
    try:
        import fluidsynth  # noqa: F401
    except (ImportError, OSError):
        return False
    return SOUNDFONT.exists()


needs_fluidsynth = pytest.mark.skipif(not _is_there(), reason="no FluidSynth or no soundfont")
