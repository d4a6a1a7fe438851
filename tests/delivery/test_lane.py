"""A lane of a recipient's queue beside a plain list: order, taking out, expiry, service types."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from smsc.delivery.flags import MNRF, MNRG, absent_flag, mw_status
from smsc.delivery.message import FOREVER, Message
from smsc.delivery.recipient import Lane, Recipient
from tests.conftest import examples

TYPES = (b"", b"CMT", b"WAP")


def message(number: int, expires_at: int = FOREVER - 1, service_type: bytes = b"") -> Message:
    made = Message()
    made.id, made.expires_at, made.service_type = number, expires_at, service_type
    return made


def lane() -> Lane:
    return Lane(8, 0, Recipient(4790000001))


class LaneBesideAList(RuleBasedStateMachine):
    """The first of the list may be in flight, as the lane's is while it is busy."""

    def __init__(self) -> None:
        super().__init__()
        self.lane = lane()
        self.model: list[Message] = []
        self.number = 0

    def waiting(self) -> list[Message]:
        return self.model[1:] if self.lane.busy else self.model

    @rule(expires_at=st.integers(0, 20), service_type=st.sampled_from(TYPES))
    def push(self, expires_at: int, service_type: bytes) -> None:
        self.number += 2
        made = message(self.number, expires_at, service_type)
        self.lane.push(made)
        self.model.append(made)

    @precondition(lambda self: self.model)
    @rule()
    def pop(self) -> None:
        self.lane.pop()
        self.model.pop(0)
        self.lane.busy = False

    @precondition(lambda self: self.model and not self.lane.busy)
    @rule()
    def send(self) -> None:
        self.lane.busy = True

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(self.model))
        is_waiting = chosen in self.waiting()
        assert self.lane.remove(chosen) is is_waiting
        if is_waiting:
            self.model.remove(chosen)
        assert self.lane.remove(message(self.number + 100)) is False

    @rule(now=st.integers(0, 20), most=st.integers(1, 3))
    def take_expired(self, now: int, most: int) -> None:
        due = [one for one in self.waiting() if one.expires_at <= now][:most]
        taken = self.lane.take_expired(now, most)
        if self.lane.ordered:
            assert taken == due
        else:
            assert set(map(id, taken)) <= {id(one) for one in self.waiting() if one.expires_at <= now}
            assert len(taken) == len(due)
        for one in taken:
            self.model.remove(one)

    @rule(service_type=st.sampled_from(TYPES))
    def ask_for_a_type(self, service_type: bytes) -> None:
        found = self.lane.of_type(service_type)
        assert found == [one for one in self.model if one.service_type == service_type]

    @rule(now=st.integers(0, 20))
    def ask_when_the_next_expires(self, now: int) -> None:
        ends = [one.expires_at for one in self.waiting()]
        if self.lane.busy and self.model[0].expires_at > now:
            ends.append(self.model[0].expires_at)
        assert self.lane.next_expiry(now) == min(ends, default=FOREVER)

    @invariant()
    def holds_the_same(self) -> None:
        assert self.lane.waiting() == self.model
        assert self.lane.size() == len(self.model)
        assert self.lane.first() is (self.model[0] if self.model else None)


LaneBesideAList.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=40, deadline=None)
TestLane = LaneBesideAList.TestCase


def test_a_message_that_is_put_back_stands_where_its_id_belongs_behind_what_is_in_flight() -> None:
    queue = lane()
    for number in (1, 3, 5):
        queue.push(message(number))
    queue.insert(message(4))
    assert [one.id for one in queue.waiting()] == [1, 3, 4, 5]
    queue.busy = True
    queue.insert(message(0))
    assert [one.id for one in queue.waiting()] == [1, 0, 3, 4, 5]
    queue.busy = False
    queue.insert(message(9))
    assert [one.id for one in queue.waiting()] == [1, 0, 3, 4, 5, 9]


def test_a_long_lane_gives_the_room_of_what_has_gone_back() -> None:
    queue = lane()
    for number in range(200):
        queue.push(message(number))
    for _ in range(150):
        queue.pop()
    assert [one.id for one in queue.waiting()] == list(range(150, 200))
    assert len(queue.items) < 120


def test_a_higher_priority_goes_first_then_the_oldest() -> None:
    lanes = []
    for priority, number in ((0, 5), (3, 9), (3, 7), (1, 1)):
        queue = Lane(8 + priority, priority, Recipient(1))
        queue.push(message(number))
        lanes.append(queue)
    ordered = sorted(lanes, key=lambda one: one.order())
    assert [(one.priority, one.waiting()[0].id) for one in ordered] == [(3, 7), (3, 9), (1, 1), (0, 5)]


@pytest.mark.parametrize("held", ["busy", "blocked_until", "backlogged"])
def test_a_lane_is_free_unless_something_holds_it_back(held: str) -> None:
    queue = lane()
    assert queue.is_free()
    setattr(queue, held, 1)
    assert not queue.is_free()


def test_the_lanes_of_one_sender_are_one_pair() -> None:
    recipient = Recipient(1)
    assert {Lane(4790000001 << 3 | priority, priority, recipient).pair() for priority in range(4)} == {
        4790000001
    }
    assert Lane(-(77 << 3 | 1), 1, recipient).pair() == 77


def test_it_is_the_sgsn_that_does_not_reach_a_machine() -> None:
    """12-digit numbers have data only [23.040 §3.2.7]."""
    assert absent_flag(4790000001) == MNRF
    assert absent_flag(47580000000000) == absent_flag(47580000000001) == MNRG


def test_the_flags_are_told_by_their_names() -> None:
    assert mw_status(0) == ["sc_address_not_included"]
    assert "mnrf" in mw_status(MNRF)
    assert "mnrg" not in mw_status(MNRF)
    assert "mnrg" in mw_status(MNRG)


def test_a_recipient_has_one_lane_until_it_needs_two() -> None:
    recipient = Recipient(1)
    first = recipient.lane(8, 0)
    assert recipient.lane(8, 0) is recipient.find(8) is first
    assert recipient.lanes is None
    assert recipient.find(16) is None
    second = recipient.lane(16, 0)
    assert recipient.find(8) is first
    assert recipient.find(16) is recipient.lane(16, 0) is second


def of(sender: int, ident: int, submitted_at: int) -> Message:
    made = message(ident)
    made.source, made.recipient, made.submitted_at = sender, 4790000001, submitted_at
    return made


def test_of_several_lanes_the_oldest_message_goes_first_whatever_its_id() -> None:
    """Of two nodes that accept at once one gives higher ids than the other. By their ids all that the
    other accepts would go before anything of that one, for as long as the window of the peer is full."""
    now = 1_800_000_000_000
    accepted = [(105_000_001, now), (103_000_009, now + 1), (103_000_008, now + 1)]
    lanes = []
    for place, (ident, at) in enumerate(accepted):
        one = Lane(8 * (place + 1), 0, Recipient(4790000001))
        one.push(of(4790000010 + place, ident, at))
        lanes.append(one)
    first, third, second = lanes
    assert [one for _, one in sorted((one.order(), one) for one in lanes)] == [first, second, third]
    urgent = Lane(9, 1, Recipient(4790000001))
    urgent.push(of(4790000020, 106_000_000, now + 2))
    assert urgent.order() < first.order()


def test_two_lanes_in_the_same_place_both_go() -> None:
    recipient = Recipient(4790000001)
    for sender, ident in ((4790000010, 1 << 14), (4790000011, 2 << 14), (4790000012, 3 << 14)):
        recipient.push(of(sender, ident, 5))
    gone = set()
    while (one := recipient.next_ready()) is not None:
        gone.add(one.first().id >> 14)
        one.busy = True
    assert gone == {1, 2, 3}
