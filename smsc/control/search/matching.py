"""Looks for messages: a search made into tests on messages, and what the store needs to be asked for.

Tests are asked in the order of what they cost. The text is decoded last, and only of a message in whose
octets the words can stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from smsc import reasons
from smsc.control.search.facts import KIND_NAMES, alphabet_of, reason_of, shown, stage_of, system_of
from smsc.control.search.found import codes, links
from smsc.control.search.octets import FORMS, SIMPLE, octets_of, runs_of
from smsc.control.search.query import Term, fold
from smsc.control.search.tags import Tags
from smsc.delivery.message import HELD, RECEIPT, STATE_NAMES, WAITING, Message
from smsc.engine.reading import text_of
from smsc.protocol.text.data_coding import GSM
from smsc.typed import compact

if TYPE_CHECKING:
    from smsc.engine.engine import Engine

T = TypeVar("T")
Test = Callable[[Message], bool]
_BLOCK: Final = 250
"""Messages whose octets are looked at together."""


class Search(NamedTuple):
    """A search that can be asked about each message.

    The rest is for the store, which is asked for no more than can match: ids from `first` to `last`,
    columns that must equal `where` and lie above `greater` and below `less`, one of `states` when there are
    any, and `words` that must stand in the octets of the body.
    """

    terms: tuple[Term, ...]
    tests: tuple[tuple[Test, bool], ...]
    first: int
    last: int
    where: Mapping[str, Any]
    greater: Mapping[str, int]
    less: Mapping[str, int]
    states: tuple[int, ...]
    words: tuple[Words, ...]

    @property
    def is_of_refused(self) -> bool:
        """Whether it asks for refused submissions, which are kept apart from messages."""
        return any(
            (term.field == "state" and "refused" in term.values)
            or (term.field == "id" and min(map(int, term.values)) < 0)
            for term in self.terms
            if not term.negated
        )

    def matches(self, message: Message) -> bool:
        """Whether all terms hold."""
        for words in self.words:  # before a text is decoded
            if not words.may_match(message):
                return False
        for test, negated in self.tests:
            if test(message) is negated:
                return False
        return True


class Fields(NamedTuple):
    """How to read of something what its words are looked for in."""

    ident: Callable[[Any], int]
    source: Callable[[Any], int]
    destination: Callable[[Any], int]
    sender: Callable[[Any], bytes]
    account: Callable[[Any], int]
    coding: Callable[[Any], int]
    body: Callable[[Any], bytes]


OF_MESSAGE: Final = Fields(
    attrgetter("id"),
    attrgetter("source"),
    attrgetter("destination"),
    attrgetter("source_text"),
    attrgetter("account"),
    attrgetter("data_coding"),
    attrgetter("body"),
)
#: What rows must have, in this order, to be read by `OF_ROW`.
COLUMNS: Final = ("id", "source", "destination", "source_text", "account", "header", "body")
OF_ROW: Final = Fields(
    itemgetter(0),
    itemgetter(1),
    itemgetter(2),
    itemgetter(3),
    itemgetter(4),
    lambda row: int(row[5][3]),
    itemgetter(6),
)


class Words:
    """The words of one term. In quotes they stand in the text; a word without is also found as the whole of a
    sender, a recipient or an id."""

    def __init__(self, engine: Engine, term: Term) -> None:
        self.engine = engine
        self.words = words = str(term.values[0])
        self.key = -1
        self.ident = 0
        self.sender = b""
        if not term.exact:
            self.key = _key(engine, words) or -1
            self.ident = int(words) if words.isascii() and words.isdigit() and len(words) < 19 else 0
            self.sender = words.encode("latin-1", "ignore")
        patterns, runs = octets_of(words), runs_of(words)
        #: by data_coding: None where only decoding tells
        self.patterns = tuple(patterns.get(form) for form in FORMS)
        self.runs = tuple(runs.get(form, b"") for form in FORMS)
        self.strange = frozenset(
            esme.index
            for esme in engine.world.accounts
            if esme.settings.get("default_alphabet", GSM) not in SIMPLE
        )

    def candidates(self, found: Sequence[T], fields: Fields) -> list[T]:
        """Those that may have the words. Of most blocks one look at all their octets tells that none has."""
        left: list[T] = []
        for start in range(0, len(found), _BLOCK):
            block = found[start : start + _BLOCK]
            if not self._rules_out(block, fields):
                left += [each for each in block if self._may(each, fields)]
        return left

    def _rules_out(self, block: Sequence[T], fields: Fields) -> bool:
        """Whether none of the block can have the words; a cheap no is of no harm."""
        codings = set(map(fields.coding, block))
        if any(self.patterns[coding] is None for coding in codings):
            return False
        octets = b"\n".join(map(fields.body, block)).lower()
        if b"\x1b" in octets or any(run in octets for run in {self.runs[coding] for coding in codings}):
            return False
        if self.sender and any(sender.lower() == self.sender for sender in set(map(fields.sender, block))):
            return False
        if self.key != -1 and (
            self.key in set(map(fields.destination, block)) or self.key in set(map(fields.source, block))
        ):
            return False
        if self.ident and self.ident in set(map(fields.ident, block)):
            return False
        return not self.strange or self.strange.isdisjoint(map(fields.account, block))

    def _may(self, each: Any, fields: Fields) -> bool:
        """False when it cannot have the words."""
        coding, body = fields.coding(each), fields.body(each)
        pattern = self.patterns[coding]
        return (
            pattern is None
            or ((self.runs[coding] in body.lower() or b"\x1b" in body) and pattern.search(body) is not None)
            or fields.account(each) in self.strange
            or self._names(each, fields)
        )

    def _names(self, each: Any, fields: Fields) -> bool:
        """Whether the word is one of its ends, or its id."""
        if self.key in (fields.source(each), fields.destination(each)) or fields.ident(each) == self.ident:
            return True
        sender = fields.sender(each)
        return bool(sender) and sender.lower() == self.sender

    def may_match(self, message: Message) -> bool:
        """False when the message cannot have the words."""
        return self._may(message, OF_MESSAGE)

    def match(self, message: Message) -> bool:
        """Whether the message has the words."""
        if not self.may_match(message):
            return False
        if self._names(message, OF_MESSAGE):
            return True
        return self.words in fold(text_of(message, alphabet_of(self.engine, message)))


def compile_search(engine: Engine, terms: Iterable[Term], tags: Tags | None = None) -> Search:
    """The search of some terms, of which some may be of `tags`. Receipts are left out unless a term asks for
    kinds."""
    found = sorted(terms, key=lambda term: _ORDER.index(term.field))
    tests: list[tuple[Test, bool]] = []
    if not any(term.field == "kind" for term in found):
        tests.append((_is_receipt, True))
    tests += [(_test(engine, term, tags), term.negated) for term in found]
    words = [Words(engine, term) for term in found if not term.field and not term.negated]
    words.sort(key=lambda each: -len(each.words))  # a long word is rare
    wanted = [term for term in found if not term.negated]
    since, before = _since_of(wanted), _before_of(wanted)
    idents = [list(map(int, term.values)) for term in wanted if term.field == "id"]
    return Search(
        tuple(found),
        tuple(tests),
        max(map(min, idents), default=0),
        min(map(max, idents), default=2**62),
        _where(engine, wanted),
        {} if since is None else {"submitted_at": since - 1},
        {} if before is None else {"submitted_at": before},
        _states(wanted),
        tuple(words),
    )


def _since_of(wanted: Iterable[Term]) -> int | None:
    return max((min(map(int, each.values)) for each in wanted if each.field == "since"), default=None)


def _before_of(wanted: Iterable[Term]) -> int | None:
    return min((max(map(int, each.values)) for each in wanted if each.field == "before"), default=None)


def _where(engine: Engine, wanted: Iterable[Term]) -> dict[str, Any]:
    """Columns and the value that each has in every row that can match."""
    where: dict[str, Any] = {}
    for term in wanted:
        if len(term.values) > 1:
            continue
        value = str(term.values[0])
        if term.field in ("from", "to"):
            key = _key(engine, value)
            if key:
                where["source" if term.field == "from" else "destination"] = key
        elif term.field == "system":
            account = engine.world.accounts.by_system_id(value)
            if account is not None:
                where["account"] = account.index
    return where


def _states(wanted: Iterable[Term]) -> tuple[int, ...]:
    """The states of which a row that can match has one; none when they are too many to ask for each."""
    for term in wanted:
        if term.field == "state":
            names = {"enroute" if value in _ENROUTE_STAGES else value for value in term.values}
            codes_of = tuple(code for code, name in STATE_NAMES.items() if name in names)
            return codes_of if len(codes_of) <= _MOST_STATES else ()
    return ()


_ENROUTE_STAGES: Final = ("scheduled", "waiting", "underway")
_MOST_STATES: Final = 3


# --- tests ---------------------------------------------------------------------------------------


def _is_receipt(message: Message) -> bool:
    return message.kind == RECEIPT


def _key(engine: Engine, text: str) -> int:
    """The key of a number in any dialling form; 0 for what is none."""
    return 0 if "*" in text else int(engine.world.plan.explain(compact(text)).key)


def _address(engine: Engine, term: Term, read: Callable[[Message], tuple[int, bytes]]) -> Test:
    values = [str(value) for value in term.values]
    keys = frozenset(key for key in (_key(engine, value) for value in values) if key)
    names = frozenset(fold(value) for value in values if not value.endswith("*"))
    beginnings = tuple(fold(value[:-1]).lstrip("+") for value in values if value.endswith("*"))

    def test(message: Message) -> bool:
        key, text = read(message)
        if key in keys and not text:
            return True
        if not text and not beginnings:
            return False
        name = fold(shown(key, text))
        return name in names or (bool(beginnings) and name.startswith(beginnings))

    return test


def _from(engine: Engine, term: Term) -> Test:
    return _address(engine, term, lambda message: (message.source, message.source_text))


def _to(engine: Engine, term: Term) -> Test:
    return _address(engine, term, lambda message: (message.destination, message.destination_text))


def _system(engine: Engine, term: Term) -> Test:
    names = frozenset(fold(str(value)) for value in term.values)
    beginnings = tuple(name[:-1] for name in names if name.endswith("*"))

    def test(message: Message) -> bool:
        name = fold(system_of(engine, message) or "")
        return name in names or (bool(name) and bool(beginnings) and name.startswith(beginnings))

    return test


def _state(engine: Engine, term: Term) -> Test:
    stages = frozenset(term.values)
    return lambda message: stage_of(message) in stages


def _reason(engine: Engine, term: Term) -> Test:
    names = frozenset(term.values)
    wanted = frozenset(
        code for code, reason in enumerate(reasons.REASONS) if reason is not None and reason.name in names
    )
    return lambda message: reason_of(engine, message) in wanted


def _session(engine: Engine, term: Term) -> Test:
    wanted = frozenset(term.values)
    return lambda message: message.session_id in wanted


_KIND_OF: Final[dict[str | int, int]] = {name: code for code, name in enumerate(KIND_NAMES)}


def _kind(engine: Engine, term: Term) -> Test:
    wanted = frozenset(range(len(KIND_NAMES)) if "any" in term.values else map(_KIND_OF.get, term.values))
    return lambda message: message.kind in wanted


def _zone(engine: Engine, term: Term) -> Test:
    """An attempt failed there, or it waits for a handset that is there now."""
    names = frozenset(term.values)

    def is_there(key: int) -> bool:
        subscriber = engine.world.registry.find(key) if key > 0 else None
        return subscriber is not None and fold(subscriber.place.name) in names

    def test(message: Message) -> bool:
        if message.state == HELD:
            return is_there(message.source)
        if any(_zone_in(entry) in names for entry in message.events or ()):
            return True
        if message.state not in WAITING:
            return False
        recipient = engine.queues.recipients.get(message.recipient)
        log = () if recipient is None else recipient.log or ()
        return is_there(message.recipient) or any(
            entry[0] >= message.submitted_at and _zone_in(entry) in names for entry in log
        )

    return test


def _zone_in(entry: tuple[int, str, int, Any]) -> str:
    detail = entry[3]
    return fold(detail[1]) if isinstance(detail, tuple | list) and len(detail) > 1 and detail[1] else ""


def _since(engine: Engine, term: Term) -> Test:
    moment = min(map(int, term.values))
    return lambda message: message.submitted_at >= moment


def _before(engine: Engine, term: Term) -> Test:
    moment = max(map(int, term.values))
    return lambda message: message.submitted_at < moment


def _ident(engine: Engine, term: Term) -> Test:
    wanted = frozenset(term.values)
    return lambda message: message.id in wanted


def _has(engine: Engine, term: Term) -> Test:
    readers = [{"code": codes, "link": links}[str(value)] for value in term.values]

    def test(message: Message) -> bool:
        text = text_of(message, alphabet_of(engine, message))
        return any(read(text) for read in readers)

    return test


def _test(engine: Engine, term: Term, tags: Tags | None) -> Test:
    if term.field != "tag" or tags is None:
        return _MAKERS[term.field](engine, term)
    searches = [
        [(_MAKERS[each.field](engine, each), each.negated) for each in tags.terms(name)]
        for name in term.values
    ]
    return lambda message: any(
        all(test(message) is not negated for test, negated in tests) for tests in searches
    )


def _nothing(_engine: Engine, _term: Term) -> Test:
    return lambda _message: False


def _words(engine: Engine, term: Term) -> Test:
    return Words(engine, term).match


#: The cheap tests come first.
_MAKERS: Final[dict[str, Callable[[Engine, Term], Test]]] = {
    "kind": _kind,
    "id": _ident,
    "session": _session,
    "since": _since,
    "before": _before,
    "from": _from,
    "to": _to,
    "system": _system,
    "state": _state,
    "reason": _reason,
    "zone": _zone,
    "tag": _nothing,
    "": _words,
    "has": _has,
}
_ORDER: Final = tuple(_MAKERS)
