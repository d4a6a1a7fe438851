"""The C limit, children that always end, peers that may be absent, and the rig without sockets."""

import shutil
import sys
from argparse import Namespace
from collections import Counter
from pathlib import Path

import pytest

from bench import children, codec, instructions, machine, profile, route
from bench.children import Child, ChildError
from bench.endtoend import complete_options, faults
from bench.measure import Shape, load, submit_options
from bench.peers import Peer, prepared
from bench.results import Suite
from bench.rig import Rig

compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")


@compiler
def test_the_limit_answers_every_submit() -> None:
    with children.limit() as limit:
        row = load(limit, None, **submit_options(Shape(2, 10), 0.2, 0.1))
    submits = row.measured.kinds["plain"]
    assert submits[0] == submits[1] > 0
    assert row.server_ns > 0


@compiler
def test_the_limit_of_a_complete_message_loses_nothing() -> None:
    with children.limit(deliver=True) as limit:
        wanted = complete_options(0.2, in_flight=100) | {"capacity": 1 << 16}
        row = load(limit, None, **wanted)
    assert faults(row.measured) == 0
    assert row.measured.reconciliation.arrived == row.measured.kinds["plain"][0] > 0


def serving(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_child_that_does_not_get_ready_is_told_with_its_own_words() -> None:
    with pytest.raises(ChildError, match="no port left"):
        Child("broken", serving("import sys; sys.exit('no port left')"))


def test_a_silent_child_is_not_waited_for_long() -> None:
    with pytest.raises(ChildError, match="silent did not start"):
        Child("silent", serving("import signal; signal.pause()"), patience=0.3)


def test_a_child_ends_with_the_block_even_if_it_ignores_being_asked() -> None:
    code = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    code += "print('ready smpp=127.0.0.1:1', flush=True)\nwhile True: signal.pause()"
    with Child("stubborn", serving(code), stop_patience=0.2) as child:
        assert (child.host, child.port) == ("127.0.0.1", 1)
        assert child.resident() > 0
    assert not child.alive()


def test_a_child_does_not_outlive_its_time() -> None:
    code = "import signal; print('ready smpp=127.0.0.1:1', flush=True); signal.pause()"
    with Child("long", serving(code), lifetime=0.3) as child:
        child.process.wait(10)
    assert not child.alive()


def test_a_missing_toolchain_is_told() -> None:
    suite = Suite("peers")
    assert not prepared(Peer("cobol", "", ("no-such-compiler",), (), ()), suite)
    assert suite.absent == ["cobol: no no-such-compiler on PATH"]


def test_an_installation_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.peers.CACHE", tmp_path)
    suite = Suite("peers")
    failing = ("{python}", "-c", "import sys; sys.exit('registry is not reachable')")
    assert not prepared(Peer("node", "", (), (failing,), ()), suite)
    assert suite.absent == ["node: registry is not reachable"]


@pytest.mark.parametrize("complete", [False, True])
def test_the_rig_is_the_server_without_sockets(complete: bool) -> None:
    rig = Rig(10, complete, numbers=20)
    for _ in range(5):
        if complete:
            rig.complete()
        else:
            rig.window()
    assert rig.lane.status_counts() == {0: 50}
    assert rig.reconciliation.arrived == rig.reconciliation.states_reported()[2] == (50 if complete else 0)


def test_small_suites_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.timing.SECONDS", 0.002)
    options = Namespace(repetitions=1)
    for suite in (codec, route):
        figures = suite.run(options).figures
        assert all(figure.median > 0 for figure in figures)


def test_an_interpreted_build_is_refused_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smsc._compiled.interpreted", lambda: ["smsc.x"])
    monkeypatch.setattr("smsc._compiled.stale", list)
    machine.require_compiled(allow_interpreted=True)
    with pytest.raises(SystemExit, match="make build"):
        machine.require_compiled(allow_interpreted=False)


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("__pyx_f_4smsc_6engine_7journal_6commit_6Commit_flush", "smsc.engine.journal.commit.Commit.flush"),
        (
            "__pyx_pw_4smsc_6engine_7journal_6commit_6Commit_19flush",
            "smsc.engine.journal.commit.Commit.flush",
        ),
        ("__pyx_tp_dealloc_4smsc_8delivery_7message_Message", "smsc.delivery.message.Message"),
        ("__pyx_f_4smsc_8protocol_3pdu_6submit_put_message", "smsc.protocol.pdu.submit.put_message"),
        ("_PyEval_EvalFrameDefault", "_PyEval_EvalFrameDefault"),
    ],
)
def test_symbols_are_read_as_python_names(symbol: str, name: str) -> None:
    assert profile.readable(symbol, "/lib/x.so") == name


def test_samples_belong_to_the_innermost_function_of_smsc() -> None:
    text = (
        "python\n\t 1 _PyObject_Malloc (/lib/libpython3.so)\n"
        "\t 2 __pyx_f_4smsc_6engine_2mo_10submission_10Submission_take (/x/submission.so)\n"
        "\t 3 uv_run (/x/uvloop/loop.so)\n\n"
        "python\n\t 1 tcp_sendmsg ([kernel.kallsyms])\n\t 2 write (/lib/libc.so.6)\n\n"
    )
    stacks = list(profile.read_stacks(text))
    assert [profile.place(stack) for stack in stacks] == [
        "smsc.engine.mo.submission.Submission.take",
        "kernel: sockets",
    ]


@pytest.mark.parametrize(
    ("stack", "layer"),
    [
        (
            "uv_run smsc.server.listener.Listener.received smsc.protocol.pdu.submit.read_message",
            "framing and decoding",
        ),
        (
            "smsc.engine.mt.wire.Wire smsc.protocol.pdu.submit.put_header",
            "answers and deliver_sm written",
        ),
        ("smsc.engine.mo.submission.Submission.consider malloc", "checks: source, number, route, SIM, radio"),
        (
            "smsc.engine.mt.wire.Wire.on_committed smsc.delivery.message.Message",
            "the message's record",
        ),
        ("smsc.engine.mt.delivery.Delivery.enqueue", "queue, attempt, delivery"),
        ("smsc.engine.mt.receipts.ReceiptMaker.receipt", "receipts"),
        ("smsc.server.connection.Connection.write_out kernel:tcp_sendmsg", "sockets (kernel)"),
        ("sqlite3VdbeExec kernel:ext4_sync_file", "disk (kernel)"),
        ("PyObject_Vectorcall sqlite3VdbeExec", "commit and store"),
        ("uv__io_poll uv_run", "event loop"),
    ],
)
def test_samples_belong_to_a_layer_of_the_road(stack: str, layer: str) -> None:
    frames = tuple(stack.split())
    assert profile.layer(frames) == layer
    assert f"| {layer} | 250 | 100.0% |" in profile.layers(Counter({frames: 3}), 250.0, "submit")


def test_a_regression_in_instructions_is_told() -> None:
    lines, worse = instructions.compare({"a": 1200.0, "b": 1050.0, "c": 5.0}, {"a": 1000.0, "b": 1000.0})
    assert worse == 1
    assert "MORE THAN 10% OVER" in lines[0]


def test_reads_what_callgrind_dumped(tmp_path: Path) -> None:
    total = 2000 * instructions.ROUNDS * instructions.WINDOW
    (tmp_path / "out.1").write_text(f"desc: Trigger: Client Request: submit\nevents: Ir\nsummary: {total}\n")
    (tmp_path / "out.2").write_text("desc: Trigger: Program termination\ntotals: 5\n")
    assert instructions.read_dumps(tmp_path) == {"submit": 2000.0}
