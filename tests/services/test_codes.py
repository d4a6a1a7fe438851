"""Short codes: which provider answers to which text, and what is a code at all."""

from __future__ import annotations

import pytest

from smsc.services.short_codes.codes import EXACT, STARTS_WITH, WILDCARD, Code, Codes, KeywordRule


def rule(match: str, word: str, account: int = 1) -> KeywordRule:
    return KeywordRule(account, f"provider{account}", match, word)


SHARED = Code(
    "2002",
    (
        rule(WILDCARD, "", 1),
        rule(STARTS_WITH, "BIL", 2),
        rule(STARTS_WITH, "BILDE", 3),
        rule(EXACT, "BIL", 4),
        rule(EXACT, "ÆØÅ", 5),
    ),
)


@pytest.mark.parametrize(
    "text, account",
    [
        ("BIL", 4),
        ("  bil ", 4),
        ("bil AB12345", 2),
        ("Bilde", 3),
        ("BILDE av katt", 3),
        ("BI", 1),
        ("", 1),
        ("æøå", 5),
        ("æøå no", 1),
    ],
)
def test_exact_before_the_longest_beginning_before_wildcard(text: str, account: int) -> None:
    assert SHARED.find(text).account == account


def test_without_a_wildcard_nobody_answers_to_other_words() -> None:
    assert Code("2002", (rule(EXACT, "QUIZ"),)).find("hei") is None


def test_rules_of_one_provider_only() -> None:
    assert SHARED.find("BIL", account=1).account == 1
    assert SHARED.find("hei", account=2) is None


@pytest.mark.parametrize(
    "key, digits, suffix",
    [
        (472002, "2002", ""),
        (47200212, "2002", "12"),
        (472611777, "2611", "777"),
        (47261145, "26114", "5"),
        (4726114, "26114", ""),
        (4726114777, "26114", "777"),
    ],
)
def test_longest_known_code_and_its_dialogue_digits(key: int, digits: str, suffix: str) -> None:
    codes = Codes([SHARED, Code("2611", ()), Code("26114", ())])
    dialled = codes.dialled(key)
    assert (dialled.code.digits, dialled.suffix, dialled.digits) == (digits, suffix, digits + suffix)


@pytest.mark.parametrize("key", [472003, 4720, 47112])
def test_other_numbers_are_no_codes(key: int) -> None:
    assert Codes([SHARED]).dialled(key) is None


@pytest.mark.parametrize("digits", ["200", "200200", "02000", "20a2", ""])
def test_codes_have_four_or_five_digits_and_do_not_start_with_zero(digits: str) -> None:
    with pytest.raises(ValueError, match="4 or 5 digits"):
        Codes([Code(digits, ())])


def test_a_word_leads_to_one_provider() -> None:
    with pytest.raises(ValueError, match="two rules"):
        Codes([Code("2002", (rule(EXACT, "QUIZ", 1), rule(EXACT, " quiz", 2)))])
