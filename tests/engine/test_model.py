"""Anything may happen in any order: what was acknowledged is not lost, order holds, and nothing leaks.

Hypothesis writes the story; every client answers, loses its connection, moves or is switched off, the store
is slow, fails or crashes. In the end everybody is reachable, and the books must balance.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from smsc.store.base import StoreError, StoreFull
from tests.conftest import examples
from tests.engine.lab import Client, Lab

HANDSETS = ("4790000001", "4790000002", "4740000003")
COMPANY = "4759000001"
EVERYBODY = (*HANDSETS, COMPANY)
ZONES = ("oslo", "laerdal-tunnel", "hardangervidda")
TEN_MINUTES = b"000000001000000R"


@dataclass
class Sent:
    """A submission: what was asked, and by whom."""

    client: Client
    token: object
    sender: str
    recipient: str
    text: str
    fields: dict[str, Any]
    message_id: str = ""
    deleted: bool = False


@dataclass
class Story:
    """One run of the world, its lives and its books."""

    lab: Lab = field(default_factory=Lab)
    clients: dict[str, Client] = field(default_factory=dict)
    leaving: list[tuple[str, Client]] = field(default_factory=list)  # who have sent their unbind
    sent: list[Sent] = field(default_factory=list)
    delivered: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    receipts: list[tuple[str, str]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)  # who has turned away for good what may be receipts

    # --- what may happen ---

    def bind(self, name: str) -> None:
        if name not in self.clients:
            login = ("shop", "shop") if name == COMPANY else (name, "1234")
            self.clients[name] = self.lab.bind(*login)

    def drop(self, name: str) -> None:
        client = self.clients.pop(name, None)
        if client is not None:
            client.drop()
            self.collect(name, client)

    def unbind(self, name: str) -> None:
        """The unbind is answered once all before it is safe."""
        client = self.clients.pop(name, None)
        if client is not None:
            client.session.unbind(self.lab.link_now)
            self.leaving.append((name, client))

    def submit(
        self, sender: str, recipient: str, priority: int, hurry: bool, receipt: bool, replace: bool = False
    ) -> None:
        self.bind(sender)
        client = self.clients[sender]
        fields: dict[str, Any] = {"priority": priority, "registered_delivery": int(receipt)}
        if hurry:
            fields["validity"] = TEN_MINUTES
        if replace:
            fields["replace_if_present"] = 1
        if sender == COMPANY:
            fields["source"] = "59000001"
        text = f"nr. {len(self.sent)}"
        token = client.submit(recipient, text, **fields)
        self.sent.append(Sent(client, token, sender, recipient, text, fields))

    def burst(self, sender: str, recipient: str, count: int) -> None:
        for _ in range(count):
            self.submit(sender, recipient, 0, hurry=False, receipt=True)
        self.lab.carry()

    def run(self) -> None:
        self.lab.carry()

    def settle(self) -> None:
        self.lab.settle()

    def write(self) -> None:
        """One commit is safe."""
        self.lab.carry()
        if self.lab.store.pending:
            self.lab.store.write_down()(None)
        self.lab.carry()

    def fail(self, full: bool) -> None:
        self.lab.carry()
        if self.lab.store.pending:
            self.lab.store.fail(StoreFull("no space left") if full else StoreError("input/output error"))
        self.lab.carry()

    def change(self, name: str, changes: dict[str, Any]) -> None:
        if changes.get("sim") == "blocked":
            self.refused.add(name)
        if name != COMPANY:
            self.lab.control.patch_subscriber(name, changes)

    def tunnel(self, uplink: str) -> None:
        self.lab.control.patch_zone("laerdal-tunnel", {"uplink": uplink})

    def reply(self, name: str, status: int | None) -> None:
        """From now on the client answers with this status, or not at all."""
        client = self.clients.get(name)
        if client is None:
            return
        if status is None:
            client.answer = None
        else:
            if status == 0x65:
                self.refused.add(name)
            client.catch_up(status)

    def advance(self, seconds: int) -> None:
        self.lab.advance(seconds)

    def clear(self) -> None:
        """DELETE /messages: what was accepted so far is owed to nobody."""
        for client in (*self.clients.values(), *(client for _, client in self.leaving)):
            self.book(client)
        self.lab.control.clear_messages()
        for sent in self.sent:
            sent.deleted = True

    def crash(self, written: bool) -> None:
        """The process dies; its last commit may be on the disk though nobody was told."""
        if written and self.lab.store.pending:
            self.lab.store.write_down()
        for name in list(self.clients):
            self.collect(name, self.clients.pop(name))
        for name, client in self.leaving:
            self.collect(name, client)
        self.leaving.clear()
        self.lab = self.lab.again()

    # --- the books ---

    def collect(self, name: str, client: Client) -> None:
        """What a client saw before its connection ended."""
        self.delivered[name] += client.inbox
        self.receipts += [(receipt.id, receipt.stat) for receipt in client.receipts]
        client.inbox, client.receipts = [], []
        self.book(client)

    def book(self, client: Client) -> None:
        """What became of a client's submissions so far."""
        for sent in self.sent:
            if sent.client is client and sent.token in client.answers:
                status, message_id = client.answers.pop(sent.token)
                sent.message_id = message_id if status == 0 else ""

    def end(self) -> None:
        """Everybody is reachable, and time goes on until nothing is unfinished."""
        self.lab.settle()
        for name in EVERYBODY:
            self.bind(name)
            self.reply(name, 0)
            self.change(name, {"zone": "oslo", "powered": True, "memory_full": False, "sim": "active"})
        self.lab.settle()
        for _ in range(100):
            if not self.lab.engine.unfinished():
                break
            self.lab.advance(3600)
        for name, client in (*self.leaving, *self.clients.items()):
            self.collect(name, client)

    def check(self) -> None:
        queues = self.lab.engine.queues
        assert (queues.queued, queues.in_flight, list(queues.recipients)) == (0, 0, [])
        for bind in self.lab.engine.bindings:
            assert (bind.outstanding, bind.session.window_used) == (0, 0)
        accepted = [sent for sent in self.sent if sent.message_id and not sent.deleted]
        assert len({sent.message_id for sent in accepted}) == len(accepted)
        receipts = {message_id for message_id, _ in self.receipts}
        for sent in accepted:
            message = self.lab.control.message(sent.message_id)
            assert message["text"] == sent.text
            replaced = message["reason"] == "replaced" and self.is_replaced(sent)
            assert replaced or message["state"] in ("delivered", "expired", "undeliverable"), message
            if message["state"] == "delivered":
                assert sent.text in self.delivered[sent.recipient], message
            if sent.fields["registered_delivery"] and sent.sender not in self.refused:
                assert sent.message_id in receipts, message
        self.check_order(accepted)

    def is_replaced(self, sent: Sent) -> bool:
        """Whether a later submission asked to take its place."""
        later = self.sent[self.sent.index(sent) + 1 :]
        pair = (sent.sender, sent.recipient)
        return any(
            (other.sender, other.recipient) == pair and "replace_if_present" in other.fields
            for other in later
        )

    def check_order(self, accepted: list[Sent]) -> None:
        """First in, first out per sender, recipient and priority; what comes again comes later."""
        pairs = defaultdict(list)
        for sent in sorted(accepted, key=lambda sent: int(sent.message_id)):
            pairs[sent.sender, sent.recipient, sent.fields["priority"]].append(sent.text)
        for (_, recipient, _), texts in pairs.items():
            arrived = [text for text in dict.fromkeys(self.delivered[recipient]) if text in texts]
            assert arrived == [text for text in texts if text in arrived]


name = st.sampled_from(EVERYBODY)
submission = st.tuples(
    st.just("submit"),
    name,
    name,
    st.sampled_from((0, 0, 0, 1, 3)),
    st.sampled_from((False, False, True)),
    st.booleans(),
    st.sampled_from((False, False, False, True)),
)
progress = st.tuples(st.sampled_from(("run", "settle", "write")))
trouble = st.one_of(
    st.tuples(st.sampled_from(("bind", "drop", "unbind")), name),
    st.tuples(st.just("fail"), st.booleans()),
    st.tuples(st.just("change"), name, st.fixed_dictionaries({"zone": st.sampled_from(ZONES)})),
    st.tuples(st.just("change"), name, st.fixed_dictionaries({"powered": st.booleans()})),
    st.tuples(st.just("change"), name, st.fixed_dictionaries({"memory_full": st.booleans()})),
    st.tuples(
        st.just("change"),
        name,
        st.fixed_dictionaries({"sim": st.sampled_from(("active", "suspended", "blocked"))}),
    ),
    st.tuples(st.just("burst"), name, name, st.sampled_from((10, 70, 150))),
    st.just(("clear",)),
    st.tuples(st.just("tunnel"), st.sampled_from(("hold", "defer", "reject", "lose"))),
    st.tuples(st.just("reply"), name, st.sampled_from((0, None, 0x64, 0x65, 0x66))),
    st.tuples(st.just("advance"), st.sampled_from((1, 31, 300, 3600))),
    st.tuples(st.just("crash"), st.booleans()),
)
happening = st.one_of(submission, submission, progress, trouble)
world = st.sampled_from(
    (
        {},
        {"latency": {"preset": "realistic"}},
        {"limits": {"window": 5, "window_out": 2}},
        {"limits": {"in_memory": 5}},
        {"delivery": {"alert_spread": "30s"}},
    )
)


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(world, st.lists(happening, min_size=5, max_size=60))
def test_the_books_balance(configuration: dict[str, Any], happenings: list[tuple[Any, ...]]) -> None:
    story = Story(Lab(**configuration))
    for handset in HANDSETS[:2]:
        story.bind(handset)
    for what, *how in happenings:
        note(f"{what} {how}")
        getattr(story, what)(*how)
    story.end()
    story.check()
