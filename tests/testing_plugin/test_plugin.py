"""The pytest plugin as a user's test suite sees it, and the page about it as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "testing.md"


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function")
    return pytester


def run(suite: pytest.Pytester, code: str, *options: str) -> pytest.RunResult:
    suite.makepyfile(code)
    return suite.runpytest_inprocess("-p", "no:cacheprovider", *options)


def examples() -> list[str]:
    return re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def test_the_page_s_examples_are_green_as_they_stand(suite: pytest.Pytester) -> None:
    found = examples()
    suite.makepyfile(**{f"test_example_{number}": code for number, code in enumerate(found)})
    suite.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=len(found))


def test_from_nothing_to_green_takes_ten_lines() -> None:
    assert len([line for line in examples()[0].splitlines() if line]) <= 10


def test_every_test_has_a_fresh_server_with_ports_of_its_own(suite: pytest.Pytester) -> None:
    code = """
        seen = []

        def test_one(smsc):
            seen.append(smsc.port)
            smsc.send("4790000001", "4790000002", "Hei")
            assert len(smsc.messages()) == 1

        def test_two(smsc):
            assert smsc.messages() == []
            assert smsc.port not in (2775, 8775)
    """
    run(suite, code).assert_outcomes(passed=2)


def test_the_session_s_server_is_reset_between_tests(suite: pytest.Pytester) -> None:
    code = """
        ports = set()

        def test_one(smsc_server):
            ports.add(smsc_server.port)
            smsc_server.handset("4790000002").enter("laerdal-tunnel")
            smsc_server.send("4790000001", "4790000002", "Hei")

        def test_two(smsc_server):
            ports.add(smsc_server.port)
            assert len(ports) == 1
            assert smsc_server.messages() == []
            assert smsc_server.handset("4790000002").state["zone"] == "oslo"
    """
    run(suite, code).assert_outcomes(passed=2)


def test_make_smsc_configures_and_makes_several(suite: pytest.Pytester) -> None:
    code = """
        def test_two_servers(make_smsc):
            one, two = make_smsc(), make_smsc(delivery={"validity_default": "1h"})
            assert one.port != two.port
            two.handset("4790000002").power_off()
            two.send("4790000001", "4790000002", "Hei")
            two.handset("4790000001").expect_receipt("EXPIRED", within="1h")
    """
    run(suite, code).assert_outcomes(passed=1)


def test_a_failing_test_carries_the_timelines_of_its_messages(suite: pytest.Pytester) -> None:
    code = """
        def test_fails(smsc):
            smsc.handset("4790000002").enter("laerdal-tunnel")
            smsc.send("4790000001", "4790000002", "Hei du")
            assert False

        def test_passes(smsc):
            smsc.send("4790000001", "4790000002", "Ikke vist")
    """
    result = run(suite, code)
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(
        ["*SMSC messages*", "message * 4790000001 -> 4790000002 enroute 'Hei du'", "*attempt_failed*"]
    )
    result.stdout.no_fnmatch_line("*Ikke vist*")


def test_all_servers_of_a_failing_test_tell_theirs(suite: pytest.Pytester) -> None:
    code = """
        def test_fails(smsc_server, make_smsc):
            smsc_server.send("4790000001", "4790000002", "av den ene")
            make_smsc().send("4790000001", "4790000002", "av den andre")
            assert False
    """
    run(suite, code).stdout.fnmatch_lines(["*av den ene*", "*av den andre*"])


def test_a_receipt_that_does_not_come_fails_with_the_story(suite: pytest.Pytester) -> None:
    code = """
        def test_fails(smsc):
            smsc.handset("4790000002").enter("laerdal-tunnel")
            smsc.send("4790000001", "4790000002", "Hei", receipt=True)
            smsc.handset("4790000001").expect_receipt("DELIVRD", within="1h")
    """
    result = run(suite, code)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*expected DELIVRD, but the message is enroute*"])


def test_who_sent_nothing_is_told_so(suite: pytest.Pytester) -> None:
    code = """
        import pytest

        def test_it(smsc):
            with pytest.raises(AssertionError, match="has sent nothing"):
                smsc.handset("4790000001").expect_receipt("DELIVRD")
            with pytest.raises(ValueError, match="no state"):
                smsc.handset("4790000001").expect_receipt("ARRIVED")
    """
    run(suite, code).assert_outcomes(passed=1)


def test_expectations_move_the_clock_no_further_than_needed(suite: pytest.Pytester) -> None:
    code = """
        def test_it(smsc):
            smsc.control("put_outages", "zone", "bergen", {"outages": [{"duration": "90m"}]})
            begun = smsc.clock.milliseconds
            from tests.esme import Esme
            receiver = Esme(smsc.smpp_address, "4740000003")
            smsc.send("4790000001", "4740000003", "Hei", receipt=True)
            smsc.handset("4790000001").expect_receipt("DELIVRD", within="48h")
            assert smsc.clock.milliseconds - begun == 90 * 60_000
            receiver.drop()
    """
    run(suite, code).assert_outcomes(passed=1)


def test_the_async_twin_has_every_call(suite: pytest.Pytester) -> None:
    code = """
        async def test_it(smsc):
            ola = await smsc.aio.handset("4790000002").enter("laerdal-tunnel")
            message = await smsc.aio.send("4790000001", "4790000002", "Hei")
            await smsc.aio.clock.advance("1h")
            assert (await smsc.aio.message(message.id)).attempts > 3
            await (await ola.leave()).power_off()
            found = await smsc.aio.handset("4790000001").expect_receipt("EXPIRED", within="72h")
            assert found.reason
    """
    run(suite, code).assert_outcomes(passed=1)


def test_the_page_s_examples_and_more_are_green_on_several_workers(suite: pytest.Pytester) -> None:
    """pytest-xdist: every worker is a process with servers, ports and clocks of its own."""
    pytest.importorskip("xdist")
    found = examples()
    suite.makepyfile(**{f"test_example_{number}": code for number, code in enumerate(found)})
    suite.makepyfile(
        """
        import os
        import pytest

        @pytest.mark.parametrize("number", range(6))
        def test_nothing_is_shared(smsc, smsc_server, number):
            assert os.environ["PYTEST_XDIST_WORKER"] in ("gw0", "gw1")
            for server in (smsc, smsc_server):
                server.send("4790000001", "4790000002", str(number))
                assert [message.text for message in server.messages()] == [str(number)]
                assert server.port not in (2775, 8775)
            server.clock.advance("1h")
        """
    )
    result = suite.runpytest_subprocess("-p", "no:cacheprovider", "-n", "2", "-v", timeout=100)
    result.assert_outcomes(passed=len(found) + 6)
    for worker in ("gw0", "gw1"):
        result.stdout.fnmatch_lines([f"*{worker}*PASSED*"])


def test_a_failure_on_a_worker_carries_the_timelines_too(suite: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    suite.makepyfile(
        """
        def test_fails(smsc):
            smsc.handset("4790000002").enter("laerdal-tunnel")
            smsc.send("4790000001", "4790000002", "Hei du")
            assert False
        """
    )
    result = suite.runpytest_subprocess("-p", "no:cacheprovider", "-n", "2", timeout=100)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["message * 4790000001 -> 4790000002 enroute 'Hei du'", "*attempt_failed*"])
