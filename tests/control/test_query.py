"""The grammar of a search: what can be said, what it means, and what is said about what cannot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.control.search.query import FIELDS, LONGEST, MOST_TERMS, STATES, QueryError, Term, fold, parse

NOW = 1_767_268_800_000  # 2026-01-01T12:00:00Z
DAY = 86_400_000


def one(text: str) -> Term:
    (term,) = parse(text, NOW)
    return term


@pytest.mark.parametrize(
    ("text", "field", "values"),
    [
        ("from:4790000001", "from", ("4790000001",)),
        ("FROM:Shop", "from", ("Shop",)),
        ('from:"Snøby kommune"', "from", ("Snøby kommune",)),
        ('to:2097,"59 00 00 01",479*', "to", ("2097", "59 00 00 01", "479*")),
        ("state:expired", "state", ("expired",)),
        ("state:enroute", "state", ("scheduled", "waiting", "underway")),
        ("state:Failed,held", "state", ("undeliverable", "held")),
        ("reason:absent_no_bind", "reason", ("absent_no_bind",)),
        ("system:shop", "system", ("shop",)),
        ("session:12", "session", (12,)),
        ("kind:receipt", "kind", ("receipt",)),
        ("zone:Laerdal-tunnel", "zone", ("laerdal-tunnel",)),
        ("since:10m", "since", (NOW - 600_000,)),
        ("since:72h", "since", (NOW - 3 * DAY,)),
        ("before:2026-01-01", "before", (NOW - DAY // 2,)),
        ("before:2026-01-01T11:00", "before", (NOW - DAY // 24,)),
        ("before:2026-01-01T13:00:00.500+01:00", "before", (NOW + 500,)),
        ("has:code,link", "has", ("code", "link")),
        ("id:100000001", "id", (100_000_001,)),
        ("Hei", "", ("hei",)),
        ('"To ord, og ÆØÅ"', "", ("to ord, og æøå",)),
        ("https://bank.no/x", "", ("https://bank.no/x",)),
        ("12:30", "", ("12:30",)),
        ("e-post", "", ("e-post",)),
    ],
)
def test_a_term_says_what_is_looked_for(text: str, field: str, values: tuple[str | int, ...]) -> None:
    term = one(text)
    assert (term.field, term.values, term.negated, term.at) == (field, values, False, 0)
    assert one(f" -{text}")[:3] == (field, values, True)
    assert one(f" -{text}").at == 1


def test_words_in_quotes_stand_as_they_are() -> None:
    assert one('"from:4790000001"').values == ("from:4790000001",)
    assert one('"hei"').exact
    assert not one("hei").exact


def test_a_reason_may_be_said_by_its_beginning() -> None:
    found = one("reason:absent").values
    assert {"absent_no_paging_response", "absent_detached", "absent_no_bind"} <= set(found)
    assert all(str(name).startswith("absent") for name in found)


def test_terms_stand_in_a_row() -> None:
    terms = parse('to:2097  state:held,expired since:1h "exact words" -not -kind:receipt', NOW)
    assert [(term.field, term.negated) for term in terms] == [
        ("to", False),
        ("state", False),
        ("since", False),
        ("", False),
        ("", True),
        ("kind", True),
    ]
    assert parse("", NOW) == parse(" \t\n", NOW) == ()


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("to:2097 stat:held", "stat:", "from:, to:, state:"),
        ("foo:bar", "foo:", '"foo:bar"'),
        ("from:", "", "a number or a sender's name"),
        ("from:,", "", "a number or a sender's name"),
        ("from:*", "*", "a number or a sender's name"),
        ("to:2097 state:lost", "lost", "delivered"),
        ("state:held,lost", "lost", "undeliverable"),
        ("reason:xyzzy", "xyzzy", "a reason or the beginning of one"),
        ("session:one", "one", "the id of a session"),
        ("kind:sms", "sms", "receipt"),
        ("since:10", "10", "10m"),
        ("since:soon", "soon", "2026-01-01T12:00"),
        ("since:2026-02-30", "2026-02-30", "a day and hour that exist"),
        ("before:9999-01-01", "9999-01-01", "before the year 9000"),
        ("since:2026-01-01T25:00", "2026-01-01T25:00", "a day and hour that exist"),
        ("has:virus", "virus", "code, link"),
        ('hei "du', '"', "another quotation mark"),
        ('from:"du', '"', "another quotation mark"),
        ("hei -", "-", "a word behind the minus"),
        ('""', '""', "words between"),
        ("x" * (LONGEST + 1), "x", f"at most {LONGEST} characters"),
        ("x " * (MOST_TERMS + 1), "x ", f"at most {MOST_TERMS} terms"),
    ],
)
def test_what_makes_no_sense_is_told_with_its_place(text: str, given: str, expected: str) -> None:
    with pytest.raises(QueryError) as error:
        parse(text, NOW)
    found = error.value
    assert text[found.at : found.at + found.length] == given
    assert expected in found.expected
    assert f"character {found.at + 1}" in found.sentence(text)


@given(st.text(max_size=200) | st.text(alphabet='ft:,-"* om2', max_size=30))
def test_every_text_is_a_search_or_an_error_within_it(text: str) -> None:
    terms: tuple[Term, ...] = ()
    at, length = 0, 0
    try:
        terms = parse(text, NOW)
    except QueryError as error:
        at, length = error.at, error.length
    assert 0 <= at <= at + length <= len(text)
    assert all(term.field in ("", *FIELDS) and term.values for term in terms)
    assert [term.at for term in terms] == sorted({term.at for term in terms})


WORDS = st.text(alphabet="abcæøåÆØÅ1 .:-,*", min_size=1, max_size=10).filter(lambda text: text.strip())


@given(WORDS)
def test_quotes_take_any_words(words: str) -> None:
    assert one(f'"{words}"') == Term("", (fold(words),), False, True, 0, f'"{words}"')


@given(st.sampled_from(sorted(STATES)), st.sampled_from(sorted(STATES)))
def test_a_comma_is_an_or(first: str, second: str) -> None:
    assert set(one(f"state:{first},{second}").values) == {*STATES[first], *STATES[second]}


@given(st.text(max_size=20), st.text(max_size=20))
def test_lower_case_does_not_depend_on_neighbours(left: str, right: str) -> None:
    assert fold(left + right) == fold(left) + fold(right)
    assert fold(fold(left)) == fold(left)
