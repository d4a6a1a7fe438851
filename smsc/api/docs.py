"""The page at `/docs`: the OpenAPI description as HTML, rendered here, no script, no outside asset."""

import base64
import hashlib
import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from importlib.resources import files
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import quote

Schema = Mapping[str, Any]

_STYLE = files("smsc.api").joinpath("docs.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
#: content security policy of the page: its own style and nothing else
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} long",
    "maxLength": "at most {} long",
    "pattern": "matches {}",
    "default": "default {}",
}


class Operation(NamedTuple):
    """One call, as the description has it."""

    verb: str
    path: str
    spec: Mapping[str, Any]

    @property
    def tag(self) -> str:
        return str(self.spec["tags"][0])

    @property
    def anchor(self) -> str:
        return str(self.spec["operationId"])


def render(description: Mapping[str, Any], base_url: str) -> str:
    """The page for an OpenAPI `description` of a server that is reached at `base_url`."""
    info = description["info"]
    schemas: Mapping[str, Schema] = description["components"]["schemas"]
    secured = "securitySchemes" in description["components"]
    operations = list(_operations(description))
    groups = [(tag, list(members)) for tag, members in groupby(operations, key=lambda each: each.tag)]
    title = f"{info['title']} {info['version']}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<nav>{_navigation(groups, schemas)}</nav><main>"
        f"<h1>{escape(title)}</h1>{_paragraphs(info['description'])}"
        '<p>The same for programs: <a href="openapi.json">/openapi.json</a>.</p>'
        + "".join(_group(tag, members, base_url, secured) for tag, members in groups)
        + "<section><h2>Schemas</h2>"
        + "".join(_schema(name, schemas[name]) for name in sorted(schemas))
        + "</section></main></body></html>"
    )


def _operations(description: Mapping[str, Any]) -> Iterator[Operation]:
    for path, verbs in description["paths"].items():
        for verb, spec in verbs.items():
            yield Operation(verb, path, spec)


def _navigation(groups: Iterable[tuple[str, list[Operation]]], schemas: Iterable[str]) -> str:
    parts = []
    for tag, members in groups:
        links = "".join(
            f'<li>{_verb(each)} <a href="#{escape(each.anchor)}">{escape(each.spec["summary"])}</a></li>'
            for each in members
        )
        parts.append(f"<h2>{escape(tag)}</h2><ul>{links}</ul>")
    names = "".join(f"<li>{_link(name)}</li>" for name in sorted(schemas))
    return "".join(parts) + f"<h2>schemas</h2><ul>{names}</ul>"


def _group(tag: str, operations: Iterable[Operation], base_url: str, secured: bool) -> str:
    articles = "".join(_article(each, base_url, secured) for each in operations)
    return f"<section><h2>{escape(tag)}</h2>{articles}</section>"


def _article(operation: Operation, base_url: str, secured: bool) -> str:
    spec = operation.spec
    parts = [
        f'<article id="{escape(operation.anchor)}">',
        f'<h3>{_verb(operation)} <span class="path">{escape(operation.path)}</span></h3>',
        f"<p><strong>{_inline(spec['summary'])}.</strong></p>".replace("?.</", "?</"),
        _paragraphs(spec.get("description", "")),
        _parameters(spec.get("parameters", [])),
        _body(spec.get("requestBody")),
        f"<h4>Example</h4><pre><code>{escape(_curl(operation, base_url, secured))}</code></pre>",
        _answers(spec["responses"]),
        "</article>",
    ]
    return "".join(parts)


def _parameters(parameters: Iterable[Mapping[str, Any]]) -> str:
    rows = [
        (
            f"<code>{escape(each['name'])}</code> <span class=soft>{escape(each['in'])}</span>",
            _type(_without_null(each["schema"])),
            _inline(each.get("description", "")),
        )
        for each in parameters
    ]
    return f"<h4>Parameters</h4>{_table(('Name', 'Type', ''), rows)}" if rows else ""


def _body(body: Mapping[str, Any] | None) -> str:
    if body is None:
        return ""
    required = "" if body.get("required") else " <span class=soft>(may be left out)</span>"
    schema = body["content"]["application/json"]["schema"]
    return f"<h4>Body</h4><p>{_type(schema)}{required}</p>"


def _answers(responses: Mapping[str, Mapping[str, Any]]) -> str:
    rows = []
    for status, response in sorted(responses.items()):
        kinds = [
            _type(content["schema"]) if content.get("schema") else f"<code>{escape(kind)}</code>"
            for kind, content in response.get("content", {}).items()
        ]
        rows.append((f"<code>{escape(status)}</code>", _inline(response["description"]), " ".join(kinds)))
    return f"<h4>Answers</h4>{_table(('Status', 'Meaning', ''), rows, 'answers')}"


def _schema(name: str, schema: Schema) -> str:
    required = schema.get("required", [])
    rows = [
        (
            f"<code>{escape(field)}</code>"
            + (" <span class=soft>required</span>" if field in required else ""),
            _type(each),
            _inline(each.get("description", "")),
        )
        for field, each in schema.get("properties", {}).items()
    ]
    example = "".join(
        f"<h4>Example</h4><pre><code>{escape(_pretty(each))}</code></pre>"
        for each in schema.get("examples", [])
    )
    about = _paragraphs(schema.get("description", ""))
    fields = _table(("Field", "Type", ""), rows)
    return f'<article id="schema-{escape(name)}"><h3>{escape(name)}</h3>{about}{fields}{example}</article>'


def _type(schema: Schema) -> str:
    """Name what a schema allows, as HTML."""
    if "$ref" in schema:
        return _link(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        named = " · ".join(f"<code>{escape(str(each))}</code>" for each in values)
    elif schema.get("type") == "array":
        named = f"list of {_type(schema['items'])}"
    else:
        named = escape(str(schema.get("format") or schema.get("type") or "anything"))
    limits = [
        escape(words.format(json.dumps(schema[key], ensure_ascii=False)))
        for key, words in _LIMITS.items()
        if schema.get(key) is not None
    ]
    return f"{named}<br><span class=soft>{', '.join(limits)}</span>" if limits else named


def _without_null(schema: Schema) -> Schema:
    # A query cannot say null: a parameter that may be null is one that may be left out.
    kept = [each for each in schema.get("anyOf", []) if each.get("type") != "null"]
    return kept[0] if len(kept) == 1 else schema


def _curl(operation: Operation, base_url: str, secured: bool) -> str:
    spec = operation.spec
    path = operation.path
    for each in spec.get("parameters", []):
        if each["in"] == "path":
            samples = each["schema"].get("examples") or each["schema"].get("enum") or ["1"]
            path = path.replace("{" + each["name"] + "}", quote(str(samples[-1]), safe=""))
    command = ["curl"]
    if "text/event-stream" in spec["responses"].get("200", {}).get("content", {}):
        command.append("-N")
    if operation.verb != "get":
        command += ["-X", operation.verb.upper()]
    command.append(shlex.quote(base_url + path))
    if secured and "security" in spec:
        command.append('-H "Authorization: Bearer $TOKEN"')
    plain = " ".join(command)
    content = spec.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = content.get("examples", {}).values()
    if not examples:
        return plain
    return "\n".join(
        f"# {each['summary']}\n{plain} \\\n  --json {shlex.quote(_compact(each['value']))}"
        for each in examples
    )


def _link(name: str) -> str:
    return f'<a href="#schema-{escape(name)}">{escape(name)}</a>'


def _verb(operation: Operation) -> str:
    return f'<span class="verb {escape(operation.verb)}">{escape(operation.verb.upper())}</span>'


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    head = "".join(f"<th>{each}</th>" for each in heads)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>' if body else ""
    )


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{_inline(each)}</p>" for each in text.split("\n\n") if each.strip())


def _inline(text: str) -> str:
    """Escape text; what stands between backquotes becomes code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
