"""What Prometheus may ask. A registry of its own for every application, so that tests do not mix."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """Counters of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.songs = Counter(
            "timbre_songs",
            "Songs that ended, by state and error code.",
            ["state", "code"],
            registry=self.registry,
        )
        self.tagged_s = Counter("timbre_tagged_seconds", "Seconds of song tagged.", registry=self.registry)
        self.work_s = Counter(
            "timbre_tagging_seconds", "Seconds spent in decoding and tagging.", registry=self.registry
        )
        self.first_segment_s = Histogram(
            "timbre_first_segment_seconds",
            "From the first uploaded byte to the first tagged segment.",
            registry=self.registry,
            buckets=(0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60),
        )
        self.waiting = Gauge("timbre_waiting_songs", "Songs in the queue.", registry=self.registry)
        self.active = Gauge("timbre_active_songs", "Songs being tagged.", registry=self.registry)
        self.sockets = Gauge("timbre_open_sockets", "Open sockets.", registry=self.registry)

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self.registry)
