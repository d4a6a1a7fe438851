"""Where a handset is, as the radio sees it: a Place tells the reception now and until when it stays so.

The same answer is asked for again and again while nothing changes, so a Place remembers it together with
the span [since, till) in which it holds; only a moment outside of it, or a changed world, measures anew.
"""

from smsc.coverage.geometry import Shape
from smsc.coverage.outages import FOREVER, Outage, Schedule

#: Reception: nothing gets through, attempts are lost at times, all get through.
NONE, WEAK, GOOD = 0, 1, 2
RECEPTION_NAMES = ("none", "weak", "good")
COVERAGE_WORDS = ("no coverage", "weak coverage", "good coverage")

#: Uplink: what becomes of a submission without coverage at the sender.
HOLD, DEFER, REJECT, LOSE = 0, 1, 2, 3
UPLINK_NAMES = ("hold", "defer", "reject", "lose")

#: Probability that one attempt is lost, by reception, where nothing else is set.
LOSS_BY_RECEPTION = (1.0, 0.3, 0.0)

#: How many spans `until` and `reachable_from` look through before they stop: fewer where each costs more.
SPANS_FOR_UNTIL = 1_000
SPANS_FOR_SEARCH = 1_000
SPANS_OF_A_TRACK = 50_000


class Revision:
    """Counts the changes of a world; a place whose answer is of an older revision measures anew."""

    __slots__ = ("number",)

    def __init__(self) -> None:
        self.number = 0

    def advance(self) -> None:
        self.number += 1


class Place:
    """Base of all places: one with good reception for ever.

    `name` is what timelines show. `uplink` (HOLD, DEFER, REJECT, LOSE) and `latency` (seconds that an attempt
    takes here on top of the server's own) go with the moment last asked about: ask for the reception first.
    A subclass says with `span` how it stands at a moment, and in `enter` sets uplink and latency.
    """

    __slots__ = (
        "barren_from",
        "barren_to",
        "joined",
        "latency",
        "name",
        "returns",
        "revision",
        "seen",
        "since",
        "state",
        "till",
        "uplink",
    )

    def __init__(self, name: str, revision: Revision) -> None:
        self.name = name
        self.uplink = 0
        self.latency = 0.0
        self.revision = revision
        self.state = 0
        self.since = 0
        self.till = 0
        self.joined = False
        self.returns = -1
        self.seen = -1
        self.barren_from = self.barren_to = 0  # without reception, as far as was looked

    def reception(self, now: int) -> int:
        """Return NONE, WEAK or GOOD at `now` (ms)."""
        if self.since <= now < self.till and self.seen == self.revision.number:
            return self.state
        self.renew(now)
        return self.state

    def until(self, now: int) -> int:
        """Return a moment > `now` up to which `reception` stays as it is; FOREVER when nothing is planned.

        It really changes then, unless SPANS_FOR_UNTIL spans lie before the change: then ask again.
        """
        self.reception(now)
        if not self.joined:
            self.join()
        return self.till

    def reachable_from(self, now: int) -> int:
        """Return the first moment >= `now` with a reception other than NONE, FOREVER when there is none.

        Outages that repeat without end are followed for SPANS_FOR_SEARCH spans, and again when half of that
        time is over.
        """
        if self.reception(now) != 0:
            return now
        if self.returns < 0:
            self.returns = self.return_after(now)
        return self.returns

    def return_after(self, now: int) -> int:
        """Return the first moment > `now` with reception; at `now` there is none."""
        start = self.until(now)
        if self.barren_from <= now < self.barren_to:
            if now - self.barren_from < self.barren_to - now:
                return FOREVER
            start = max(start, self.barren_to)
        self.barren_from = now
        return self.search(start)

    def search(self, moment: int) -> int:
        """Return the start of the first span from `moment` on in which something gets through.

        FOREVER when there is none up to `barren_to`.
        """
        for _ in range(self.patience()):
            if moment >= FOREVER:
                break
            state, end = self.span(moment)
            if state != 0:
                return moment
            moment = end
        self.barren_to = moment
        return FOREVER

    def patience(self) -> int:
        """Return how many spans `search` looks through."""
        return SPANS_FOR_SEARCH

    def loss(self, now: int) -> float:
        """Return the probability in [0, 1] that an attempt at `now` is lost on the radio."""
        return LOSS_BY_RECEPTION[self.reception(now)]

    def position(self, now: int) -> tuple[float, float] | None:
        """Return (latitude, longitude) in degrees, None where the place is only a name."""
        return None

    def accuracy(self, now: int) -> float | None:
        """Return how many metres the position may be off, None where there is no position."""
        return None

    def explain(self, now: int) -> dict[str, object]:
        """Return JSON-ready facts; `until` and `reachable_from` in ms or None; `because` is a sentence."""
        state = self.reception(now)
        return {
            "place": self.name,
            "coverage": RECEPTION_NAMES[state],
            "until": _moment(self.until(now)),
            "reachable_from": _moment(self.reachable_from(now)),
            "loss": round(self.loss(now), 4),
            "uplink": UPLINK_NAMES[self.uplink],
            "because": self.because(now),
        }

    def because(self, now: int) -> str:
        """Return one sentence that says why the reception at `now` is what it is."""
        return f"{self.name} has {COVERAGE_WORDS[self.reception(now)]}"

    def as_dict(self) -> dict[str, object]:
        """Return the record that `World.place_from` reads."""
        return {"zone": self.name}

    def span(self, now: int) -> tuple[int, int]:
        """Return (reception, end): it is that at least in [now, end); end > now."""
        return 2, FOREVER

    def enter(self, now: int) -> None:
        """Set uplink and latency to those in force at `now`."""

    def forget(self) -> None:
        """Drop the remembered answer."""
        self.seen = -1

    def renew(self, now: int) -> None:
        """Measure at `now` and remember the span."""
        state, end = self.span(now)
        self.enter(now)
        self.state = state
        self.since = now
        self.till = end
        self.joined = end >= FOREVER
        self.returns = -1
        if self.seen != self.revision.number:
            self.barren_to = 0
        self.seen = self.revision.number

    def join(self) -> None:
        """Lengthen the remembered span by those after it that are alike."""
        for _ in range(SPANS_FOR_UNTIL):
            if self.till >= FOREVER:
                break
            state, end = self.span(self.till)
            if state != self.state:
                break
            self.till = end
        self.joined = True


class Zone(Place):
    """A named zone: everyone in it has the same reception, except while an outage holds.

    `coverage` is NONE, WEAK or GOOD; `own_loss` the loss set for it, negative for the coverage's own;
    `outages` its own, `schedule` those with its county's; `geometry` where it lies, None for a mere name;
    `county` the id of the county whose outages it shares; `synthetic` that it is part of an invented map.
    Change it through `World`, which keeps the rest in step.
    """

    __slots__ = ("county", "coverage", "geometry", "outages", "own_loss", "schedule", "synthetic")

    def __init__(self, name: str, coverage: int, revision: Revision) -> None:
        Place.__init__(self, name, revision)
        self.coverage = coverage
        self.own_loss = -1.0
        self.outages: tuple[Outage, ...] = ()
        self.schedule: Schedule | None = None
        self.geometry: Shape | None = None
        self.county: str | None = None
        self.synthetic = False

    def span(self, now: int) -> tuple[int, int]:
        if self.schedule is None or self.coverage == 0:
            return self.coverage, FOREVER
        is_down, end = self.schedule.span(now)
        return 0 if is_down else self.coverage, end

    def patience(self) -> int:
        return 1 + SPANS_FOR_SEARCH // (1 if self.schedule is None else self.schedule.cost)

    def loss(self, now: int) -> float:
        state = self.reception(now)
        if state == 0:
            return 1.0
        return self.own_loss if self.own_loss >= 0.0 else LOSS_BY_RECEPTION[state]

    def position(self, now: int) -> tuple[float, float] | None:
        return None if self.geometry is None else self.geometry.centre

    def accuracy(self, now: int) -> float | None:
        return None if self.geometry is None else float(self.geometry.radius)

    def because(self, now: int) -> str:
        if self.schedule is not None and self.coverage != 0 and self.reception(now) == 0:
            return f"zone {self.name} is down: {self.schedule.note(now)}"
        return f"zone {self.name} has {COVERAGE_WORDS[self.coverage]}"


def _moment(moment: int) -> int | None:
    return None if moment >= FOREVER else moment
