"""What a load run shall do: target, binds, addresses, rate, mix. Checked when made, so that a run never
starts half right."""

from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from smsc.load.rows import Row
from smsc.protocol.text import gsm0338

#: Kinds of message in a mix; the index is the row in a lane's counts.
KINDS = ("plain", "refused", "no_coverage", "emergency", "long")

#: How an SMSC writes its message ids: base in submit_sm_resp, base in receipts; 0 = the same text in both.
DIALECTS = {
    "text": (0, 0),
    "decimal": (10, 10),
    "hex": (16, 16),
    "hex-decimal": (16, 10),
    "decimal-hex": (10, 16),
}


class NumberRange(NamedTuple):
    """Consecutive numbers of equal length, both ends included."""

    first: int
    last: int

    @property
    def size(self) -> int:
        return self.last - self.first + 1

    def __str__(self) -> str:
        return str(self.first) if self.size == 1 else f"{self.first}-{self.last}"


#: The demo world's handset farm.
FARM = NumberRange(4790000000, 4790099999)

#: A pair is a transmitter and a receiver.
BIND_TYPES = ("transceiver", "transmitter", "pair")

SAMPLE = "Hei! Ferja fra Lærdal går kl. 15.30, så vi møtes på kaia. Ta med ei ekstra jakke."


def parse_range(text: str) -> NumberRange:
    """`4790000000-4790099999`, `4790000001`; ValueError says what would be right."""
    first, _, last = text.replace("+", "").replace(" ", "").partition("-")
    last = last or first
    if not (first.isdecimal() and last.isdecimal()):
        raise ValueError(
            f"{text!r}: expected NUMBER or FIRST-LAST, digits only, such as 4790000000-4790099999"
        )
    if len(first) != len(last) or int(last) < int(first):
        raise ValueError(f"{text!r}: the ends of a range have the same number of digits, the lower one first")
    return NumberRange(int(first), int(last))


@dataclass(frozen=True)
class Plan:
    """One load run. Times in seconds; shares are parts of all messages, 0..1; `rate` in messages a second
    over all binds (None: closed loop, each bind keeps `window` submit_sm unanswered). `in_flight` bounds the
    messages that are not complete: unanswered, or without their receipt or delivery. With `rows` these are
    sent, instead of `text` from `source` to `destination`."""

    host: str
    port: int
    binds: int = 1
    window: int = 10
    system_id: str = "farm"
    password: str = "farm"
    handsets: NumberRange | None = None
    bind_type: str = "transceiver"
    source: NumberRange | None = None
    destination: NumberRange = FARM
    rate: float | None = None
    duration: float = 10.0
    warm_up: float = 1.0
    drain: float = 5.0
    count: int | None = None
    text: str = SAMPLE
    receipts: bool = True
    deliveries: bool = False
    refused: float = 0.0
    no_coverage: float = 0.0
    emergency: float = 0.0
    long: float = 0.0
    refused_to: str = "4722000000"
    no_coverage_to: str = "4799000020"
    emergency_to: str = "112"
    parts: int = 2
    message_id: str = "text"
    response_timeout: float = 30.0
    connect_timeout: float = 10.0
    in_flight: int | None = None
    capacity: int = 1 << 20
    rows: tuple[Row, ...] = ()

    def __post_init__(self) -> None:
        for name, ok, right in self._rules():
            if not ok:
                raise ValueError(f"{name} {getattr(self, name)!r}: expected {right}")
        if not 0 <= self.refused + self.no_coverage + self.emergency + self.long <= 1:
            raise ValueError("the shares of refused, no coverage, emergency and long messages exceed 100 %")
        if self.rows and self.deliveries:
            raise ValueError(
                "rows of a file are sent as they are, without the mark by which deliveries are known"
            )
        if self.rows and len(self.rows) < self.binds:
            raise ValueError(f"{len(self.rows)} rows: expected at least one for each bind ({self.binds})")

    def _rules(self) -> list[tuple[str, bool, str]]:
        return [
            ("port", 0 < self.port < 65536, "1-65535"),
            ("binds", 1 <= self.binds <= 20_000, "1-20000"),
            ("window", 1 <= self.window <= 100_000, "1-100000"),
            ("bind_type", self.bind_type in BIND_TYPES, " or ".join(BIND_TYPES)),
            ("rate", self.rate is None or self.rate > 0, "more than 0 messages a second"),
            ("duration", self.duration > 0, "more than 0 s"),
            ("warm_up", self.warm_up >= 0, "0 s or more"),
            ("drain", self.drain >= 0, "0 s or more"),
            ("count", self.count is None or self.count > 0, "1 or more"),
            (
                "in_flight",
                self.in_flight is None or (self.in_flight > 0 and self.tracking),
                "1 or more, followed",
            ),
            ("text", gsm0338.encodable(self.text), "only characters of the GSM default alphabet"),
            ("parts", 2 <= self.parts <= 255, "2-255"),
            ("message_id", self.message_id in DIALECTS, ", ".join(DIALECTS)),
            ("capacity", self.capacity >= 2 and not self.capacity & (self.capacity - 1), "a power of two"),
            *((name, 0 <= getattr(self, name) <= 1, "a share of 0-1") for name in KINDS[1:]),
            (
                "handsets",
                self.handsets is None or self.handsets.size >= self.binds,
                f"at least as many numbers as binds ({self.binds})",
            ),
        ]

    @property
    def tracking(self) -> bool:
        """Whether messages are followed beyond their response."""
        return self.receipts or self.deliveries

    def describe(self) -> dict[str, Any]:
        """The plan as JSON-ready values, without the password."""
        shown = {
            name: str(value) if isinstance(value, NumberRange) else value
            for name, value in asdict(replace(self, rows=())).items()
        }
        for name in ("handsets", "source", "destination"):
            value = getattr(self, name)
            shown[name] = None if value is None else str(value)
        del shown["password"]
        shown["rows"] = len(self.rows)
        return shown
