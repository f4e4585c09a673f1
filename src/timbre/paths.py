"""Where the project's own folders are, in one place."""

import os
from pathlib import Path

# An image or an odd install says where templates/, static/ and models/ lie; a checkout knows.
PROJECT_ROOT = Path(os.environ.get("TIMBRE_ROOT", Path(__file__).resolve().parents[2]))
TEMPLATES_DIR = PROJECT_ROOT / "templates"
STATIC_DIR = PROJECT_ROOT / "static"
MODELS_DIR = PROJECT_ROOT / "models"
DATA_DIR = PROJECT_ROOT / "data"
DEFAULT_MODEL_DIR = MODELS_DIR / "default"


def state_dir() -> Path:
    """What this user's runs remember, whichever folders they work in (the XDG base directories)."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "timbre"
