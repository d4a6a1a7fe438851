"""Subscribers: ranges that cost memory only when touched, single numbers, and numbers taken out of ranges."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from smsc.routing.subscribers import BLOCKED, SUSPENDED, Registry, Subscriber
from smsc.subscriber_fields import SIM_NAMES
from tests.conftest import examples


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registry.add_range(4790000000, 4790099999, place="oslo", password="1234")
    registry.add_range(47580000000000, 47580000000099, sim=SUSPENDED, powered=False)
    return registry


def test_a_member_of_a_range_is_found_at_both_bounds(registry: Registry) -> None:
    for key in (4790000000, 4790099999):
        found = registry.find(key)
        assert found is not None
        assert (found.place, found.password, found.owned, found.msisdn) == ("oslo", "1234", False, 0)
    for key in (4789999999, 4790100000, 0, -1, 2**62):
        assert registry.find(key) is None


def test_untouched_members_share_one_prototype(registry: Registry) -> None:
    assert registry.find(4790000001) is registry.find(4790000002)
    assert registry.find(4790000001) is not registry.find(47580000000000)


def test_a_range_gives_its_members_what_it_says(registry: Registry) -> None:
    found = registry.find(47580000000050)
    assert found is not None
    assert (found.sim, found.powered) == (SUSPENDED, False)
    assert SIM_NAMES[found.sim] == "suspended"


def test_touching_gives_an_object_of_its_own(registry: Registry) -> None:
    own = registry.touch(4790000001)
    own.sim = BLOCKED
    assert own.owned
    assert own.msisdn == 4790000001
    assert own.place == "oslo"
    assert own.password == "1234"
    assert registry.find(4790000001) is own
    assert registry.touch(4790000001) is own
    assert registry.find(4790000002).sim == 0


def test_an_unknown_number_cannot_be_touched(registry: Registry) -> None:
    with pytest.raises(KeyError):
        registry.touch(4712345678)


def test_a_removed_member_of_a_range_is_unknown(registry: Registry) -> None:
    registry.touch(4790000001)
    for key in (4790000001, 4790000002):
        assert registry.remove(key)
        assert registry.find(key) is None
        assert not registry.remove(key)
        with pytest.raises(KeyError):
            registry.touch(key)
    assert sorted(registry.removed()) == [4790000001, 4790000002]
    assert registry.count() == 100_098
    assert list(registry.touched()) == []


def test_a_removed_number_can_come_back(registry: Registry) -> None:
    registry.remove(4790000001)
    registry.add(Subscriber(4790000001))
    assert registry.find(4790000001) is not None
    assert list(registry.removed()) == []
    assert registry.count() == 100_100


def test_a_single_number_outside_all_ranges(registry: Registry) -> None:
    registry.add(Subscriber(4799000001))
    assert registry.count() == 100_101
    registry.add(Subscriber(4799000001))
    assert registry.count() == 100_101
    assert registry.remove(4799000001)
    assert registry.count() == 100_100
    assert registry.find(4799000001) is None
    assert list(registry.removed()) == []


def test_a_single_number_inside_a_range_replaces_the_member(registry: Registry) -> None:
    single = Subscriber(4790000112)
    single.nod_sms = True
    registry.add(single)
    assert registry.find(4790000112) is single
    assert registry.count() == 100_100


def test_a_range_around_single_numbers_counts_them_once() -> None:
    registry = Registry()
    for key in (4790000001, 4790000002):
        registry.add(Subscriber(key))
    registry.remove(4790000002)
    assert registry.count() == 1
    registry.add_range(4790000000, 4790000009)
    assert registry.find(4790000001).owned
    assert registry.find(4790000002) is None
    assert registry.count() == 9


def test_many_ranges_in_any_order() -> None:
    registry = Registry()
    firsts = [4790000000 + 1000 * (index * 7 % 100) for index in range(100)]
    for first in firsts:
        registry.add_range(first, first + 499, operator=str(first))
    for first in firsts:
        for key in (first, first + 499):
            assert registry.find(key).operator == str(first)
        assert registry.find(first + 500) is None
        assert registry.find(first - 1) is None
    assert registry.count() == 50_000
    assert [first for first, _, _ in registry.ranges()] == sorted(firsts)


@pytest.mark.parametrize(
    "first, last",
    [
        (4790000000, 4790000000),
        (4789999999, 4790000000),
        (4790099999, 4790100005),
        (4780000000, 4799999999),
        (4790000500, 4790000600),
    ],
)
def test_ranges_do_not_overlap(registry: Registry, first: int, last: int) -> None:
    with pytest.raises(ValueError, match="overlaps 4790000000-4790099999"):
        registry.add_range(first, last)
    assert registry.count() == 100_100


@pytest.mark.parametrize("first, last", [(4790000001, 4790000000), (4799999999, 47580000000000)])
def test_the_bounds_of_a_range_are_in_order_and_of_one_length(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="same length and be in order"):
        Registry().add_range(first, last)


def test_unknown_attributes_are_refused() -> None:
    for thing in (Subscriber(1), Registry()):
        with pytest.raises(AttributeError):
            thing.colour = "blue"


def test_5_5_million_subscribers_in_ranges_take_less_than_a_megabyte() -> None:
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    registry = Registry()
    for first in range(4740000000, 4745500000, 10_000):
        registry.add_range(first, first + 9_999)
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert registry.count() == 5_500_000
    assert used < 1_000_000


@pytest.mark.long
def test_a_touched_subscriber_takes_at_most_200_bytes_more() -> None:
    registry = Registry()
    registry.add_range(4740000000, 4745499999)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for key in range(4740000000, 4745500000, 200):
        registry.touch(key)
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert len(list(registry.touched())) == 27_500
    compiled = not hasattr(Registry.find, "__code__")
    assert used / 27_500 < (200 if compiled else 260)


class Model(RuleBasedStateMachine):
    """The registry against a plain dict, few numbers over and over."""

    keys = st.one_of(st.integers(4790000000, 4790000040), st.integers(4790000000, 4790002000))

    @initialize()
    def start(self) -> None:
        self.registry = Registry()
        self.known: dict[int, bool] = {}

    @rule(first=keys, size=st.integers(1, 20))
    def add_range(self, first: int, size: int) -> None:
        members = range(first, first + size)
        if any(low < first + size and first <= high for low, high, _ in self.registry.ranges()):
            with pytest.raises(ValueError):
                self.registry.add_range(first, first + size - 1)
            return
        gone = [key for key in members if key in self.known and not self.known[key]]
        self.registry.add_range(first, first + size - 1)
        for key in members:
            if self.registry.find(key) is not None:
                self.known[key] = True
            else:
                assert key in gone

    @rule(key=keys)
    def add(self, key: int) -> None:
        self.registry.add(Subscriber(key))
        self.known[key] = True

    @rule(key=keys)
    def touch(self, key: int) -> None:
        if self.known.get(key):
            assert self.registry.touch(key).msisdn == key
        else:
            with pytest.raises(KeyError):
                self.registry.touch(key)

    @rule(key=keys)
    def remove(self, key: int) -> None:
        assert self.registry.remove(key) is self.known.get(key, False)
        self.known[key] = False

    @rule(key=keys)
    def find(self, key: int) -> None:
        assert (self.registry.find(key) is not None) is self.known.get(key, False)

    @rule(key=keys, main=keys)
    def share(self, key: int, main: int) -> None:
        found = self.registry.find(key)
        if found is not None and found.owned:
            self.registry.share(found, main)

    @invariant()
    def counts(self) -> None:
        if hasattr(self, "registry"):
            assert self.registry.count() == sum(self.known.values())

    @invariant()
    def own_objects_are_found_in_order_and_twins_by_whom_they_share_with(self) -> None:
        if hasattr(self, "registry"):
            own = sorted(self.registry.touched(), key=lambda one: one.msisdn)
            assert list(self.registry.own_after(0)) == own
            for main in {one.main for one in own} - {0}:
                assert self.registry.twins(main) == [one for one in own if one.main == main]


TestRegistryAgainstADict = Model.TestCase
TestRegistryAgainstADict.settings = settings(max_examples=examples(100), stateful_step_count=40)


def test_a_number_s_own_object_may_be_added_again(registry: Registry) -> None:
    own = registry.touch(4790000001)
    registry.add(own)
    assert registry.find(4790000001) is own


def test_a_range_that_is_removed_makes_its_numbers_unknown_but_not_those_of_their_own() -> None:
    registry = Registry()
    registry.add_range(4790000000, 4790000009)
    registry.add_range(4790000010, 4790000019)
    registry.touch(4790000005)
    assert registry.find(4790000003) is not None
    assert registry.remove_range(4790000001) is False
    assert registry.remove_range(4790000020) is False
    assert registry.remove_range(4790000000) is True
    assert registry.find(4790000003) is None, "also where the range was found last"
    assert registry.find(4790000005) is not None
    assert registry.find(4790000010) is not None
    assert registry.remove_range(4790000000) is False


def test_what_is_erased_is_unknown_and_leaves_no_trace_of_who_it_was() -> None:
    registry = Registry()
    registry.add_range(4790000000, 4790000009)
    registry.touch(4790000001).nod_sms = True
    registry.add(Subscriber(4740000001))
    for key in (4790000001, 4740000001):
        registry.erase(key)
        assert registry.find(key) is None
    assert list(registry.touched()) == []
    assert list(registry.removed()) == []
    registry.erase(4720000001)
    assert registry.find(4790000002) is not None


@pytest.mark.parametrize("field", ["powered", "flight_mode"])
def test_a_handset_that_is_off_or_in_flight_mode_has_no_radio(field: str) -> None:
    subscriber = Subscriber(4790000001)
    assert subscriber.has_radio()
    setattr(subscriber, field, field == "flight_mode")
    assert not subscriber.has_radio()


def test_removed_numbers_give_their_places_back_when_the_table_grows() -> None:
    registry = Registry()
    registry.add_range(4790000000, 4790000009)
    registry.remove(4790000001)
    for key in range(4740000000, 4740000200):
        registry.add(Subscriber(key))
        if key % 2:
            registry.remove(key)
    assert registry.find(4790000001) is None, "the range does not bring it back"
    assert registry.find(4790000002) is not None
    assert [registry.find(key) is not None for key in range(4740000000, 4740000200)] == [True, False] * 100


def test_the_ends_of_a_range_are_in_it_and_their_neighbours_are_not() -> None:
    registry = Registry()
    registry.add_range(4790000010, 4790000019)
    registry.add_range(4790000030, 4790000039)
    for key in (4790000010, 4790000019, 4790000030, 4790000039):
        assert registry.find(key) is not None
    for key in (4790000009, 4790000020, 4790000029, 4790000040):
        assert registry.find(key) is None
    with pytest.raises(ValueError, match="overlaps 4790000010-4790000019"):
        registry.add_range(4790000019, 4790000020)
    with pytest.raises(ValueError, match="overlaps 4790000030-4790000039"):
        registry.add_range(4790000025, 4790000030)
    registry.add_range(4790000020, 4790000029)


def places(registry: Registry) -> int:
    return sum(1 for _ in registry.removed_in_pieces(1))


@pytest.mark.parametrize("others", [0, 400, 700, 1_000, 3_000])
def test_who_was_made_room_for_finds_it_however_many_others_come_meanwhile(others: int) -> None:
    registry = Registry()
    for key in range(4740000000, 4740001000):
        registry.add(Subscriber(key))
    room = registry.room_in_pieces(20_000, 200)
    next(room)
    for key in range(4741000000, 4741000000 + others):
        registry.add(Subscriber(key))
    for _ in room:
        """Some in each turn of the loop."""
    size = places(registry)
    for key in range(4742000000, 4742020000):
        registry.add(Subscriber(key))
    assert places(registry) == size, "the table was made anew in a single turn"
    assert registry.count() == 21_000 + others
    assert all(registry.find(subscriber.msisdn) is subscriber for subscriber in registry.touched())


def test_a_few_others_do_not_have_the_table_made_anew_while_a_larger_one_is_filled() -> None:
    registry = Registry()
    for key in range(4740000000, 4740001000):
        registry.add(Subscriber(key))
    size = places(registry)
    room = registry.room_in_pieces(20_000, 200)
    next(room)
    for key in range(4741000000, 4741000700):
        registry.add(Subscriber(key))
    assert places(registry) == size
