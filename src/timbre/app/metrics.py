"""What Prometheus may ask. A registry of its own for every application, so that tests do not mix."""

import shutil
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}  # a client may invent others


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
        self.requests = Counter(
            "timbre_requests",
            "Requests, by the pattern of their address.",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self.request_s = Histogram(
            "timbre_request_seconds",
            "From the head of a request to the last byte of its answer.",
            ["route"],
            registry=self.registry,
            buckets=(0.005, 0.02, 0.05, 0.1, 0.5, 1, 5, 30, 120),
        )
        self.refused = Counter(
            "timbre_refused", "What a limit refused, by the limit.", ["limit"], registry=self.registry
        )
        self.events = Counter(
            "timbre_events", "Messages over sockets.", ["event", "outcome"], registry=self.registry
        )
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)

    def watch_disk(self, folder: Path) -> None:
        """Tell what is free where `folder` lies, whenever asked."""
        free = Gauge("timbre_free_disk_bytes", "Free disk for songs.", registry=self.registry)
        free.set_function(lambda: shutil.disk_usage(folder).free)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request; `status` 0 is one that was never answered."""
        known = method if method in _METHODS else "other"
        self.requests.labels(route, known, f"{status // 100}xx" if status else "none").inc()
        self.request_s.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self.registry)
