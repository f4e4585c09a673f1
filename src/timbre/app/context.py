"""What the parts of one server share; made once by `create_app`."""

from dataclasses import dataclass

from timbre.app.delivery import Delivery
from timbre.app.limits import Limits
from timbre.app.metrics import Metrics
from timbre.app.settings import Settings
from timbre.app.songs import Songs
from timbre.app.store import Store
from timbre.app.sweeper import Sweeper
from timbre.app.tagging import Tagging
from timbre.models.tagger import Tagger


@dataclass(frozen=True)
class Context:
    """The parts by name."""

    settings: Settings
    store: Store
    tagger: Tagger
    metrics: Metrics
    limits: Limits
    tagging: Tagging
    songs: Songs
    delivery: Delivery
    sweeper: Sweeper
