"""The loops that run per message, as Cython translates them: no call into the interpreter but where a line
says so.

A literal above 2**31 or a module's constant is a Python object to Cython and costs more than the row around
it; nothing fails when one slips in, so this reads the annotated translation."""

import html
import re
from pathlib import Path
from typing import Any

import pytest

from smsc import _compiled

ROOT = _compiled.source("smsc.protocol.sessions.link").parents[3]

#: What a line does that the interpreter would do for it.
INTERPRETER = re.compile(
    r"__Pyx_PyObject_FastCall|__Pyx_PyObject_Call|__Pyx_PyObject_GetAttr|__Pyx_GetModuleGlobalName|PyNumber_"
    r"|__Pyx_PyNumber|__Pyx_PyLong_\w+Obj|PyObject_RichCompare|__Pyx_PyObject_GetItem|__Pyx_PyObject_SetSlice"
    r"|__Pyx_PyObject_GetSlice|__Pyx_PyObject_Compare"
)
#: Module -> function -> the lines that may, because they are rare.
HOT: dict[str, dict[str, set[str]]] = {
    "protocol.pdu.submit": {
        "scan_string": set(),
        "scan_address": set(),
        "check_tlvs": {  # once an area, and most messages have none
            "table = SUBMIT_34 if submit else DELIVER_34",
            "table = SUBMIT_50 if submit else DELIVER_50",
        },
        "parse_submit": set(),
        "read_message": set(),
        "read_tlvs": {"row.tlvs += p[row.payload_end : end]"},
        "check_udh": set(),
        "find_tlv": set(),
        "put_header": set(),
        "put_integer": set(),
        "put_number": set(),
        "are_digits": set(),
        "digits_value": set(),
        "eight_digits": set(),
        "put_string": set(),
        "put_tlvs": set(),
        "put_message": {'raise ValueError("a field is longer than SMPP allows")'},
        "put_response": set(),
    },
    "protocol.sessions.framing": {"frame": {"self.gather()"}},
    "protocol.sessions.answers": {
        "full": set(),
        "respond": {"self.put_note(row.sequence, row.status, row.note)"},
        "submit_resp": set(),
        "put_answer": {
            "self.put_formed(sequence, self.id_form(message_id))",  # an operator with ids of its own
            "status = status_for(status, self.version)",
        },
    },
    "protocol.sessions.flight": {
        "send_message": set(),
        "next_sequence": {"self.mark(now, sequence)"},
        "release": set(),
    },
    "protocol.sessions.link": {  # what is refused is told, and answers to nothing are counted
        "read_messages": {
            "self.explain(p[at : at + length], row)",
            "self.refuse_messages(0x04, reasons.WRONG_STATE)  # RINVBNDSTS: the state comes before the body",
            "self.refuse_messages(0x58, reasons.WINDOW_FULL)  # RTHROTTLED",
        },
        "refuse_messages": {'self.tell(self.message_in, sequence, status, reason, "", count)'},
        "read_responses": {"self.drop(self.response_in, last, dropped)"},
        "next_tick": set(),
    },
    "load.histogram": {"record": set(), "find_place": set()},
    "load.lane": {
        "fill": set(),
        "advance": set(),
        "take": set(),
        "acknowledge": set(),
        "answer": set(),
        "incoming": set(),
        "arrived": set(),
        "receipted": set(),
        "key": set(),
    },
    "load.reconciliation": {
        "open": set(),
        "accept": set(),
        "refuse": set(),
        "receipt": set(),
        "match": set(),
        "deliver": set(),
        "find": set(),
        "insert": set(),
        "remove": set(),
    },
}
#: A call through its wrapper, which a caller in C does not take, stands on the line of the def.
DEF = re.compile(r"\s*def (\w+)")


@pytest.fixture(scope="module")
def translated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[int, str, str]]]:
    """For each module its (line number, source line, C code) as Cython annotates them, under the
    build's directives."""
    build = pytest.importorskip("Cython.Build")
    folder = tmp_path_factory.mktemp("cython")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        sources = [f"smsc/{module.replace('.', '/')}.py" for module in HOT]
        options = {"build_dir": str(folder), "annotate": True, "force": True, "quiet": True}
        build.cythonize(sources, compiler_directives=_compiled.DIRECTIVES, **options)
    return {module: annotated(next(folder.rglob(f"{module.rpartition('.')[2]}.html"))) for module in HOT}


def annotated(page: Path) -> list[tuple[int, str, str]]:
    pattern = r'<pre class="cython line[^>]*>(.*?)</pre>\s*(?:<pre class=.cython code[^>]*>(.*?)</pre>)?'
    found = []
    for line, code in re.findall(pattern, page.read_text(encoding="utf-8"), re.DOTALL):
        plain = html.unescape(re.sub("<[^>]+>", "", line))
        number, _, source = plain.lstrip("+").partition(": ")
        found.append((int(number), source, html.unescape(re.sub("<[^>]+>", "", code or ""))))
    return found


@pytest.mark.skipif(
    _compiled.extension("smsc.protocol.sessions.link") is None, reason="nothing is compiled in this build"
)
@pytest.mark.parametrize("module", HOT)
def test_no_interpreter_in_the_loops(translated: Any, module: str) -> None:
    seen: dict[str, Any] = {}
    function = ""
    for _, source, code in translated[module]:
        if found := DEF.match(source):
            function = found[1]
            continue
        if function in HOT[module]:
            busy = seen.setdefault(function, set())
            if INTERPRETER.search(code):
                busy.add(source.strip())
    assert seen == HOT[module]
