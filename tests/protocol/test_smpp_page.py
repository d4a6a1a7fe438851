"""`docs/smpp.md` shows the field tables as they are, and its tests exist."""

import importlib.util
from pathlib import Path

from smsc.protocol.constants import COMMANDS, GENERIC_NACK, RESPONSE
from smsc.protocol.pdu.layouts import PDUS

ROOT = Path(__file__).parent.parent.parent
SPEC = importlib.util.spec_from_file_location("smpp_table", ROOT / "tools" / "smpp_table.py")
assert SPEC is not None
assert SPEC.loader is not None
smpp_table = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(smpp_table)


def test_the_page_shows_the_tables_as_they_are() -> None:
    text = smpp_table.PAGE.read_text(encoding="utf-8")
    assert smpp_table.page(text) == text, "run tools/smpp_table.py"
    assert all(f"`{layout.name}`" in text for layout in PDUS.values())


def test_the_tests_that_it_names_exist_and_name_the_pdu() -> None:
    for command, paths in smpp_table.TESTS.items():
        for path in paths:
            text = (ROOT / path).read_text(encoding="utf-8")
            name = COMMANDS[command].upper()
            assert name in text, f"{path} does not name {name}"
    assert smpp_table.TESTS.keys() == {c for c in PDUS if not c & RESPONSE or c == GENERIC_NACK}
    assert all((ROOT / path).is_file() for path in smpp_table.EVERY)
