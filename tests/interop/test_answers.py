"""What comes back on submit_sm, as foreign clients see it: one test a row of the promise to users.

Every row is played by smpplib and by aiosmpplib, each in a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from smsc.testing.server import SmscHandle
from tests.interop.processes import ForeignClient
from tests.server.process import ServerProcess

pytestmark = pytest.mark.loop

KARI, OLA = "4790000001", "4790000002"
TUNNEL = "/zones/laerdal-tunnel"
NOBODY_YET = "4740005555"  # a subscriber whom no bind serves
ROK, RINVSRCADR, RINVDSTADR, RSUBMITFAIL = 0x00, 0x0A, 0x0B, 0x45
RINVDSTTON, RINVDSTNPI, RTHROTTLED, RMSGQFUL = 0x50, 0x51, 0x58, 0x14
INTERNATIONAL: dict[str, Any] = {"dest_addr_ton": 1}
ALPHANUMERIC: dict[str, Any] = {"dest_addr_ton": 5, "dest_addr_npi": 0}


def test_accepted(server: ServerProcess, foreign: ForeignClient) -> None:
    answer = foreign.bind(KARI).submit(NOBODY_YET, registered_delivery=1)
    assert answer.status == ROK
    assert answer.message_id.isdigit()
    assert server.message(answer.message_id)["state"] == "enroute"


@pytest.mark.parametrize(
    ("system_id", "password", "source"),
    [
        pytest.param(KARI, "1234", OLA, id="not the bound SIM"),
        pytest.param("farm", "farm", "4740000001", id="farm outside its range"),
        pytest.param("shop", "shop", "59000002", id="not a number of the ESME"),
        pytest.param("shop", "shop", "59555112", id="an emergency number"),
    ],
)
def test_a_source_that_is_not_ones_own(
    server: ServerProcess, foreign: ForeignClient, system_id: str, password: str, source: str
) -> None:
    sender = foreign.bind(system_id, password)
    answer = sender.submit(OLA, source=source, source_addr_ton=0)
    assert answer == (RINVSRCADR, "")


def test_an_alphanumeric_source_that_is_not_ones_own(server: ServerProcess, foreign: ForeignClient) -> None:
    shop = foreign.bind("shop", "shop")
    own = shop.submit(OLA, source="Shop", source_addr_ton=5, source_addr_npi=0)
    assert own.status == ROK
    stolen = shop.submit(OLA, source="Skatteetaten", source_addr_ton=5, source_addr_npi=0)
    assert stolen == (RINVSRCADR, "")


def test_an_unknown_sim(server: ServerProcess, foreign: ForeignClient) -> None:
    """The handset stays bound while its number is taken from the network."""
    sender = foreign.bind("4790000030")
    assert sender.submit(OLA).status == ROK
    before = server.call("GET", "/subscribers/4790000030")
    server.call("DELETE", "/subscribers/4790000030")
    assert sender.submit(OLA) == (RINVSRCADR, "")
    farm = foreign.bind("farm", "farm")
    assert farm.submit(OLA, source="4790000030") == (RINVSRCADR, "")
    server.call("PUT", "/subscribers/4790000030", {"zone": before["zone"]})


@pytest.mark.parametrize(
    ("sender", "state"),
    [
        ("4799000001", "suspended"),
        ("4799000002", "blocked"),
        ("4799000003", "expired"),
        ("4799000004", "inactive"),
    ],
)
def test_a_sim_that_is_not_active(
    server: ServerProcess, foreign: ForeignClient, sender: str, state: str
) -> None:
    assert server.call("GET", f"/subscribers/{sender}")["sim"] == state
    assert foreign.bind(sender).submit(OLA) == (RSUBMITFAIL, "")


def test_outgoing_sms_barred(server: ServerProcess, foreign: ForeignClient) -> None:
    assert foreign.bind("4799000005").submit(OLA) == (RSUBMITFAIL, "")


def test_outgoing_sms_barred_but_not_to_emergency_numbers(
    server: ServerProcess, foreign: ForeignClient
) -> None:
    assert foreign.bind("4799000005").submit("112", "Hjelp").status == ROK


def test_content_services_barred(server: ServerProcess, foreign: ForeignClient) -> None:
    sender = foreign.bind("4799000008")
    assert sender.submit("2097", "QUIZ") == (RSUBMITFAIL, "")
    assert sender.submit(OLA).status == ROK


@pytest.mark.parametrize(
    ("destination", "fields"),
    [
        pytest.param("+46701234567", {}, id="Sweden with a plus"),
        pytest.param("46701234567", INTERNATIONAL, id="Sweden"),
        pytest.param("0046701234567", {}, id="Sweden with 00"),
        pytest.param("22865500", {}, id="fixed line"),
        pytest.param("4755012345", INTERNATIONAL, id="fixed line of the 5 series"),
        pytest.param("1412", {}, id="text telephone"),
        pytest.param("68050000", {}, id="blocked"),
        pytest.param("68069999", {}, id="blocked, last"),
        pytest.param("0191234567", {}, id="reserved 01"),
        pytest.param("116000", {}, id="116 number that is not assigned"),
        pytest.param("82215000", {}, id="donation without a category"),
        pytest.param("9000000", {}, id="seven digits"),
        pytest.param("091234567", {}, id="trunk zero"),
        pytest.param("47123456", INTERNATIONAL, id="country code and six digits"),
        pytest.param("9000000a", {}, id="a letter"),
        pytest.param("", {}, id="empty"),
    ],
)
def test_a_destination_that_takes_no_sms(
    server: ServerProcess, foreign: ForeignClient, destination: str, fields: dict[str, Any]
) -> None:
    assert foreign.bind(KARI).submit(destination, **fields) == (RINVDSTADR, "")


def test_an_alphanumeric_destination(server: ServerProcess, foreign: ForeignClient) -> None:
    assert foreign.bind(KARI).submit("Skatteetaten", **ALPHANUMERIC) == (RINVDSTTON, "")


@pytest.mark.parametrize("npi", [3, 8])
def test_a_destination_of_another_numbering_plan(
    server: ServerProcess, foreign: ForeignClient, npi: int
) -> None:
    assert foreign.bind(KARI).submit(OLA, dest_addr_npi=npi) == (RINVDSTNPI, "")


@pytest.mark.parametrize("npi", [0, 1])
def test_numbering_plans_of_telephones(server: ServerProcess, foreign: ForeignClient, npi: int) -> None:
    assert foreign.bind(KARI).submit(OLA, dest_addr_npi=npi).status == ROK


def test_a_norwegian_mobile_without_a_subscriber(server: ServerProcess, foreign: ForeignClient) -> None:
    answer = foreign.bind(KARI).submit("4798765432")
    assert answer.status == ROK
    message = server.message(answer.message_id)
    assert (message["state"], message["reason"]) == ("undeliverable", "unknown_subscriber")


Uplink = Callable[[str, str], None]


@pytest.fixture
def no_coverage(server: ServerProcess) -> Iterator[Uplink]:
    """Puts a handset in the tunnel, and the tunnel's uplink in a mode."""
    moved = []

    def enter(msisdn: str, mode: str) -> None:
        server.call("PATCH", TUNNEL, {"uplink": mode})
        server.call("PATCH", f"/subscribers/{msisdn}", {"zone": "laerdal-tunnel"})
        moved.append(msisdn)

    yield enter
    server.call("PATCH", TUNNEL, {"uplink": "hold"})
    for msisdn in moved:
        server.call("PATCH", f"/subscribers/{msisdn}", {"zone": "oslo"})


def leave(server: ServerProcess, msisdn: str) -> None:
    """Back to where there is coverage."""
    server.call("PATCH", f"/subscribers/{msisdn}", {"zone": "oslo"})


def texts_to(server: ServerProcess, destination: str) -> list[tuple[str, str]]:
    """Text and state of the messages to a number."""
    told: list[dict[str, Any]] = server.call("GET", f"/messages?destination={destination}")["messages"]
    return [(message["text"], message["state"]) for message in told]


def test_no_coverage_and_uplink_hold(
    server: ServerProcess, foreign: ForeignClient, no_coverage: Uplink
) -> None:
    sender = foreign.bind("4790000041")
    no_coverage(sender.name, "hold")
    answer = sender.submit(NOBODY_YET)
    assert answer.status == ROK
    message = server.message(answer.message_id)
    assert (message["state"], message["reason"]) == ("held", "no_coverage_hold")
    leave(server, sender.name)
    assert server.message(answer.message_id)["state"] == "enroute"


def test_no_coverage_and_uplink_defer(
    server: ServerProcess, foreign: ForeignClient, no_coverage: Uplink
) -> None:
    sender = foreign.bind("4790000042")
    no_coverage(sender.name, "defer")
    tag = sender.begin(NOBODY_YET, "Kommer straks")
    sender.ping()
    server.advance(seconds=60)
    assert not sender.has_answer(tag)
    assert texts_to(server, NOBODY_YET) == []
    leave(server, sender.name)
    assert sender.answer(tag).status == ROK
    assert texts_to(server, NOBODY_YET) == [("Kommer straks", "enroute")]


def test_no_coverage_and_uplink_reject(
    server: ServerProcess, foreign: ForeignClient, no_coverage: Uplink
) -> None:
    sender = foreign.bind("4790000043")
    no_coverage(sender.name, "reject")
    assert sender.submit(NOBODY_YET) == (RSUBMITFAIL, "")
    assert texts_to(server, NOBODY_YET) == []


def test_no_coverage_and_uplink_lose(
    server: ServerProcess, foreign: ForeignClient, no_coverage: Uplink
) -> None:
    sender = foreign.bind("4790000044")
    no_coverage(sender.name, "lose")
    tag = sender.begin(NOBODY_YET, "Tapt")
    sender.ping()
    leave(server, sender.name)
    assert sender.submit(NOBODY_YET, "Fram").status == ROK
    assert not sender.has_answer(tag)
    assert texts_to(server, NOBODY_YET) == [("Fram", "enroute")]


def test_an_emergency_number_from_a_sim_that_is_not_registered(
    server: ServerProcess, foreign: ForeignClient
) -> None:
    sender, centre = foreign.bind("4790000045"), foreign.bind("psap112", "nodsms")
    answer = sender.submit("112", "Hjelp")
    assert answer.status == ROK
    told = sender.receive()
    text = told.get("text") or bytes.fromhex(told["body"]).decode("ascii")
    assert "registered" in text
    assert told["source"] == "4759555112"
    message = server.message(answer.message_id)
    assert (message["state"], message["reason"]) == ("rejected", "emergency_not_registered")
    assert centre.client.events["psap112", "delivered"].empty()


def test_an_empty_source_is_the_handsets_own_number(server: ServerProcess, foreign: ForeignClient) -> None:
    answer = foreign.bind(KARI).submit(NOBODY_YET, source="", source_addr_ton=0, source_addr_npi=0)
    assert answer.status == ROK
    assert server.message(answer.message_id)["source"] == KARI


@pytest.fixture(params=["smpplib", "aiosmpplib"])
def strict(
    request: pytest.FixtureRequest, make_smsc: Callable[..., SmscHandle]
) -> Iterator[Callable[..., ForeignClient]]:
    """A foreign client of a server with limits of its own."""
    clients: list[ForeignClient] = []

    def start(**limits: float) -> ForeignClient:
        smsc = make_smsc(limits=limits)
        clients.append(ForeignClient(request.param, smsc.smpp_address))
        return clients[-1]

    yield start
    for client in clients:
        client.close()


def test_too_fast(strict: Callable[..., ForeignClient]) -> None:
    sender = strict(rate=0.01).bind(KARI)
    assert sender.submit(NOBODY_YET).status == ROK
    assert sender.submit(NOBODY_YET) == (RTHROTTLED, "")


@pytest.mark.parametrize("limit", ["queue", "queue_per_recipient"])
def test_too_much_queued(strict: Callable[..., ForeignClient], limit: str) -> None:
    sender = strict(**{limit: 2}).bind(KARI)
    assert [sender.submit(NOBODY_YET).status for _ in range(3)] == [ROK, ROK, RMSGQFUL]
