"""How the server runs: listeners, store, clock, limits, delivery. `example.toml` explains every key to users.

Milliseconds are message time on the SMSC clock, Seconds are link time on the real clock (see `durations`)."""

import math
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, model_validator

from smsc.config.base import Count, Moment, Port, Positive, Real, Section, Share, SystemId, TimeZone, Whole
from smsc.config.durations import Milliseconds, Schedule, Seconds
from smsc.store.base import StoreError
from smsc.store.urls import check_url

_SECOND = 1000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


class Smpp(Section):
    """The SMPP listeners."""

    port: Port = 2775
    tls_port: Port = 3550
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None

    @model_validator(mode="after")
    def _cert_and_key_go_together(self) -> "Smpp":
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key together, or neither")
        if self.tls_client_ca is not None and self.tls_cert is None:
            raise ValueError("tls_client_ca only together with tls_cert and tls_key")
        return self


def _token(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if text != text.strip():
        raise ValueError("no white space around it: a header cannot carry that")
    return secret


def _root_path(path: str) -> str:
    if path and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        raise ValueError('a path without a slash at its end, such as "/smsc", or "" for none')
    return path


def _host_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\]", name):
        raise ValueError('a name without scheme and port, such as "smsc.test.example"')
    return name.lower().strip("[]")


class Http(Section):
    """The HTTP control API and the pages."""

    port: Port = 8775
    token: Annotated[SecretStr, AfterValidator(_token)] | None = None
    pages: bool = True
    root_path: Annotated[str, AfterValidator(_root_path)] = ""
    hosts: tuple[Annotated[str, AfterValidator(_host_name)], ...] = ()


def _store_url(url: str) -> str:
    try:
        check_url(url)
    except StoreError as error:
        raise ValueError(f'"memory:", "sqlite:PATH" or "postgresql://USER@HOST/DATABASE" ({error})') from None
    return url


class Store(Section):
    """Where acknowledged messages are kept."""

    url: Annotated[str, AfterValidator(_store_url)] = "sqlite:./smsc-data/smsc.db"
    retention_days: Real = 7


def _clock_mode(mode: str) -> str:
    if mode in ("real", "manual") or (
        re.fullmatch(r"x\d+(\.\d+)?", mode) and 0 < float(mode[1:]) <= 1_000_000
    ):
        return mode
    raise ValueError('"real", "manual" or "xN" with N above 0 and at most 1000000, such as "x60"')


class Clock(Section):
    """The SMSC clock."""

    mode: Annotated[str, AfterValidator(_clock_mode)] = "real"
    start: Moment | None = None
    settle: Seconds = 1.0


class Latency(Section):
    """How long a message is under way on each leg."""

    preset: Literal["instant", "realistic"] = "instant"
    mo_median: Milliseconds = 2 * _SECOND
    mt_median: Milliseconds = 3 * _SECOND
    sigma: Annotated[Real, Field(le=5)] = 0.6
    maximum: Milliseconds = 60 * _SECOND


class Limits(Section):
    """Everything that a peer can make grow."""

    sessions: Positive = 20_000
    window: Positive = 1_000
    window_out: Positive = 1_000
    max_pdu: Annotated[Whole, Field(ge=1_024, le=16_777_216)] = 65_536
    write_buffer: Annotated[Whole, Field(ge=4_096)] = 262_144
    rate: Real = 0
    queue: Positive = 5_000_000
    queue_per_recipient: Positive = 1_000_000
    queue_octets: Positive = 1_073_741_824
    uncommitted_octets: Positive = 67_108_864
    emergency_queue: Positive = 100_000
    finished: Count = 100_000
    finished_octets: Count = 67_108_864
    in_memory: Positive = 200_000
    in_memory_octets: Count = 67_108_864
    multipart_timeout: Milliseconds = _HOUR
    bind_timeout: Seconds = 10.0
    linger: Annotated[Seconds, Field(le=60)] = 0.2
    enquire_link: Seconds = 30.0
    inactivity: Seconds = math.inf
    response_timeout: Seconds = 60.0
    unanswered: Positive = 10
    sick_after: Seconds = 10.0
    sick_after_centres: Seconds = 5.0
    failed_binds_free: Count = 5
    failed_bind_delay: Seconds = 1.0
    failed_bind_delay_max: Seconds = 60.0
    shutdown: Annotated[Seconds, Field(le=60)] = 8.0


class Delivery(Section):
    """When a message is tried again, and when it is given up."""

    validity_default: Milliseconds = 72 * _HOUR
    validity_max: Milliseconds = 240 * _HOUR
    validity_over_max: Literal["reject", "clamp"] = "reject"
    receipt_validity: Milliseconds = 24 * _HOUR
    schedule_max: Milliseconds = 14 * _DAY
    retry: Schedule = (
        30 * _SECOND,
        2 * _MINUTE,
        5 * _MINUTE,
        15 * _MINUTE,
        30 * _MINUTE,
        *[_HOUR] * 24,
        6 * _HOUR,
    )
    retry_memory_full: Schedule = (5 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR)
    retry_busy: Schedule = (2 * _MINUTE,)
    jitter: Annotated[Share, Field(le=0.5)] = 0.1
    alert_spread: Milliseconds = 0
    permanent: frozenset[str] = frozenset()
    temporary: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def _classes_do_not_overlap(self) -> "Delivery":
        both = sorted(self.permanent & self.temporary)
        if both:
            raise ValueError(f"each reason in permanent or in temporary; {', '.join(both)} is in both")
        return self


class Smsc(Section):
    """Who the SMSC says it is, and its local time."""

    system_id: SystemId = "smsc"
    timezone: TimeZone = "Europe/Oslo"
    two_digit_year: Annotated[Whole, Field(ge=0, le=100)] = 38


class Policy(Section):
    """Choices that the specifications leave open; the defaults are the reading we think best."""

    bind_failure: Literal["bind_failed", "specific"] = "bind_failed"
    text_and_payload: Literal["reject", "payload"] = "reject"
    schedule_in_past: Literal["immediate", "reject"] = "immediate"
    spoofed_source: Literal["refuse", "overwrite"] = "refuse"
    filter_repeats: bool = False
    full_window: Literal["pause", "throttle"] = "pause"
    too_long: Literal["reject", "pass", "split"] = "reject"
    long_sender: Literal["cut", "reject"] = "cut"


class Log(Section):
    """What the server writes about itself."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    show_numbers: bool = False
