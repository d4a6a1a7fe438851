"""What every store promises, asked of each of them."""

from collections.abc import Callable

import pytest

from smsc.store import Batch, Partial, StoreError, Table
from tests.store.keeper import DIGEST, MESSAGE, RECORD, Keeper, batch_of, message, url_keeper


def test_a_row_that_was_put_is_read_back_as_it_was(keeper: Keeper) -> None:
    row = message(1, price=4.5, text="blåbærsyltetøy \U0001f600\x00", body=bytes(range(256)))
    keeper.save(row)
    assert keeper.store.get(MESSAGE, 1) == row


def test_none_is_kept_as_none(keeper: Keeper) -> None:
    row = message(1, recipient=None, submitted=None, text=None, body=None)
    keeper.save(row)
    assert keeper.store.get(MESSAGE, 1) == row


@pytest.mark.parametrize("number", [-(2**63), -1, 0, 2**63 - 1])
def test_whole_numbers_keep_all_their_63_bits(keeper: Keeper, number: int) -> None:
    keeper.save(message(number, submitted=number))
    assert keeper.store.get(MESSAGE, number) == message(number, submitted=number)


def test_an_absent_key_is_none(keeper: Keeper) -> None:
    assert keeper.store.get(MESSAGE, 404) is None


def test_keys_may_be_text_or_bytes(keeper: Keeper) -> None:
    keeper.save(("zone/laerdal", "{}"), ("zone/oslo", "[]"), table=RECORD)
    keeper.save((b"\xff\x00", 2), (b"", 1), table=DIGEST)
    assert keeper.store.get(RECORD, "zone/oslo") == ("zone/oslo", "[]")
    assert keeper.store.select(DIGEST) == [(b"", 1), (b"\xff\x00", 2)]


def test_a_second_put_replaces_the_whole_row(keeper: Keeper) -> None:
    keeper.save(message(1, text="first", price=1.0))
    keeper.save(message(1, text="second"))
    assert keeper.store.select(MESSAGE) == [message(1, text="second")]


def test_the_last_change_of_a_key_in_a_batch_wins(keeper: Keeper) -> None:
    keeper.save(message(2, text="old"))
    batch = Batch()
    batch.put(MESSAGE, message(1, text="first"))
    batch.put(MESSAGE, message(1, text="second"))
    batch.delete(MESSAGE, 2)
    batch.put(MESSAGE, message(2, text="again"))
    batch.put(MESSAGE, message(3))
    batch.delete(MESSAGE, 3)
    assert keeper.commit(batch) is None
    assert keeper.store.select(MESSAGE) == [message(1, text="second"), message(2, text="again")]


def test_deleting_what_is_not_there_is_fine(keeper: Keeper) -> None:
    batch = Batch()
    batch.delete(MESSAGE, 1)
    assert keeper.commit(batch) is None


def test_clear_empties_one_table_and_what_follows_it_in_the_batch_stays(keeper: Keeper) -> None:
    keeper.save(message(1), message(2))
    keeper.save(("kept", "yes"), table=RECORD)
    batch = Batch()
    batch.put(MESSAGE, message(3))
    batch.clear(MESSAGE)
    batch.put(MESSAGE, message(4))
    assert keeper.commit(batch) is None
    assert keeper.store.select(MESSAGE) == [message(4)]
    assert keeper.store.count(RECORD) == 1


def test_an_empty_batch_is_answered_too(keeper: Keeper) -> None:
    assert keeper.commit(Batch()) is None


def test_a_batch_counts_its_rows() -> None:
    batch = batch_of([message(1), message(2), message(1)])
    batch.delete(MESSAGE, 9)
    batch.clear(RECORD)
    assert batch.rows() == 4


@pytest.mark.parametrize("rows", [1, 2, 7, 8, 63, 64, 65, 500, 512, 513, 1025, 5000])
def test_batches_of_any_size_are_kept_whole(keeper: Keeper, rows: int) -> None:
    wanted = [message(number, state=number % 3) for number in range(rows)]
    keeper.save(*wanted)
    assert keeper.store.select(MESSAGE) == wanted
    batch = Batch()
    for number in range(0, rows, 2):
        batch.delete(MESSAGE, number)
    assert keeper.commit(batch) is None
    assert keeper.store.select(MESSAGE) == wanted[1::2]


def test_answers_come_once_each_and_in_the_order_of_writes(keeper: Keeper) -> None:
    for number in range(200):
        keeper.start(batch_of([message(number)]), number)
    keeper.wait_for(200)
    assert keeper.answers == [(number, None) for number in range(200)]
    assert keeper.store.idle()
    assert keeper.run_posted() == 0


def test_one_batch_may_touch_many_tables(keeper: Keeper) -> None:
    batch = batch_of([message(1)])
    batch.put(RECORD, ("clock", "0"))
    batch.put(DIGEST, (b"x", 1))
    assert keeper.commit(batch) is None
    assert [keeper.store.count(table) for table in (MESSAGE, RECORD, DIGEST)] == [1, 1, 1]


@pytest.fixture
def filled(keeper: Keeper) -> Keeper:
    keeper.save(
        message(1, recipient=10, state=1, submitted=300),
        message(2, recipient=20, state=1, submitted=None),
        message(3, recipient=10, state=2, submitted=100),
        message(4, recipient=10, state=1, submitted=200),
        message(5, recipient=None, state=2, submitted=100),
    )
    return keeper


def numbers(rows: list[tuple[object, ...]]) -> list[object]:
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"where": {"recipient": 10}}, [1, 3, 4]),
        ({"where": {"recipient": 10, "state": 1}}, [1, 4]),
        ({"where": {"recipient": None}}, [5]),
        ({"where": {"id": 3, "state": 2}}, [3]),
        ({"where": {"id": 3, "state": 1}}, []),
        ({"where": {"recipient": 99}}, []),
        ({"less": {"submitted": 200}}, [3, 5]),
        ({"greater": {"submitted": 100}}, [1, 4]),
        ({"greater": {"id": 1}, "less": {"id": 4}}, [2, 3]),
        ({"where": {"state": 1}, "greater": {"id": 1}, "limit": 1}, [2]),
        ({"descending": True}, [5, 4, 3, 2, 1]),
        ({"order": ("submitted",)}, [2, 3, 5, 4, 1]),
        ({"order": ("submitted",), "descending": True}, [1, 4, 5, 3, 2]),
        ({"order": ("state", "submitted")}, [2, 4, 1, 3, 5]),
        ({"order": ("submitted",), "descending": True, "limit": 2}, [1, 4]),
        ({"order": ("id",), "limit": 0}, []),
    ],
)
def test_select_finds_and_orders(filled: Keeper, asked: dict[str, object], found: list[int]) -> None:
    assert numbers(filled.store.select(MESSAGE, **asked)) == found  # type: ignore[arg-type]


def test_count_counts_what_select_finds(filled: Keeper) -> None:
    assert filled.store.count(MESSAGE) == 5
    assert filled.store.count(MESSAGE, {"recipient": 10, "state": 1}) == 2
    assert filled.store.count(MESSAGE, {"recipient": None}) == 1


def test_tally_counts_by_a_column_and_finds_the_smallest(filled: Keeper) -> None:
    tally = filled.store.tally
    assert tally(MESSAGE, "recipient", least="submitted") == [(None, 1, 100), (10, 3, 100), (20, 1, None)]
    assert tally(MESSAGE, "recipient", {"state": 1}, least="id") == [(10, 2, 1), (20, 1, 2)]
    assert tally(MESSAGE, "recipient", {"state": 9}, least="id") == []
    for by, least in (("colour", "id"), ("id", "colour")):
        with pytest.raises(StoreError, match="no column colour"):
            tally(MESSAGE, by, least=least)


def test_a_look_up_follows_changes_of_the_column_it_goes_by(filled: Keeper) -> None:
    assert filled.store.count(MESSAGE, {"recipient": 10}) == 3
    filled.save(message(1, recipient=20), message(6, recipient=10))
    batch = Batch()
    batch.delete(MESSAGE, 4)
    filled.commit(batch)
    assert numbers(filled.store.select(MESSAGE, {"recipient": 10})) == [3, 6]
    assert numbers(filled.store.select(MESSAGE, {"recipient": 20})) == [1, 2]


def test_prune_deletes_what_is_older_and_matches(filled: Keeper) -> None:
    assert filled.prune(MESSAGE, "submitted", 250, recipient=10) is None
    assert numbers(filled.store.select(MESSAGE)) == [1, 2, 5]
    assert filled.prune(MESSAGE, "submitted", 10_000) is None
    assert numbers(filled.store.select(MESSAGE)) == [2]


def test_prune_goes_through_a_large_table(keeper: Keeper) -> None:
    keeper.save(*(message(number, submitted=number % 2, recipient=None) for number in range(9000)))
    assert keeper.prune(MESSAGE, "submitted", 1, recipient=None) is None
    assert numbers(keeper.store.select(MESSAGE)) == list(range(1, 9000, 2))


def test_prune_without_a_listener_is_done_before_what_is_written_later(keeper: Keeper) -> None:
    keeper.save(message(1, submitted=0))
    keeper.store.prune(MESSAGE, "submitted", 1)
    keeper.save(message(2, submitted=0))
    assert numbers(keeper.store.select(MESSAGE)) == [2]


def test_reserved_blocks_never_overlap(keeper: Keeper) -> None:
    assert [keeper.store.reserve("message", block) for block in (1, 10, 1000, 1)] == [1, 2, 12, 1012]
    assert keeper.store.reserve("dialogue", 5) == 1


def test_what_is_reserved_for_later_overlaps_with_nothing_either(keeper: Keeper) -> None:
    assert keeper.reserve_later("message", 10) == (1, None)
    assert keeper.store.reserve("message", 5) == 11
    assert keeper.reserve_later("message", 1) == (16, None)
    assert keeper.reserve_later("dialogue", 1) == (1, None)
    assert keeper.store.idle()


def test_a_scan_finds_what_has_one_of_the_values(filled: Keeper) -> None:
    everything = filled.store.select(MESSAGE)
    found = [row for step in filled.scan(MESSAGE, recipient=20, submitted=300) for row in step]
    wanted = [row for row in everything if row[2] == 20 or row[4] == 300]
    assert 0 < len(wanted) < len(everything)
    assert sorted(found) == sorted(wanted)


def test_a_scan_of_a_large_table_comes_to_its_end_though_most_steps_find_nothing(keeper: Keeper) -> None:
    keeper.save(*(message(number, recipient=number // 2000) for number in range(1, 6001)))
    steps = keeper.scan(MESSAGE, recipient=3)
    assert [row[0] for step in steps for row in step] == [6000]
    assert all(steps), "a step that finds nothing is not told"
    assert keeper.scan(MESSAGE, recipient=404) in ([], [[]])


def test_a_scan_asks_for_columns_that_are_there(keeper: Keeper) -> None:
    with pytest.raises(StoreError, match="no column colour"):
        keeper.scan(MESSAGE, colour=1)


def test_a_purge_is_answered_and_leaves_what_is_there(filled: Keeper) -> None:
    before = filled.store.select(MESSAGE)
    assert filled.purge() is None
    assert filled.store.select(MESSAGE) == before


def test_a_block_has_at_least_one_number(keeper: Keeper) -> None:
    with pytest.raises(ValueError, match="a block of 0 numbers"):
        keeper.store.reserve("message", 0)
    with pytest.raises(ValueError, match="a block of 0 numbers"):
        keeper.reserve_later("message", 0)


def test_a_table_that_was_not_opened_is_refused(keeper: Keeper) -> None:
    other = Table("other", ("id",), ("INTEGER",))
    with pytest.raises(StoreError, match="has no table other"):
        keeper.store.write(batch_of([(1,)], other), lambda error: None)
    batch = Batch()
    batch.clear(other)
    with pytest.raises(StoreError, match="has no table other"):
        keeper.store.write(batch, lambda error: None)
    with pytest.raises(StoreError, match=r"no .*table.* .?other"):
        keeper.store.get(other, 1)


def test_a_column_that_is_not_there_is_refused(keeper: Keeper) -> None:
    keeper.save(message(1))
    for asked in ({"where": {"colour": 1}}, {"less": {"colour": 1}}, {"order": ("colour",)}):
        with pytest.raises(StoreError, match="no column colour"):
            keeper.store.select(MESSAGE, **asked)
    with pytest.raises(StoreError, match="no column colour"):
        keeper.store.prune(MESSAGE, "colour", 1)


def test_a_row_without_a_key_is_refused(keeper: Keeper) -> None:
    with pytest.raises(StoreError, match="a row of record has no key"):
        keeper.store.write(batch_of([(None, "x")], RECORD), lambda error: None)
    assert keeper.store.count(RECORD) == 0


def test_closing_twice_is_fine_and_answers_what_is_under_way(url: str) -> None:
    keeper = url_keeper(url).open()
    for number in range(50):
        keeper.start(batch_of([message(number)]), number)
    keeper.close()
    assert keeper.answers == [(number, None) for number in range(50)]
    keeper.close()


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        (Table("Message", ("id",), ("INTEGER",)), "lower-case identifier"),
        (Table("message", ("id; DROP",), ("INTEGER",)), "lower-case identifier"),
        (Table("store_x", ("id",), ("INTEGER",)), "are taken"),
        (Table("message", (), ()), "needs columns"),
        (Table("message", ("id", "id"), ("INTEGER", "INTEGER")), "different names"),
        (Table("message", ("id", "x"), ("INTEGER",)), "one type of"),
        (Table("message", ("id", "x"), ("INTEGER", "VARCHAR")), "one type of"),
        (Table("message", ("id",), ("REAL",)), "a key is"),
        (Table("message", ("id",), ("INTEGER",), (("x",),)), "names no column"),
        (Table("message", ("id",), ("INTEGER",), ((),)), "names no column"),
        (Table("message", ("id",), ("INTEGER",), (Partial(("x",), "id", 1),)), "names no column"),
        (Table("message", ("id",), ("INTEGER",), (Partial(("id",), "x", 1),)), "names no column"),
    ],
)
def test_a_wrong_declaration_is_the_callers_mistake(url: str, table: Table, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        url_keeper(url).open([table])


def test_a_table_declared_twice_is_the_callers_mistake(url: str) -> None:
    with pytest.raises(ValueError, match="declared twice"):
        url_keeper(url).open([RECORD, RECORD])


def test_versions_begin_at_one(url: str) -> None:
    with pytest.raises(ValueError, match="schema version 0"):
        url_keeper(url).open([RECORD], version=0)


def test_questions_are_answered_in_their_order_and_see_what_was_safe_before(keeper: Keeper) -> None:
    keeper.save(message(1), message(2))
    answers: list[tuple[object, BaseException | None]] = []

    def note(found: object, error: BaseException | None) -> None:
        answers.append((found, error))

    keeper.store.ask(lambda reads: reads.count(MESSAGE), note)
    keeper.store.ask(lambda reads: reads.get(MESSAGE, 2), note)
    keeper.store.ask(lambda reads: [row[0] for row in reads.select(MESSAGE, order=("id",))], note)
    while len(answers) < 3:
        keeper.run_one()
    assert answers == [(2, None), (message(2), None), ([1, 2], None)]


def test_a_question_that_can_not_be_answered_is_answered_with_the_error(keeper: Keeper) -> None:
    answers: list[tuple[object, BaseException | None]] = []
    keeper.store.ask(
        lambda reads: reads.count(Table("other", ("id",), ("INTEGER",))),
        lambda found, error: answers.append((found, error)),
    )
    keeper.store.ask(lambda reads: reads.count(MESSAGE), lambda found, error: answers.append((found, error)))
    while len(answers) < 2:
        keeper.run_one()
    assert answers[0][0] is None
    assert isinstance(answers[0][1], StoreError)
    assert answers[1] == (0, None)


def test_nothing_is_read_on_the_owners_thread_once_it_serves(keeper: Keeper, url: str) -> None:
    """A read that waits for a disk or a network would hold up everybody who is served."""
    keeper.save(message(1))
    keeper.store.begin_serving()
    answers: list[object] = []
    keeper.store.ask(lambda reads: reads.get(MESSAGE, 1), lambda found, error: answers.append(found))
    while not answers:
        keeper.run_one()
    assert answers == [message(1)]
    if url == "memory:":
        assert keeper.store.get(MESSAGE, 1) == message(1)
        return
    reads: list[Callable[[], object]] = [
        lambda: keeper.store.get(MESSAGE, 1),
        lambda: keeper.store.select(MESSAGE),
        lambda: keeper.store.count(MESSAGE),
        lambda: keeper.store.tally(MESSAGE, "recipient", least="submitted"),
    ]
    for read in reads:
        with pytest.raises(StoreError, match="would hold up everybody"):
            read()
