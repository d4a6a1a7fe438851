"""Every call of the API: what it hands to the control, and what it answers."""

from typing import Any

import httpx
import pytest

from smsc.api.app import create_app
from tests.api.client import call
from tests.api.fakes import NOW, FakeServer, FullControl


class Api:
    """The application over a fake, and what became of the fake."""

    def __init__(self) -> None:
        self.server = FakeServer(FullControl)
        self.control = self.server.control
        self.app = create_app(self.server)

    def __call__(self, method: str, path: str, **about: Any) -> httpx.Response:
        return call(self.app, method, "/api/v1" + path, **about)

    def asked(self) -> tuple[Any, ...]:
        return self.control.calls[-1]


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/numbers/004759555112", "004759555112"),
        ("/numbers/+4790000001", "+4790000001"),
        ("/numbers/%2B4790000001", "+4790000001"),
        ("/numbers/90%2000%2000%2001", "90 00 00 01"),
        ("/numbers/90/00", "90/00"),
        ("/numbers/90%2F00", "90/00"),
        ("/numbers/%C3%A6", "æ"),
        ("/numbers/Skatteetaten", "Skatteetaten"),
    ],
)
def test_a_number_reaches_the_plan_as_it_was_typed(api: Api, path: str, text: str) -> None:
    answer = api("GET", path)
    assert answer.status_code == 200
    assert api.asked() == ("number", text, 0)


def test_a_number_is_read_with_the_type_that_is_asked_for(api: Api) -> None:
    assert api("GET", "/numbers/47123456?ton=1").json()["type"] == "mobile"
    assert api.asked() == ("number", "47123456", 1)
    assert api("GET", "/numbers/47123456?ton=8").status_code == 422


def test_subscribers_come_in_pages(api: Api) -> None:
    for digit in range(2, 6):
        api.control.of_subscribers[f"479000000{digit}"] = {"msisdn": f"479000000{digit}"}
    first = api("GET", "/subscribers?limit=3").json()
    assert [each["msisdn"] for each in first["subscribers"]] == ["4790000001", "4790000002", "4790000003"]
    rest = api("GET", f"/subscribers?limit=3&after={first['next']}").json()
    assert [each["msisdn"] for each in rest["subscribers"]] == ["4790000004", "4790000005"]
    assert rest["next"] is None


def test_a_subscriber_is_shown_or_unknown(api: Api) -> None:
    assert api("GET", "/subscribers/4790000001").json()["sim"] == "active"
    assert api("GET", "/subscribers/4791111111").status_code == 404


def test_put_makes_a_subscriber_and_then_replaces_it(api: Api) -> None:
    body = {"sim": "suspended", "position": {"lat": 60, "lon": 5.3}, "barred": ["mo_sms"], "password": "1234"}
    assert api("PUT", "/subscribers/4791111111", json=body).status_code == 201
    assert api.asked() == ("put_subscriber", "4791111111", body)
    assert api("PUT", "/subscribers/4791111111", json={}).status_code == 200
    assert api.asked() == ("put_subscriber", "4791111111", {})


def test_patch_hands_over_only_what_was_given_and_null_too(api: Api) -> None:
    answer = api("PATCH", "/subscribers/4790000001", json={"zone": None, "powered": False})
    assert answer.status_code == 200
    assert api.asked() == ("patch_subscriber", "4790000001", {"zone": None, "powered": False})


def test_patch_may_come_as_a_merge_patch_document(api: Api) -> None:
    headers = {"Content-Type": "application/merge-patch+json"}
    answer = api("PATCH", "/subscribers/4790000001", content=b'{"zone":"oslo"}', headers=headers)
    assert answer.status_code == 200
    assert api.asked() == ("patch_subscriber", "4790000001", {"zone": "oslo"})


@pytest.mark.parametrize("field", ["sim", "powered", "memory_full", "nod_sms"])
def test_what_cannot_be_removed_cannot_be_null(api: Api, field: str) -> None:
    assert api("PATCH", "/subscribers/4790000001", json={field: None}).status_code == 422
    assert api.control.calls == []


@pytest.mark.parametrize("field", ["zone", "position", "barred", "imsi", "iccid", "password"])
def test_what_can_be_removed_can_be_null(api: Api, field: str) -> None:
    assert api("PATCH", "/subscribers/4790000001", json={field: None}).status_code == 200


def test_a_subscriber_is_removed_and_erased_when_asked(api: Api) -> None:
    answer = api("DELETE", "/subscribers/4790000001?erase=true")
    assert (answer.status_code, answer.content) == (204, b"")
    assert api.asked() == ("delete_subscriber", "4790000001", True)
    assert api("DELETE", "/subscribers/4790000001").status_code == 404
    assert api.asked() == ("delete_subscriber", "4790000001", False)


def test_zones_are_made_changed_and_removed(api: Api) -> None:
    assert [zone["name"] for zone in api("GET", "/zones").json()["zones"]] == ["oslo"]
    assert api("PUT", "/zones/ferry", json={"coverage": "none", "uplink": "defer"}).status_code == 201
    assert api("PATCH", "/zones/ferry", json={"loss": 1}).json()["loss"] == 1
    assert api("GET", "/zones/ferry").json()["uplink"] == "defer"
    assert api("DELETE", "/zones/ferry").status_code == 204
    assert api("GET", "/zones/ferry").status_code == 404


def test_the_name_of_a_zone_may_hold_anything(api: Api) -> None:
    assert api("PUT", "/zones/E16%2FL%C3%A6rdal%20%231", json={}).status_code == 201
    assert api.asked() == ("put_zone", "E16/Lærdal #1", {})
    assert api("GET", "/zones/E16/L%C3%A6rdal%20%231").status_code == 200


def test_moments_of_outages_are_handed_over_in_milliseconds_and_durations_as_given(api: Api) -> None:
    outages = [
        {
            "from": "2026-01-01T13:00:00+01:00",
            "to": "2026-01-01T12:30:00.5Z",
            "every": 86400,
            "note": "storm",
        },
        {"from": "2026-01-01T12:00:00Z", "duration": "40m"},
    ]
    assert api("PATCH", "/zones/oslo", json={"outages": outages, "latency": 0.25}).status_code == 200
    assert api.asked()[2] == {
        "outages": [
            {"from": NOW, "to": NOW + 1_800_500, "every": 86400, "note": "storm"},
            {"from": NOW, "duration": "40m"},
        ],
        "latency": 0.25,
    }


@pytest.mark.parametrize(
    "outage",
    [
        {"from": "2026-01-01T12:00:00Z", "every": -1},
        {"from": "2026-01-01T12:00:00Z", "duration": True},
        {"from": "2026-01-01T12:00:00Z", "duration": ""},
        {"from": "2026-01-01T12:00:00Z", "note": None},
        {"from": "2026-01-01T12:00:00"},
        {"from": "2026-02-30T12:00:00Z"},
        {"from": 1767268800},
        {"start": "2026-01-01T12:00:00Z"},
    ],
)
def test_an_outage_that_makes_no_sense_is_refused(api: Api, outage: dict[str, Any]) -> None:
    assert api("PATCH", "/zones/oslo", json={"outages": [outage]}).status_code == 422


def test_a_number_registers_for_emergency_sms_with_or_without_data(api: Api) -> None:
    assert api("PUT", "/emergency/registrations/4790000112").status_code == 201
    assert api.asked() == ("put_registration", "4790000112", {})
    assert api("PUT", "/emergency/registrations/4790000112", json={"name": "Kari"}).status_code == 200
    assert api("GET", "/emergency/registrations").json()["registrations"][0]["name"] == "Kari"
    assert api("GET", "/emergency/registrations/4790000112").json()["msisdn"] == "4790000112"
    assert api("DELETE", "/emergency/registrations/4790000112").status_code == 204
    assert api("GET", "/emergency/registrations/4790000112").status_code == 404


def test_messages_are_filtered_and_come_in_pages(api: Api) -> None:
    page = api("GET", "/messages?source=4790000001&state=delivered&limit=2&after=1001").json()
    assert api.asked() == ("listing", "", "4790000001", None, "delivered", 2, False, "1001", None)
    assert [each["id"] for each in page["messages"]] == ["1002", "1003"]
    assert page["next"] == "1003"
    assert api("GET", "/messages?after=1004").json()["next"] is None


def test_messages_are_searched_newest_first(api: Api) -> None:
    page = api("GET", "/messages?q=to:2097%20-%22no%22&order=newest&limit=2&before=1004").json()
    assert api.asked() == ("listing", 'to:2097 -"no"', None, None, None, 2, True, None, "1004")
    assert [each["id"] for each in page["messages"]] == ["1003", "1002"]
    assert page["next"] == "1002"
    assert api("GET", "/messages/counts?q=state:held").json()["total"] == 5
    assert api.asked() == ("counts", "state:held", None, None, None)


def test_a_search_that_makes_no_sense_says_where(api: Api) -> None:
    for path in ("/messages", "/messages/counts"):
        answer = api("GET", f"{path}?q=to%3A%3F")
        assert (answer.status_code, answer.json()["at"], answer.json()["length"]) == (422, 3, 1)


def test_what_a_search_finds_is_deleted(api: Api) -> None:
    assert api("DELETE", "/messages?q=state:failed").json() == {"deleted": 2}
    assert api.asked() == ("delete_messages", "state:failed")
    assert api.server.log[-1] == "committed"


@pytest.mark.parametrize("q", ["", "%20", "%3F"])
def test_an_empty_or_wrong_search_deletes_nothing(api: Api, q: str) -> None:
    assert api("DELETE", f"/messages?q={q}").status_code == 422
    assert api.control.calls == []


def test_the_pdus_of_a_message(api: Api) -> None:
    assert api("GET", "/messages/1001/pdus").json() == {"id": "1001", "pdus": []}
    assert api("GET", "/messages/9/pdus").status_code == 404


def test_an_empty_filter_is_none(api: Api) -> None:
    assert api("GET", "/messages?source=&destination=&state=&after=").status_code == 200
    assert api.asked() == ("listing", "", None, None, None, 100, False, None, None)


@pytest.mark.parametrize("query", ["sourc=1", "state=lost", "limit=0", "limit=1001", "limit=x", "after=abc"])
def test_a_filter_that_does_not_exist_is_an_error(api: Api, query: str) -> None:
    assert api("GET", f"/messages?{query}").status_code == 422
    assert api.control.calls == []


def test_a_message_is_shown_with_its_text_as_it_is(api: Api) -> None:
    answer = api("GET", "/messages/1001")
    assert answer.json()["text"] == "Hei, æøå 🙂"
    assert "æøå 🙂".encode() in answer.content
    assert api("GET", "/messages/nonsense").status_code == 404


def test_half_a_surrogate_pair_in_a_text_can_be_shown(api: Api) -> None:
    api.control.of_messages[0]["text"] = "half \ud83d"
    assert b"half \\ud83d" in api("GET", "/messages/1001").content


def test_a_message_is_injected(api: Api) -> None:
    body = {"source": "4790000001", "destination": "4790000002", "text": "hei"}
    answer = api("POST", "/messages", json=body)
    assert (answer.status_code, answer.headers["location"]) == (201, "/api/v1/messages/2001")
    assert answer.json()["id"] == "2001"
    assert api.asked() == ("inject", {**body, "registered_delivery": 0})


@pytest.mark.parametrize(("given", "handed"), [(1, 1), (True, 1), (False, 0), (17, 17)])
def test_a_receipt_is_asked_for_by_number_or_by_yes(api: Api, given: object, handed: int) -> None:
    body = {"source": "1", "destination": "2", "text": "", "registered_delivery": given}
    assert api("POST", "/messages", json=body).status_code == 201
    assert api.asked()[1]["registered_delivery"] == handed


def test_a_refused_message_says_why(api: Api) -> None:
    body = {"source": "4790000001", "destination": "+46701234567", "text": "hei"}
    answer = api("POST", "/messages", json=body)
    assert (answer.status_code, answer.json()["reason"]) == (422, "destination_foreign")


def test_delete_empties_everything(api: Api) -> None:
    assert api("DELETE", "/messages").status_code == 204
    assert api.asked() == ("clear_messages",)


def test_the_clock_is_shown_and_set(api: Api) -> None:
    assert api("GET", "/clock").json() == {"mode": "manual", "now": "2026-01-01T12:00:00Z"}
    body = {"mode": "x60", "now": "2026-01-01T12:00:01Z"}
    assert api("PUT", "/clock", json=body).status_code == 200
    assert api.asked() == ("set_clock", {"mode": "x60", "now": NOW + 1000})
    assert api("PUT", "/clock", json={"now": "2025-12-31T00:00:00Z"}).status_code == 409


@pytest.mark.parametrize("body", [{}, {"mode": "fast"}, {"mode": "x"}, {"mode": "x-1"}, {"now": "noon"}])
def test_a_clock_that_cannot_be_is_refused(api: Api, body: dict[str, Any]) -> None:
    assert api("PUT", "/clock", json=body).status_code == 422


@pytest.mark.parametrize(
    ("body", "handed"),
    [
        ({"seconds": 7200}, {"seconds": 7200.0, "to": None, "until": None}),
        ({"seconds": 0.5}, {"seconds": 0.5, "to": None, "until": None}),
        ({"to": "2026-01-01T12:00:00Z"}, {"seconds": None, "to": NOW, "until": None}),
        ({"until": "idle"}, {"seconds": None, "to": None, "until": "idle"}),
    ],
)
def test_the_clock_advances_and_tells_what_happened(
    api: Api, body: dict[str, Any], handed: dict[str, Any]
) -> None:
    answer = api("POST", "/clock/advance", json=body)
    assert (answer.status_code, answer.json()["unsettled"]) == (200, [])
    assert api.server.advanced == [handed]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"seconds": 1, "until": "idle"},
        {"seconds": -1},
        {"seconds": "soon"},
        {"until": "later"},
        {"seconds": None},
    ],
)
def test_an_advance_goes_exactly_one_way(api: Api, body: dict[str, Any]) -> None:
    assert api("POST", "/clock/advance", json=body).status_code == 422
    assert api.server.advanced == []


def test_sessions_are_shown_and_ended(api: Api) -> None:
    assert api("GET", "/sessions").json()["sessions"][0]["system_id"] == "4790000001"
    assert api("GET", "/sessions/3").json()["id"] == 3
    assert api("DELETE", "/sessions/3").status_code == 204
    assert api.asked() == ("drop_session", 3, "unbind")
    assert api("DELETE", "/sessions/3?how=drop").status_code == 204
    assert api.asked() == ("drop_session", 3, "drop")
    assert api("DELETE", "/sessions/3?how=nicely").status_code == 422
    assert api("GET", "/sessions/4").status_code == 404
    assert api("GET", "/sessions/x").status_code == 422


def test_faults_are_shown_and_replaced(api: Api) -> None:
    body = {"seed": 7, "rules": [{"on": "submit_sm", "status": 88, "every": 10}]}
    assert api("PUT", "/faults", json=body).json() == body
    assert api("GET", "/faults").json() == body
    assert api("PUT", "/faults", content=b'{"rules":[{"p":NaN}]}', headers=JSON).status_code == 422


JSON = {"Content-Type": "application/json"}


def test_special_numbers_are_listed(api: Api) -> None:
    assert api("GET", "/helplines").json()["helplines"][0]["number"] == "116111"
    assert api("GET", "/codes").json()["codes"][0]["price_nok"] == 5


def test_charging_records_come_in_three_forms(api: Api) -> None:
    assert api("GET", "/charging?limit=1").json() == {
        "charging": [{"id": "1", "code": "2097", "amount_nok": 5}],
        "next": "1",
    }
    lines = api("GET", "/charging?format=jsonl").text.splitlines()
    assert len(lines) == 2
    table = api("GET", "/charging?format=csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.splitlines() == [
        "id,code,amount_nok,note",
        "1,2097,5,",
        '2,2440,200,"gave, ""gladly"""',
    ]


def test_the_contact_register_gets_the_agency_s_own_token(api: Api) -> None:
    body = {"personidentifikatorer": ["20914695016"], "inkluderIkkeRegistrerte": True}
    path = "/register/rest/v2/personer"
    answer = api("POST", path, json=body, headers={"Authorization": "Bearer agency"})
    assert answer.json() == {"personer": [{"personidentifikator": "20914695016"}]}
    assert api.asked() == ("register_lookup", "agency", 2, body)
    assert api("POST", path, json=body).status_code == 401
    assert api("POST", "/register/rest/v3/personer", json=body).status_code == 404


@pytest.mark.parametrize("path", ["/helplines", "/codes", "/charging", "/register/rest/v1/personer"])
def test_what_the_control_does_not_offer_has_no_path(path: str) -> None:
    app = create_app(FakeServer())
    assert call(app, "GET", "/api/v1" + path).status_code == 404
    assert "/api/v1" + path not in app.openapi()["paths"]


CHANGES = [
    ("PUT", "/subscribers/4790000001", {}, "put_subscriber"),
    ("PATCH", "/subscribers/4790000001", {}, "patch_subscriber"),
    ("DELETE", "/subscribers/4790000001", None, "delete_subscriber"),
    ("PUT", "/zones/oslo", {}, "put_zone"),
    ("PATCH", "/zones/oslo", {}, "patch_zone"),
    ("DELETE", "/zones/oslo", None, "delete_zone"),
    ("PUT", "/emergency/registrations/1", {}, "put_registration"),
    ("POST", "/messages", {"source": "1", "destination": "2", "text": ""}, "inject"),
    ("DELETE", "/messages", None, "clear_messages"),
    ("PUT", "/clock", {"mode": "real"}, "set_clock"),
    ("POST", "/clock/advance", {"seconds": 1}, "advance"),
    ("DELETE", "/sessions/3", None, "drop_session"),
    ("PUT", "/faults", {"rules": []}, "put_faults"),
]


@pytest.mark.parametrize(("method", "path", "body", "done"), CHANGES)
def test_a_change_answers_after_its_commit(
    api: Api, method: str, path: str, body: dict[str, Any] | None, done: str
) -> None:
    answer = api(method, path, **({} if body is None else {"json": body}))
    assert answer.is_success
    log = api.server.log
    assert log[log.index(done) :] in ([done, "committed"], [done, "committed", "committed"])


def test_who_only_looks_waits_for_no_commit(api: Api) -> None:
    for path in ("/subscribers", "/zones", "/messages", "/clock", "/sessions", "/faults", "/numbers/1"):
        assert api("GET", path).status_code == 200
    assert "committed" not in api.server.log


def test_an_esme_is_dialled_and_let_go(api: Api) -> None:
    body = {"system_id": "shop", "host": "127.0.0.1", "port": 2776, "password": "invite", "retry": "30s"}
    answer = api("POST", "/outbinds", json=body)
    assert (answer.status_code, answer.headers["Location"]) == (201, "/api/v1/outbinds/1")
    assert api.asked() == ("dial", body)
    assert api("GET", "/outbinds").json() == {"outbinds": [{"id": 1, "state": "bound"}]}
    assert api("GET", "/outbinds/1").json() == {"id": 1}
    assert api("DELETE", "/outbinds/1").status_code == 204
    assert api.asked() == ("end_outbind", 1)


@pytest.mark.parametrize(
    "wrong", [{"port": 0}, {"port": "2776"}, {"host": ""}, {"password": "too long a word"}, {"when": "now"}]
)
def test_an_outbind_that_makes_no_sense(api: Api, wrong: dict[str, Any]) -> None:
    body = {"system_id": "shop", "host": "127.0.0.1", "port": 2776, **wrong}
    assert api("POST", "/outbinds", json=body).status_code == 422


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("PATCH", "/subscribers/4790000001", {"powered": False}),
        ("PUT", "/zones/oslo", {"coverage": "none"}),
        ("DELETE", "/messages", None),
        ("PUT", "/clock", {"mode": "real"}),
        ("PUT", "/faults", {"rules": []}),
    ],
)
def test_while_the_store_fails_nothing_is_changed(
    api: Api, verb: str, path: str, body: dict[str, Any] | None
) -> None:
    api.server.store_fails = True
    answer = api(verb, path, json=body)
    assert (answer.status_code, answer.json()["detail"]) == (503, "Nothing was changed: disk full.")
    assert api.control.calls == []
    assert api("GET", "/zones").status_code == 200
