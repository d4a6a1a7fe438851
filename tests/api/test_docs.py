"""The description: complete, true, and readable without anything from outside."""

import json
import urllib.request
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi import FastAPI

from smsc.api import docs
from smsc.api.app import create_app
from smsc.testing import SmscHandle
from tests.api.client import call
from tests.api.fakes import FakeServer, FullControl

PROMISED = {
    "/livez": {"get"},
    "/readyz": {"get"},
    "/metrics": {"get"},
    "/api/v1/numbers/{number}": {"get"},
    "/api/v1/subscribers/{msisdn}": {"get", "put", "patch", "delete"},
    "/api/v1/zones": {"get"},
    "/api/v1/zones/{name}": {"get", "put", "patch", "delete"},
    "/api/v1/emergency/registrations/{msisdn}": {"get", "put", "delete"},
    "/api/v1/messages": {"get", "post", "delete"},
    "/api/v1/messages/{id}": {"get"},
    "/api/v1/clock": {"get", "put"},
    "/api/v1/clock/advance": {"post"},
    "/api/v1/sessions": {"get"},
    "/api/v1/sessions/{id}": {"get", "delete"},
    "/api/v1/faults": {"get", "put"},
    "/api/v1/events": {"get"},
}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(FakeServer(FullControl))


def operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (verb, path, spec) for path, verbs in app.openapi()["paths"].items() for verb, spec in verbs.items()
    ]


def test_every_promised_call_is_described(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    for path, verbs in PROMISED.items():
        assert verbs <= set(paths[path]), path


def test_every_call_of_a_server_has_a_name_of_its_own(smsc: SmscHandle) -> None:
    """A generator of clients makes one function of each operationId."""
    with urllib.request.urlopen(f"{smsc.url}/openapi.json", timeout=30) as answer:
        paths = json.load(answer)["paths"]
    names = Counter(spec["operationId"] for verbs in paths.values() for spec in verbs.values())
    assert len(names) > len(PROMISED)
    assert [name for name, count in names.items() if count > 1] == []


def test_every_reference_leads_somewhere(app: FastAPI) -> None:
    description = call(app, "GET", "/openapi.json").json()
    schemas = description["components"]["schemas"]

    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if "$ref" in node else []
            return own + [each for value in node.values() for each in references(value)]
        return [each for value in node for each in references(value)] if isinstance(node, list) else []

    assert {each.rpartition("/")[2] for each in references(description)} <= set(schemas)
    assert "HTTPValidationError" not in json.dumps(description)


def test_operations_have_summaries_and_ids_of_their_own(app: FastAPI) -> None:
    found = operations(app)
    assert len({spec["operationId"] for _, _, spec in found}) == len(found)
    assert all(spec["summary"] and spec["tags"] for _, _, spec in found)


def test_every_body_has_examples_and_every_example_is_accepted() -> None:
    server = FakeServer(FullControl)
    app = create_app(server)
    for verb, path, spec in operations(app):
        if "requestBody" not in spec:
            continue
        examples = spec["requestBody"]["content"]["application/json"]["examples"].values()
        assert examples, path
        real = path.format(
            msisdn="4790000001",
            name="oslo",
            version="v2",
            identifier="20914695016",
            transaction="1",
            kind="zone",
        )
        for example in examples:
            answer = call(
                app, verb.upper(), real, json=example["value"], headers={"Authorization": "Bearer agency"}
            )
            assert answer.is_success, (path, example, answer.text)


def test_every_field_of_a_body_is_explained(app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]
    for name, schema in schemas.items():
        if name.endswith("Body"):
            assert schema["additionalProperties"] is False
            for field, about in schema["properties"].items():
                assert about.get("description"), (name, field)


def test_with_a_token_the_description_says_so() -> None:
    description = create_app(FakeServer(), token="hemmelig").openapi()
    assert description["paths"]["/api/v1/zones"]["get"]["security"] == [{"token": []}]
    assert "security" not in description["paths"]["/livez"]["get"]
    page = docs.render(description, "http://localhost")
    assert "Authorization: Bearer $TOKEN" in page
    assert "hemmelig" not in page


class Page(HTMLParser):
    """Collects what a page loads, links to and names; checks that its tags are closed."""

    VOID = {"meta", "br"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.links: set[str] = set()
        self.names: set[str] = set()
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name in {"src", "srcset", "style"} or name.startswith("on"):
                self.loads.append(f"{tag} {name}={value}")
            if name == "href":
                self.links.add(value or "")
            if name == "id":
                assert value not in self.names
                self.names.add(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    assert page.open == []
    return page


def test_the_page_is_served_with_a_policy_that_allows_nothing_else(app: FastAPI) -> None:
    answer = call(app, "GET", "/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    page = read(answer.text)
    assert page.loads == []
    assert not page.tags & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert "@import" not in answer.text
    assert "url(" not in answer.text


def test_a_slash_too_many_leads_to_the_page(app: FastAPI) -> None:
    answer = call(app, "GET", "/docs/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


def test_every_link_of_the_page_leads_somewhere(app: FastAPI) -> None:
    page = read(call(app, "GET", "/docs").text)
    assert page.links - {"openapi.json"} <= {f"#{name}" for name in page.names}


def test_every_call_is_on_the_page_with_a_curl_line(app: FastAPI) -> None:
    text = call(app, "GET", "/docs").text
    for verb, path, spec in operations(app):
        assert f'id="{spec["operationId"]}"' in text
        assert f'<span class="path">{path}</span>' in text
        assert verb == "get" or f"curl -X {verb.upper()} http://localhost/" in text
    assert "curl -N http://localhost/api/v1/events" in text


def test_what_the_page_shows_is_escaped(app: FastAPI) -> None:
    text = call(app, "GET", "/docs", headers={"Host": 'x"><script>alert(1)</script>'}).text
    assert "<script" not in text
    described = {
        "info": {"title": "<b>", "version": "1", "description": "a & <i> `<c>`"},
        "paths": {
            "/<x>": {
                "get": {
                    "summary": "<s>",
                    "tags": ["<t>"],
                    "operationId": '"id"',
                    "parameters": [
                        {"name": "<p>", "in": "query", "schema": {"enum": ["<e>"]}, "description": "<d>"}
                    ],
                    "responses": {"200": {"description": "<r>"}},
                }
            }
        },
        "components": {"schemas": {"<n>": {"properties": {"<f>": {"type": "<y>"}}, "examples": ["<z>"]}}},
    }
    page = read(docs.render(described, "http://localhost"))
    assert not page.tags & {"b", "i", "x", "s", "t", "p>", "e", "d", "r", "n", "f", "y", "z", "c"}
