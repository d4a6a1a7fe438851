"""Markup made of elements: what is no `Html` is text, and escaped."""

from collections.abc import Mapping
from html import escape
from typing import Final, NamedTuple

#: Language of a page -> its own name.
LANGUAGES: Final = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}
_VOID: Final = frozenset({"input"})


class Html(str):
    """Markup, as opposed to text."""

    __slots__ = ()


class View(NamedTuple):
    """What a page says: its title, what is in its body, and the HTTP status of a form's answer."""

    title: str
    body: Html
    status: int = 200


def element(kind: str, *inside: str, **attributes: str | bool | None) -> Html:
    """`<kind ...>inside</kind>`; True is an attribute without value, False and None are none.

    `class_` is `class`, `aria_label` is `aria-label`.
    """
    opened = kind + "".join(
        f" {name.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(value)}"')
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{opened}>" if kind in _VOID else f"<{opened}>{joined(*inside)}</{kind}>")


def joined(*parts: str) -> Html:
    """The parts one after the other."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def field(ident: str, label: str, value: str, error: str = "", hint: str = "", **attributes: str) -> Html:
    """A labelled field, sent as `ident`, with its hint and what is wrong with it."""
    described = " ".join(f"{ident}-{what}" for what, text in (("hint", hint), ("error", error)) if text)
    return element(
        "div",
        element("label", label, class_="l", for_=ident),
        element("p", hint, class_="hint", id=f"{ident}-hint") if hint else "",
        alert(error, f"{ident}-error"),
        element(
            "input",
            id=ident,
            name=ident,
            value=value,
            aria_describedby=described or None,
            aria_invalid="true" if error else None,
            autofocus=bool(error),
            **{"class_": "field", **attributes},
        ),
    )


def alert(error: str, ident: str | None = None) -> Html:
    """What is wrong; nothing when nothing is."""
    return element("p", error, class_="err", id=ident, role="alert") if error else Html()


def button(label: str, does: str, kind: str = "btn") -> Html:
    """Sends the form, with `do` saying what for."""
    return element("button", label, class_=kind, name="do", value=does)


def form(
    address: str, *inside: str, carries: Mapping[str, str] | None = None, novalidate: bool = False
) -> Html:
    """A form that is sent to `address`; `carries` are fields that nobody sees."""
    hidden = (
        element("input", type="hidden", name=name, value=value) for name, value in (carries or {}).items()
    )
    return element(
        "form", *hidden, *inside, class_="form", method="post", action=address, novalidate=novalidate
    )


def items(kind: str, lines: list[str], **attributes: str) -> Html:
    """A list, `ul` or `ol`."""
    return element(kind, *(element("li", line) for line in lines), **attributes)


def page(
    path: str, language: str, name: str, text: Mapping[str, str], *inside: str, before: str = ""
) -> Html:
    """What all public pages have around them; `path` is relative to the base."""
    languages = (
        element(
            "a",
            word,
            href=f"{path}?lang={code}",
            lang=code,
            aria_current="true" if code == language else None,
        )
        for code, word in LANGUAGES.items()
    )
    return joined(
        element(
            "header",
            element("p", element("span", text["imitation"], class_="wrap"), class_="sim"),
            element(
                "div",
                element(
                    "div",
                    element("span", name, class_="logo"),
                    element("nav", *languages, class_="lang", aria_label=text["language"]),
                    class_="wrap",
                ),
                class_="top",
            ),
        ),
        before,
        element(
            "main",
            *inside,
            element("footer", element("p", text["foot"]), class_="foot-p") if "foot" in text else "",
            class_="wrap",
        ),
    )
