"""Content services on short codes: who answers, what it costs, and what the subscriber agreed to.

A message to a code goes to the provider whose keyword it carries; the provider may answer with messages
that cost money (premium MT) when the subscriber ordered them, or subscribes. Subscribing takes two
messages, the keyword and then JA; STOPP, AVSLUTT and the like end it, HJELP tells what there is, and both
are free. Caps and barring hold in both directions. A long message has one price, due when all its parts are
there (long_messages.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from smsc import reasons
from smsc.services import tlvs
from smsc.services.base import (
    DAY,
    MINUTE,
    NPI_E164,
    TON_NETWORK,
    Location,
    MessageView,
    Outcome,
    Reply,
    Row,
    ServiceBase,
    SubscriberView,
    row_of,
)
from smsc.services.lapsing import Kept, OncePer
from smsc.services.short_codes.charging import Caps, Charge, Charges
from smsc.services.short_codes.codes import Code, Codes, Dialled, KeywordRule
from smsc.services.short_codes.long_messages import LongMessages, Part
from smsc.services.texts import CONTENT

CONTENT_BARRED: Final = 2  # the subscriber's barring bit
STOP_WORDS: Final = frozenset({"stopp", "stop", "stoppe", "avslutt", "avslutte"})
HELP_WORDS: Final = frozenset({"hjelp", "help"})
CONFIRM_WORDS: Final = frozenset({"ja", "ok", "yes"})
LONGEST_KEYWORD: Final = 20
_WORD: Final = re.compile(r"[^\W_]+")
#: How many letters of the providers' names HJELP tells.
_LONGEST_NAMES: Final = 30


@dataclass(frozen=True, slots=True)
class ContentRules:
    """Choices; times in ms."""

    language: str = "en"
    caps: Caps = field(default_factory=Caps)
    order_life: int = DAY
    opt_in_life: int = DAY
    dialogue_life: int = 7 * DAY
    stop_life: int = 365 * DAY
    keep_charges: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscriber's confirmed agreement to get messages that cost money."""

    account: int
    provider: str
    word: str
    price_ore: int
    since: int


class Deal(NamedTuple):
    """Who agreed to pay what: a subscriber, and a provider on a code."""

    user: int
    code: Code
    account: int

    @property
    def key(self) -> str:
        """Its name in rows."""
        return f"{self.user}/{self.code.digits}/{self.account}"


class ContentService(ServiceBase):
    """The decisions about messages to and from short codes."""

    name = "content"

    def __init__(
        self,
        rules: ContentRules,
        codes: Codes,
        listed: Callable[[int], Collection[int]] = lambda account: (),
    ) -> None:
        """``listed`` tells which vendor TLVs an account wants."""
        super().__init__()
        self.rules = rules
        self.codes = codes
        self._listed = listed
        self.charges = Charges(rules.caps, self._journal, rules.keep_charges)
        self._subscriptions: dict[tuple[int, str], list[Subscription]] = {}
        #: subscriber/code -> the keyword that waits for JA
        self._pending: Kept[str] = Kept("pending", rules.opt_in_life, self._journal)
        #: subscriber/code/account -> there was an order
        self._orders: Kept[bool] = Kept("order", rules.order_life, self._journal)
        self._stopped: Kept[bool] = Kept("stopped", rules.stop_life, self._journal)
        #: code with dialogue digits -> the account that answers to it
        self._dialogues: Kept[int] = Kept("dialogue", rules.dialogue_life, self._journal, 100_000)
        self._long = LongMessages(self._journal)
        self._told = OncePer(MINUTE)
        self.kinds = {
            "subscriptions": self._take_subscriptions,
            **self._pending.kinds,
            **self._orders.kinds,
            **self._stopped.kinds,
            **self._dialogues.kinds,
            **self._long.kinds,
            **self.charges.kinds,
        }

    # From the subscriber.

    def on_submit(
        self,
        message: MessageView,
        subscriber: SubscriberView | None,
        now: int,
        location: Location | None = None,
    ) -> Outcome:
        """Route by dialogue digits or keyword, against the price."""
        dialled = self.codes.dialled(message.destination)
        if dialled is None:
            return Outcome(0, reasons.CODE_UNKNOWN, refuse=True)
        part = self._long.enter(message, now)
        if part.follows:
            return self._continue(message, dialled, part, now)
        # What a later part begins with, should it come first, is the middle of a sentence.
        words = words_of(message.text) if message.part == 1 else []
        if words and words[0] in STOP_WORDS:
            outcome = self._stop(message.source, dialled, words[1:], now)
        elif words and words[0] in HELP_WORDS:
            outcome = Outcome(0, replies=(self._help(message.source, dialled.code),))
        elif _barred(subscriber):
            return self._refuse(part, reasons.CONTENT_BARRED)
        elif (rule := self._confirmed(message.source, dialled.code, words, now)) is not None:
            outcome = self._subscribe(message.source, dialled, rule, now)
        else:
            return self._pass_on(message, dialled, part, now)
        self._long.route(part, max(-outcome.recipient, 0), "", "", 0, now)
        return outcome

    # From the provider.

    def on_from_provider(
        self, account: int, message: MessageView, now: int, subscriber: SubscriberView | None = None
    ) -> Outcome:
        """A provider sends from its code; with the TLV content_price it charges the receiver."""
        dialled = self.codes.dialled(message.source)
        if dialled is None or account not in dialled.code.accounts():
            return Outcome(0, reasons.SOURCE_NOT_ALLOWED, refuse=True)
        if dialled.suffix:
            self._dialogues.put(dialled.digits, account, now)
        part = self._long.enter(message, now, account)
        price = tlvs.find_uint32(message.tlvs, tlvs.CONTENT_PRICE) or part.message.price
        if price and not part.repeat:
            deal = Deal(message.destination, dialled.code, account)
            reason = self._may_charge(deal, price, subscriber, now)
            if reason:
                return self._refuse(part, reason)
        told = (tlvs.find(message.tlvs, tlvs.CONTENT_KEYWORD) or b"").decode("utf-8", "replace")
        keyword = told[:LONGEST_KEYWORD] or part.message.word  # records are many and kept for long
        provider = next(rule.provider for rule in dialled.code.rules if rule.account == account)
        self._long.route(part, account, keyword, provider, price, now)
        due = price if part.completes else 0
        if due:
            self.charges.reserve(
                Charge(0, now, message.destination, dialled.digits, keyword, provider, "mt", message.id, due)
            )
        return Outcome(message.destination, data={"code": dialled.digits, "price_ore": due})

    def on_delivered(self, message: MessageView, now: int) -> tuple[Reply, ...]:
        """What was delivered is charged."""
        self.charges.settle(message.id)
        return ()

    def on_failed(self, message: MessageView, reason: int, now: int) -> tuple[Reply, ...]:
        """What failed costs nothing, nor does a long message of which a part failed."""
        self.charges.release(message.id)
        for account in {0, message.account}:
            if completed_by := self._long.failed(message, now, account):
                self.charges.release(completed_by)
        return ()

    def forget(self, number: int) -> None:
        """See Service."""
        for owner, code in [key for key in self._subscriptions if key[0] == number]:
            del self._subscriptions[owner, code]
            self._journal.delete(f"subscriptions/{owner}/{code}")
        own = f"{number}/"
        for memory in (self._pending, self._orders, self._stopped):
            memory.forget(lambda key, _: key.startswith(own))
        self._long.forget(number)
        self._told.forget(number)
        self.charges.forget(number)

    def subscriptions(self, user: int) -> list[tuple[str, Subscription]]:
        """A subscriber's subscriptions, with the code of each."""
        return [
            (code, subscription)
            for (owner, code), held in self._subscriptions.items()
            if owner == user
            for subscription in held
        ]

    def records(self) -> Iterator[tuple[str, Row]]:
        """Every row."""
        for (user, code), held in self._subscriptions.items():
            yield f"subscriptions/{user}/{code}", _held_row(held)
        for memory in (self._pending, self._orders, self._stopped, self._dialogues):
            yield from memory.records()
        yield from self._long.records()
        yield from self.charges.records()

    def _take_subscriptions(self, name: str, row: Row | None) -> None:
        user, code = name.split("/")
        self._subscriptions.pop((int(user), code), None)
        if row is not None:
            self._subscriptions[int(user), code] = [Subscription(**held) for held in row["held"]]

    # The rest is how.

    def _continue(self, message: MessageView, dialled: Dialled, part: Part, now: int) -> Outcome:
        """A further part goes where the first went; the last that was missing makes the price due."""
        long = part.message
        if part.completes and long.price and not self.charges.allows(message.source, long.price, now):
            return self._refuse(part, reasons.CAP_EXCEEDED)
        self._long.route(part, long.account, long.word, long.provider, long.price, now)
        return self._charged(message, dialled, part, now) if long.account else Outcome(0)

    def _pass_on(self, message: MessageView, dialled: Dialled, part: Part, now: int) -> Outcome:
        owner = self._dialogues.get(dialled.digits, now) if dialled.suffix else None
        if owner is not None:
            # An answer inside a dialogue needs no keyword and costs nothing by itself.
            self._long.route(part, owner, "", "", 0, now)
            return self._charged(message, dialled, part, now)
        rule = dialled.code.find(message.text)
        if rule is None:
            self._long.withdraw(part)
            return self._unknown(message.source, dialled.code, now)
        deal = Deal(message.source, dialled.code, rule.account)
        if rule.subscription and not self._subscribes(deal, rule.word):
            self._long.route(part, 0, "", "", 0, now)
            return self._ask(message.source, dialled, rule, now)
        price = 0 if rule.subscription else rule.price_ore
        if price and not self.charges.allows(message.source, price, now):
            return self._refuse(part, reasons.CAP_EXCEEDED)
        self._long.route(part, rule.account, rule.word, rule.provider, price, now)
        return self._charged(message, dialled, part, now)

    def _charged(self, message: MessageView, dialled: Dialled, part: Part, now: int) -> Outcome:
        """To the provider: an order, at its price, when this part completes the message, and free when
        not."""
        long, price = part.message, part.message.price if part.completes else 0
        if part.completes:
            self._note_order(Deal(message.source, dialled.code, long.account), now)
        if price:
            self.charges.reserve(
                Charge(
                    0, now, message.source, dialled.digits, long.word, long.provider, "mo", message.id, price
                )
            )
        return self._to_provider(long.account, dialled, long.word, price)

    def _refuse(self, part: Part, reason: int) -> Outcome:
        self._long.withdraw(part)
        return Outcome(0, reason, refuse=True)

    def _unknown(self, user: int, code: Code, now: int) -> Outcome:
        """No rule fits: the user is told, once a minute, so that two machines do not answer one another."""
        said = (self._say("no_keyword", user, code),) if self._told.allows(user, now) else ()
        return Outcome(0, reasons.CODE_NO_KEYWORD, replies=said)

    def _help(self, user: int, code: Code) -> Reply:
        names = ", ".join(dict.fromkeys(rule.provider for rule in code.rules))
        if len(names) > _LONGEST_NAMES:
            names = names[: _LONGEST_NAMES - 3] + "..."
        prices = sorted({rule.price_ore for rule in code.rules}) or [0]
        price = "-".join(map(_kroner, dict.fromkeys((prices[0], prices[-1]))))
        return self._say("help", user, code, names=names, price=price)

    def _to_provider(self, account: int, dialled: Dialled, word: str, price: int) -> Outcome:
        listed, area = self._listed(account), b""
        if tlvs.CONTENT_KEYWORD in listed:
            area += tlvs.tlv(tlvs.CONTENT_KEYWORD, word.encode())
        if tlvs.CONTENT_PRICE in listed:
            area += tlvs.tlv(tlvs.CONTENT_PRICE, tlvs.uint32(price))
        data = {"code": dialled.digits, "keyword": word, "price_ore": price}
        return Outcome(-account, tlvs=area, data=data)

    def _say(self, text: str, user: int, code: Code, **values: str) -> Reply:
        said = CONTENT[self.rules.language][text].format(code=code.digits, **values)
        return Reply("47" + code.digits, TON_NETWORK, NPI_E164, user, said, f"content_{text}")

    def _ask(self, user: int, dialled: Dialled, rule: KeywordRule, now: int) -> Outcome:
        # Double opt-in: the keyword alone costs nothing and starts nothing.
        self._pending.put(f"{user}/{dialled.code.digits}", rule.word, now)
        return Outcome(0, replies=(self._say("opt_in", user, dialled.code, **_terms(rule)),))

    def _confirmed(self, user: int, code: Code, words: list[str], now: int) -> KeywordRule | None:
        word = self._pending.get(f"{user}/{code.digits}", now)
        if word is None or not words or words[0] not in CONFIRM_WORDS:
            return None
        if words[1:] not in ([], words_of(word)):
            return None
        return next((rule for rule in code.rules if rule.subscription and rule.word == word), None)

    def _subscribe(self, user: int, dialled: Dialled, rule: KeywordRule, now: int) -> Outcome:
        code = dialled.code
        self._pending.pop(f"{user}/{code.digits}")
        self._stopped.pop(Deal(user, code, rule.account).key)
        held = self._subscriptions.setdefault((user, code.digits), [])
        held.append(Subscription(rule.account, rule.provider, rule.word, rule.price_ore, now))
        self._journal.put(f"subscriptions/{user}/{code.digits}", _held_row(held))
        reply = self._say("subscribed", user, code, **_terms(rule))
        told = self._to_provider(rule.account, dialled, rule.word, 0)
        return told._replace(replies=(reply,), data={"code": code.digits, "subscribed": rule.word})

    def _stop(self, user: int, dialled: Dialled, words: list[str], now: int) -> Outcome:
        # Always free and always heard: the named subscription ends, or everything on the code when what was
        # written after STOPP is the name of none.
        code = dialled.code
        held = self._subscriptions.pop((user, code.digits), [])
        named = [rule.word for rule in code.rules if rule.word] + [one.word for one in held]
        everything = not words or words not in map(words_of, named)
        ended = [one for one in held if everything or words_of(one.word) == words]
        deals = [Deal(user, code, account) for account in code.accounts()]
        accounts = {one.account for one in ended}
        ended_deals = [
            deal
            for deal in deals
            if deal.account in accounts or (everything and self._orders.get(deal.key, now))
        ]
        if everything:
            self._pending.pop(f"{user}/{code.digits}")
        self._keep(user, code, [one for one in held if one not in ended])
        for deal in ended_deals:
            self._orders.pop(deal.key)
            self._stopped.put(deal.key, True, now)
        text = "stopped" if ended_deals else "nothing_to_stop"
        reply = self._say(text, user, code)
        told = [deal.account for deal in ended_deals or deals]
        recipient = -told[0] if len(told) == 1 else 0
        return Outcome(recipient, replies=(reply,), data={"code": code.digits, "stopped": len(ended)})

    def _keep(self, user: int, code: Code, held: list[Subscription]) -> None:
        key = f"subscriptions/{user}/{code.digits}"
        if held:
            self._subscriptions[user, code.digits] = held
            self._journal.put(key, _held_row(held))
        else:
            self._journal.delete(key)

    def _may_charge(self, deal: Deal, price: int, subscriber: SubscriberView | None, now: int) -> int:
        if _barred(subscriber):
            return reasons.CONTENT_BARRED
        if not self._orders.get(deal.key, now) and not self._subscribes(deal):
            stopped = self._stopped.get(deal.key, now)
            return reasons.CONTENT_STOPPED if stopped else reasons.CONTENT_NOT_CONSENTED
        return 0 if self.charges.allows(deal.user, price, now) else reasons.CAP_EXCEEDED

    def _subscribes(self, deal: Deal, word: str | None = None) -> bool:
        held = self._subscriptions.get((deal.user, deal.code.digits), ())
        return any(one.account == deal.account and word in (None, one.word) for one in held)

    def _note_order(self, deal: Deal, now: int) -> None:
        self._orders.put(deal.key, True, now)
        self._stopped.pop(deal.key)


def words_of(text: str) -> list[str]:
    """The words of a text, without case and punctuation."""
    return _WORD.findall(text.casefold())


def _barred(subscriber: SubscriberView | None) -> bool:
    return subscriber is not None and bool(subscriber.barred & CONTENT_BARRED)


def _held_row(held: list[Subscription]) -> Row:
    return {"held": [row_of(subscription) for subscription in held]}


def _terms(rule: KeywordRule) -> dict[str, str]:
    return {"word": rule.word or rule.provider, "price": _kroner(rule.price_ore)}


def _kroner(ore: int) -> str:
    whole, rest = divmod(ore, 100)
    return f"{whole},{rest:02d}" if rest else str(whole)
