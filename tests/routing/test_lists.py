"""Lists of numbers as CSV: wrong lines are told by their line in the file, and pieces keep their lines."""

import pytest

from smsc.routing.lists import MOST_PROBLEMS, Known, Piece, Row, piece_of, pieces, problems, rows_of

HEADER = ["msisdn", "zone"]


def rows(*fields: str) -> list[Row]:
    return [Row(number, [one, "oslo"]) for number, one in enumerate(fields, start=2)]


def test_rows_know_their_lines_and_empty_ones_are_left_out() -> None:
    header, found = rows_of(
        '\ufeffmsisdn,zone\n4790000001,oslo\n\n4790000002,"the\nharbour"\n4790000003,oslo\n'
    )
    assert header == HEADER
    assert [(row.line, row.fields[0]) for row in found] == [
        (2, "4790000001"),
        (5, "4790000002"),
        (6, "4790000003"),
    ]


def test_what_is_no_csv_is_told_by_its_line() -> None:
    with pytest.raises(ValueError, match=r"^line 2: .*expected comma-separated values"):
        rows_of('msisdn,zone\n"4790000001,oslo')
    assert problems("subscribers", 'msisdn\n"47', "list.csv")[0].startswith("list.csv, line 2: ")


def test_an_empty_text_has_neither_header_nor_rows() -> None:
    assert rows_of("") == ([], [])


def test_a_piece_is_a_list_of_its_own_with_one_row_a_line() -> None:
    piece = piece_of(HEADER, [Row(2, ["4790000001", "the\nharbour"]), Row(5, ["4790000002", "a,b"])])
    assert piece.text == 'msisdn,zone\n4790000001,the harbour\n4790000002,"a,b"\n'
    assert piece.lines == [2, 5]
    assert piece_of([], [Row(1, ["x"])]).text == "x\n"


@pytest.mark.parametrize(("told", "line"), [(1, 1), (2, 12), (3, 15), (4, 1)])
def test_a_sentence_about_a_piece_names_the_line_of_the_file(told: int, line: int) -> None:
    """Line 1 of a piece is its header; what it does not have is told of the header too."""
    piece = Piece("", [12, 15])
    assert piece.locate(f"list, line {told}: wrong", "file.csv") == f"file.csv, line {line}: wrong"
    assert piece.locate("wrong", "file.csv") == "wrong"


def test_a_list_goes_in_pieces_of_about_so_many_characters_and_none_is_lost() -> None:
    found = list(pieces(HEADER, rows(*(f"479000000{n}" for n in range(9))), 45))
    assert [len(piece.lines) for piece in found] == [2, 2, 2, 2, 1]
    assert [line for piece in found for line in piece.lines] == list(range(2, 11))
    assert all(piece.text.startswith("msisdn,zone\n") for piece in found)


def test_a_row_larger_than_a_piece_is_a_piece_of_its_own() -> None:
    assert [piece.lines for piece in pieces(HEADER, rows("4790000001", "4790000002"), 1)] == [[2], [3]]
    assert [piece.lines for piece in pieces(HEADER, rows("4790000001", "4790000002"), 10_000)] == [[2, 3]]
    assert list(pieces(HEADER, [], 10_000)) == []


def test_a_list_can_go_by_the_values_of_a_column() -> None:
    given = [Row(2, ["1", "oslo"]), Row(3, ["2", "bergen"]), Row(4, ["3", "oslo"])]
    assert [piece.lines for piece in pieces(HEADER, given, 1, "zone")] == [[2, 4], [3]]


def test_a_right_list_has_no_problems() -> None:
    assert problems("subscribers", "msisdn,zone\n4790000001,oslo\n", "list.csv", Known(zones=["oslo"])) == []


def test_each_wrong_line_is_told_by_its_number() -> None:
    text = "msisdn,zone\n4790000001,oslo\n4790000002,atlantis\n\nnobody,oslo\n"
    found = problems("subscribers", text, "list.csv", Known(zones=["oslo", "bergen"]))
    assert len(found) == 2
    assert found[0].startswith("list.csv, line 3: ")
    assert "zone 'atlantis' is none of bergen, oslo" in found[0]
    assert found[1].startswith("list.csv, line 5: ")


def test_any_zone_is_right_when_none_is_known() -> None:
    assert problems("subscribers", "msisdn,zone\n4790000001,atlantis\n", "list.csv") == []
    assert problems("subscribers", "msisdn,zone\n4790000001,\n", "list.csv", Known(zones=[])) == []


def test_a_wrong_header_is_told_once() -> None:
    found = problems("subscribers", "number,zone\n4790000001,oslo\n4790000002,oslo\n", "list.csv")
    assert len(found) == 1
    assert found[0].startswith("list.csv, line 1: ")


def test_so_many_problems_are_told_and_no_more() -> None:
    text = "msisdn,zone\n" + "nobody,oslo\n" * (MOST_PROBLEMS + 5)
    assert len(problems("subscribers", text, "list.csv")) == MOST_PROBLEMS


def test_lines_that_are_wrong_only_together_are_told_by_the_second() -> None:
    text = "number,operator\n4790000001,telia\n4790000001,ice\n"
    found = problems("ported", text, "list.csv")
    assert all(each.startswith("list.csv") for each in found)
