"""What the calls answer whose answers the engine shapes: an example of each, for the OpenAPI description.

A test asks a running server and compares the shapes.
"""

from typing import Any, Final

_REGISTRATION: Final = {
    "msisdn": "4790000112",
    "registered_at": "2026-01-15T12:00:00.000Z",
    "updated_at": "2026-01-15T12:00:00.000Z",
    "name": "Kari Nordmann",
    "address": "Storgata 1",
    "postcode": "0155",
    "email": "kari@example.no",
    "country": "NO",
}
_EXCLUSION: Final = {
    "msisdn": "4790000112",
    "times": 1,
    "until": "2026-01-17T12:00:00.000Z",
    "in_force": True,
}
_PERSON: Final = {
    "identifier": "11905100086",
    "status": "AKTIV",
    "language": "nb",
    "mobile": {
        "address": "+4790000001",
        "updated": "2026-01-15T12:00:01Z",
        "verified": "2026-01-15T12:00:01Z",
        "fresh": True,
    },
    "email": {
        "address": "kari@example.no",
        "updated": "2026-01-15T12:00:01Z",
        "verified": "2026-01-15T12:00:01Z",
        "fresh": True,
    },
    "reserved": False,
    "reserved_at": None,
    "mailbox": None,
    "notification_status": "KAN_VARSLES",
}
_NOTIFICATION: Final = {
    "id": "1",
    "agency": "Snøby kommune",
    "kind": "service",
    "ordered_at": "2026-01-15T12:00:01Z",
    "dispatch_at": "2026-01-15T12:00:01Z",
    "dispatched": True,
    "counts": {"sms_delivered": 1},
    "people": [
        {
            "personidentifikator": "11905100086",
            "state": "sms_delivered",
            "why": "",
            "language": "nb",
            "alphabet": "gsm",
            "message_id": "100000004",
        }
    ],
}
_LOOKED_UP: Final = {
    "personidentifikator": "11905100086",
    "reservasjon": "NEI",
    "status": "AKTIV",
    "varslingsstatus": "KAN_VARSLES",
    "kontaktinformasjon": {
        "epostadresse": "kari@example.no",
        "epostadresse_oppdatert": "2026-01-15T13:00:01+01",
        "epostadresse_sist_verifisert": "2026-01-15T13:00:01+01",
        "mobiltelefonnummer": "+4790000001",
        "mobiltelefonnummer_oppdatert": "2026-01-15T13:00:01+01",
        "mobiltelefonnummer_sist_verifisert": "2026-01-15T13:00:01+01",
    },
    "spraak": "nb",
}

#: Verb and path below the API's prefix -> the document of a success.
ANSWERS: Final[dict[str, Any]] = {
    "GET /emergency/registrations": {"registrations": [_REGISTRATION]},
    "GET /emergency/site": {"open": True},
    "PUT /emergency/site": {"open": True},
    "GET /emergency/site/look-up": {"number": "4790000001", "registered": False, "choices": ["register"]},
    "POST /emergency/site/transactions": {"transaction": "1"},
    "POST /emergency/site/transactions/{transaction}/confirmation": {"registration": _REGISTRATION},
    "GET /emergency/exclusions": {"exclusions": [_EXCLUSION]},
    "PUT /emergency/exclusions/{msisdn}": _EXCLUSION,
    "GET /emergency/dialogues": {
        "dialogues": [
            {"dialogue": 1, "user": "4790000113", "centre": "medical", "lapses": "2026-01-16T12:00:00.000Z"}
        ]
    },
    "GET /helplines": {
        "helplines": [
            {
                "number": "116111",
                "holder": "Alarmtelefonen for barn og unge",
                "service": "child helpline",
                "purposes": ["help"],
                "sms": True,
                "assigned_from": "2009-06-01T22:00:00Z",
                "assigned_to": None,
                "lapses_at": None,
                "payer": "receiver",
            }
        ]
    },
    "GET /helplines/bills/{month}": {
        "bills": [{"number": "116111", "month": "2026-01", "messages": 120, "price_ore": 0}]
    },
    "GET /codes": {
        "codes": [
            {
                "code": "2097",
                "providers": [
                    {
                        "provider": "quiz",
                        "match": "starts_with",
                        "word": "QUIZ",
                        "price_nok": 5.0,
                        "subscription": False,
                    }
                ],
            }
        ]
    },
    "GET /codes/subscriptions/{msisdn}": {
        "subscriptions": [
            {
                "code": "2097",
                "provider": "quiz",
                "word": "NYTT",
                "price_nok": 5.0,
                "since": "2026-01-15T12:00:00.000Z",
            }
        ]
    },
    "GET /charging": {
        "charging": [
            {
                "id": "1",
                "at": "2026-01-15T12:00:00Z",
                "payer": "4790000001",
                "code": "2097",
                "keyword": "QUIZ",
                "provider": "quiz",
                "direction": "mo",
                "message_id": "100000002",
                "price_ore": 500,
            }
        ],
        "next": None,
    },
    "GET /charging/totals": {
        "totals": [{"month": "2026-01", "provider": "quiz", "direction": "mo", "records": 1, "ore": 500}]
    },
    "POST /register/rest/{version}/personer": {"personer": [_LOOKED_UP]},
    "POST /register/notifications": _NOTIFICATION,
    "GET /register/notifications/{order}": _NOTIFICATION,
    "GET /register/outbox": {
        "outbox": [
            {
                "at": "2026-01-15T12:00:01Z",
                "to": "kari@example.no",
                "sender": "Snøby kommune",
                "subject": "Snø",
                "text": "Snøbrøyting i natt: flytt bilen.",
            }
        ]
    },
    "GET /register/lookups": {
        "lookups": [
            {"at": "2026-01-15T12:00:01Z", "agency": "987654321", "asked_by": "912345678", "count": 1000}
        ]
    },
    "GET /register/persons": {"persons": [_PERSON], "next": None},
    "GET /register/persons/{identifier}": _PERSON,
    "PUT /register/persons/{identifier}": _PERSON,
    "GET /subscribers/{msisdn}/operator": {"msisdn": "4790000001", "operator": "fjordnett", "ported": True},
    "POST /lists/subscribers": {"rows": 2, "subscribers": 111110, "before": 110109},
    "POST /lists/assignments": {"rows": 1},
    "POST /lists/ported": {"rows": 1},
}
