"""Assigned numbers from CSV lists: reading, holders over time, and daily lists replayed."""

from __future__ import annotations

import pytest

from smsc.routing.assignments import (
    FIVE_DIGIT,
    HELPLINE,
    SERIES,
    SHORT_CODE,
    Assignment,
    Assignments,
    read_assignments,
    read_keywords,
    write_keywords,
)
from smsc.routing.special import FOREVER, midnight

LIST = """\
kind,first,last,holder,service,account,sms,price_nok,from,to
five_digit,02000,,Bank,,bank,,,2019-01-01,
five_digit,02626,02629,Reseller,,,,,,2026-01-01
helpline,116 111,,Alarmtelefonen,child helpline,alarmtlf,yes,,2009-06-02,
short_code,2097,,Quiz,quiz,quiz,,5,,
short_code,26114,,Votes,,,,2.50,2026-03-01,2026-04-01
series,40 00 00 00,40 99 99 99,Telenor,,,,,,
series,580000000000,580000009999,Telia,,,,,,
"""


def rows(text: str) -> list[Assignment]:
    return read_assignments(text.splitlines())


def test_a_list_is_read() -> None:
    read = rows(LIST)
    assert len(read) == 7
    assert read[0] == Assignment(
        FIVE_DIGIT, 4702000, 4702000, "Bank", account="bank", assigned_from=midnight("2019-01-01")
    )
    assert (read[1].first, read[1].last, read[1].assigned_to) == (4702626, 4702629, midnight("2026-01-01"))
    assert (read[2].first, read[2].sms, read[2].service) == (47116111, True, "child helpline")
    assert (read[4].price_nok, read[4].assigned_to - read[4].assigned_from) == (2.5, (31 * 24 - 1) * 3600_000)
    assert (read[5].first, read[5].last, read[5].assigned_to) == (4740000000, 4740999999, FOREVER)
    assert read[6].first == 47580000000000


@pytest.mark.parametrize(
    "line, fault",
    [
        ("mobile,40000000,,X,,,,,,", "kind 'mobile' is none of"),
        ("series,4000000,,X,,,,,,", "first '4000000' is not a national number"),
        ("series,40000000,4100000,X,,,,,,", "last '4100000' is not a national number"),
        ("series,41000000,40000000,X,,,,,,", "not a number of the same length after first"),
        ("helpline,116111,,X,,,maybe,,,", "sms 'maybe' is not yes or no"),
        ("short_code,2097,,X,,,,free,,", "price_nok 'free' is not an amount"),
        ("short_code,2097,,X,,,,-1,,", "price_nok '-1' is not an amount"),
        ("short_code,2097,,X,,,,nan,,", "price_nok 'nan' is not an amount"),
        ("short_code,2097,,X,,,,1000000,,", "price_nok '1000000' is not an amount"),
        ("short_code,\u0662097,,X,,,,5,,", "is not a national number of 4 or 5 digits"),
        ("helpline,116111,,X,,,,,2.6.2009,", "from '2.6.2009' is not a date like"),
        ("helpline,116111,,X,,,,,2026-01-02,2026-01-01", "to '2026-01-01' is not after from"),
        ("helpline,116111,,X", "not as many fields"),
        ("helpline,116111,,X,,,,,,,more", "not as many fields"),
    ],
)
def test_a_faulty_line_is_named(line: str, fault: str) -> None:
    with pytest.raises(ValueError, match="list, line 2: ") as raised:
        rows(LIST.splitlines()[0] + "\n" + line)
    assert fault in str(raised.value)


def test_a_header_without_the_needed_columns_is_refused() -> None:
    for header in ("kind,first", "", "kind,first,holder,colour"):
        with pytest.raises(ValueError, match="line 1: "):
            rows(header + "\n")


def test_who_holds_a_number() -> None:
    assignments = Assignments(rows(LIST))
    now = midnight("2025-06-01")
    assert assignments.at(FIVE_DIGIT, 4702628, now).holder == "Reseller"
    assert assignments.at(FIVE_DIGIT, 4702628, midnight("2026-01-01")) is None
    assert assignments.at(FIVE_DIGIT, 4702630, now) is None
    assert assignments.at(SERIES, 4740123456, now).holder == "Telenor"
    assert assignments.at(SERIES, 4741000000, now) is None
    assert assignments.at(HELPLINE, 47116111, 0) is None
    assert assignments.at(SHORT_CODE, 4726114, midnight("2026-03-31")).holder == "Votes"


def test_a_wide_series_is_found_behind_narrow_ones_that_ended() -> None:
    assignments = Assignments(
        [
            Assignment(SERIES, 4740000000, 4749999999, "wide", assigned_from=100),
            *(
                Assignment(SERIES, 4740000000 + n * 1000, 4740000999 + n * 1000, "narrow", assigned_to=100)
                for n in range(50)
            ),
        ]
    )
    assert assignments.at(SERIES, 4740049999, 99).holder == "narrow"
    assert assignments.at(SERIES, 4740049999, 100).holder == "wide"
    assert assignments.at(SERIES, 4748000000, 100).holder == "wide"


def test_two_holders_at_once_are_refused_and_nothing_is_added() -> None:
    assignments = Assignments(rows(LIST))
    before = list(assignments)
    with pytest.raises(ValueError, match="overlaps 4740000000-4740999999"):
        assignments.add(
            [Assignment(SERIES, 4749000000, 4749999999, "A"), Assignment(SERIES, 4740500000, 4740500009, "B")]
        )
    assert list(assignments) == before
    assignments.add([Assignment(SERIES, 4749000000, 4749999999, "A")])
    assert assignments.at(SERIES, 4749000000, 0).holder == "A"


def test_daily_lists_are_replayed() -> None:
    monday, tuesday, wednesday = (midnight(f"2026-06-0{day}") for day in (1, 2, 3))
    header = "kind,first,holder\n"
    assignments = Assignments()
    assignments.replay(rows(header + "five_digit,02000,A\nfive_digit,02001,B\n"), monday)
    assignments.replay(rows(header + "five_digit,02000,A\nfive_digit,02001,C\nfive_digit,02002,D\n"), tuesday)
    assignments.replay(rows(header + "five_digit,02001,C\n"), wednesday)

    def holders(now: int) -> list[str | None]:
        found = [assignments.at(FIVE_DIGIT, key, now) for key in (4702000, 4702001, 4702002)]
        return [row.holder if row else None for row in found]

    assert holders(monday - 1) == [None, None, None]
    assert holders(monday) == ["A", "B", None]
    assert holders(tuesday) == ["A", "C", "D"]
    assert holders(wednesday) == [None, "C", None]


def test_a_replayed_list_that_gives_a_number_twice_is_refused_and_nothing_is_taken() -> None:
    assignments = Assignments(rows(LIST))
    before = list(assignments)
    with pytest.raises(ValueError, match="overlaps"):
        assignments.replay(
            [
                Assignment(SERIES, 4740000000, 4740999999, "A"),
                Assignment(SERIES, 4740500000, 4740500009, "B"),
            ],
            midnight("2025-06-01"),
        )
    assert list(assignments) == before


def test_a_list_speaks_only_of_the_kinds_that_it_mentions() -> None:
    assignments = Assignments(rows(LIST))
    assignments.replay(rows("kind,first,holder\nshort_code,2002,Shared\n"), midnight("2025-06-01"))
    now = midnight("2025-06-02")
    assert assignments.at(SHORT_CODE, 472097, now) is None
    assert assignments.at(HELPLINE, 47116111, now) is not None


def test_replaying_the_same_list_changes_nothing() -> None:
    day = midnight("2025-06-01")
    assignments = Assignments(rows(LIST))
    assignments.replay(rows(LIST), day)
    once = list(assignments)
    assignments.replay(rows(LIST), day + 1)
    assert list(assignments) == once


def test_the_router_takes_what_a_list_assigns() -> None:
    special = Assignments(rows(LIST)).special_numbers()
    now = midnight("2025-06-01")
    assert special.helpline(47116111, now).account == "alarmtlf"
    assert special.code(472097, now).price_nok == 5.0
    assert special.held(4702629, now).holder == "Reseller"
    assert special.held(4702629, midnight("2026-01-01")) is None


CODES = "kind,first,holder,account,price_nok,keywords,subscription,from,to\n"


def test_short_codes_come_with_keywords_prices_and_subscriptions() -> None:
    quiz, news = rows(
        CODES + "short_code,2002,Quiz,quiz,5,quiz ; =svar,,,\nshort_code,2002,News,news,2.50,NYTT;*,yes,,\n"
    )
    assert read_keywords(quiz.keywords) == (("starts_with", "quiz"), ("exact", "svar"))
    assert read_keywords(news.keywords) == (("starts_with", "NYTT"), ("wildcard", ""))
    assert (quiz.price_nok, quiz.subscription, news.price_nok, news.subscription) == (5, False, 2.5, True)
    assert read_keywords("") == (("wildcard", ""),)
    assert write_keywords(read_keywords(news.keywords)) == "NYTT;*"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("short_code,2002,A,a,,QUIZ;;NYTT,,,", "keywords 'QUIZ;;NYTT': '' is not a word"),
        ("short_code,2002,A,a,,=,,,", "'=' is not a word of 1 to 20 characters, such as QUIZ"),
        ("short_code,2002,A,a,,QUIZ;quiz,,,", "the same word twice"),
        ("short_code,2002,A,a,,,perhaps,,", "subscription 'perhaps' is not yes or no"),
        ("helpline,116111,A,a,,HJELP,,,", "keywords and subscription are for a short_code"),
        ("short_code,2002,A,nobody,,,,,", "account 'nobody' is none of a, b"),
    ],
)
def test_a_faulty_line_about_a_code_is_named(line: str, fault: str) -> None:
    with pytest.raises(ValueError, match="list, line 2: ") as raised:
        read_assignments((CODES + line).splitlines(), accounts=["b", "a"])
    assert fault in str(raised.value)


def test_providers_share_a_code_by_keyword_and_over_time() -> None:
    shared = CODES + "short_code,2002,A,a,,ANNA,,,\nshort_code,2002,B,b,,BERIT,,2026-03-01,2026-04-01\n"
    special = Assignments(rows(shared)).special_numbers()
    march, april = midnight("2026-03-01"), midnight("2026-04-01")
    assert [special.code(472002, now).sharing for now in (march - 1, march, april)] == [(), ("b",), ()]
    assert special.code(472002, march).provider == "a"
    assert [special.next_change(now) for now in (0, march)] == [march, april]
    assert special.users(march)[472002] == {"a", "b"}
    for words in ("Anna", "*;ANNA"):
        with pytest.raises(ValueError, match="give each of them keywords of its own"):
            Assignments(rows(shared + f"short_code,2000,C,c,,{words},,,\nshort_code,2002,C,c,,{words},,,\n"))
