"""`/kontaktinfo` without script: a synthetic person sees, corrects and confirms what the register has."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from smsc.api.bodies.register import PersonBody
from smsc.api.facade.server import Server
from smsc.api.facade.services import Register
from smsc.api.forms.markup import LANGUAGES, Html, View, alert, button, element, field, form, page
from smsc.api.problems import as_refusal

PATH: Final = "kontaktinfo"
_OSLO: Final = ZoneInfo("Europe/Oslo")
_UNKNOWN: Final = 404
#: What a form may change, and how its text is read.
CHANGES: Final[Mapping[str, Callable[[str], object]]] = {
    "mobile": lambda sent: sent.strip() or None,
    "email": lambda sent: sent.strip() or None,
    "verified": lambda sent: sent == "true",
    "reserved": lambda sent: sent == "paper",
    "language": str,
}
KINDS: Final = {"mobile": "tel", "email": "email"}
SPOKEN: Final = {**LANGUAGES, "se": "Davvisámegiella"}


class Kontaktinfo:
    """One step of one visitor: `sent` is the form, `text` the words of the page in `language`."""

    def __init__(
        self, server: Server, register: Register, language: str, text: dict[str, Any], sent: Mapping[str, str]
    ) -> None:
        self._server = server
        self._register = register
        self._language = language
        self._text = text
        self._identifier = "".join(sent.get("identifier", "").split())
        self._sent = {name: sent[name] for name in CHANGES if name in sent}
        self._asked = "identifier" in sent

    async def view(self) -> View:
        """What was sent is done; the page says how it is now, or what was wrong."""
        if not self._asked:
            return self._login()
        try:
            person = self._register.register_person(self._identifier)
        except Exception as error:
            refusal = as_refusal(error)
            if refusal is None:
                raise
            wrong = "notFound" if refusal.status == _UNKNOWN else "wrongId"
            return self._login(self._text[wrong])._replace(status=refusal.status)
        if not self._sent:
            return self._person(person)
        try:
            return self._person(await self._changed())
        except ValidationError:
            status = 422
        except Exception as error:
            refusal = as_refusal(error)
            if refusal is None:
                raise
            status = refusal.status
        return self._person(person, wrong=True)._replace(status=status)

    async def _changed(self) -> Any:
        body = PersonBody.model_validate({name: CHANGES[name](text) for name, text in self._sent.items()})
        await self._server.writable()
        person = self._register.put_register_person(self._identifier, body.given())
        await self._server.committed()
        return person

    def _login(self, error: str = "") -> View:
        """What was typed is not repeated: it may be somebody's."""
        text = self._text
        shown = form(
            self._address,
            field(
                "identifier",
                text["identifier"],
                "",
                error,
                text["identifierHint"],
                class_="field tel",
                inputmode="numeric",
                autocomplete="off",
            ),
            element("p", button(text["login"], "log-in", "btn go")),
        )
        about = (
            element(kind, text[name])
            for kind, name in (("h2", "what"), ("p", "whatText"), ("h2", "reserveWhat"), ("p", "reserveText"))
        )
        return self._page(text["loginTitle"], text["loginLead"], shown, *about)

    def _person(self, person: Mapping[str, Any], *, wrong: bool = False) -> View:
        text = self._text
        letters = {"digital": text["digital"], "paper": text["paper"]}
        about = {"digital": text["digitalText"], "paper": text["paperText"]}
        reserved = "paper" if person["reserved"] else "digital"
        who = element(
            "p",
            element("b", text["person"]),
            " ",
            element("span", self._identifier, class_="num dim"),
            " ",
            element("a", text["logout"], class_="btn small", href=self._address),
        )
        return self._page(
            text["title"],
            text["lead"],
            who,
            *(self._channel(name, person[name], wrong=wrong and name in self._sent) for name in KINDS),
            self._choice("reserved", text["letters"], letters, reserved, about, wrong=wrong),
            self._choice("language", text["languageTitle"], SPOKEN, person["language"], {}, wrong=wrong),
            self._lookups(),
        )

    def _channel(self, name: str, channel: Mapping[str, Any] | None, *, wrong: bool) -> Html:
        text = self._text
        is_fresh = channel is not None and channel["fresh"]
        state = text["none"] if channel is None else text["confirmed" if is_fresh else "stale"]
        said = ""
        if channel is not None:
            when = _date(channel["verified"] or channel["updated"])
            said = text["lastSeen" if is_fresh else "staleText"].replace("{when}", when)
        now = channel["address"].removeprefix("+47") if channel else ""
        confirm = form(
            self._address,
            button(text["right"], "change", "btn go small"),
            carries={"identifier": self._identifier, "verified": "true"},
        )
        return self._section(
            name,
            text[name],
            element("p", state),
            element("p", said, class_="hint") if said else "",
            confirm if channel and not is_fresh else "",
            form(
                self._address,
                field(
                    name,
                    text[name],
                    self._sent[name] if wrong else now,
                    text["wrong"] if wrong else "",
                    text["mobileHint"] if name == "mobile" else "",
                    type=KINDS[name],
                    autocomplete=KINDS[name],
                ),
                element("p", button(text["save"], "change", "btn small")),
                carries={"identifier": self._identifier},
                novalidate=True,
            ),
        )

    def _choice(
        self,
        name: str,
        title: str,
        options: Mapping[str, str],
        chosen: str,
        about: Mapping[str, str],
        *,
        wrong: bool,
    ) -> Html:
        text = self._text
        lines = (
            element(
                "label",
                element("input", type="radio", name=name, value=key, checked=key == chosen),
                element(
                    "span",
                    word,
                    element("span", f" {about[key]}", class_="hint") if key in about else "",
                    lang=key if name == "language" else None,
                ),
                class_="check",
            )
            for key, word in options.items()
        )
        return self._section(
            name,
            title,
            form(
                self._address,
                alert(text["wrong"] if wrong and name in self._sent else ""),
                element("fieldset", element("legend", title, class_="sr"), *lines, class_="radios"),
                element("p", button(text["save"], "change", "btn small")),
                carries={"identifier": self._identifier},
            ),
        )

    def _lookups(self) -> Html:
        text = self._text
        rows = [
            element(
                "tr",
                element("td", each["asked_by"]),
                element("td", each["agency"]),
                element("td", _date(each["at"], "%d.%m.%Y %H:%M"), class_="r"),
            )
            for each in reversed(self._register.register_lookups(self._identifier))
        ]
        heads = (element("th", text[name], scope="col") for name in ("who", "saw", "when"))
        table = element(
            "table",
            element("thead", element("tr", *heads)),
            element("tbody", *rows),
            class_="grid-t looks",
        )
        return element(
            "section",
            element("h2", text["looks"], id="looks"),
            element("p", text["looksText"], class_="hint"),
            table if rows else element("p", text["nobody"]),
            aria_labelledby="looks",
        )

    def _section(self, name: str, title: str, *inside: str) -> Html:
        head = element("h2", title, id=f"{name}-title")
        return element("section", head, *inside, aria_labelledby=f"{name}-title")

    @property
    def _address(self) -> str:
        return f"{PATH}?lang={self._language}"

    def _page(self, title: str, lead: str, *inside: Html) -> View:
        text = self._text
        body = page(
            PATH,
            self._language,
            text["name"],
            text,
            element("h1", title),
            element("p", lead, class_="lead"),
            *inside,
        )
        return View(f"{title} · {text['name']}", body)


def _date(moment: str, shape: str = "%d.%m.%Y") -> str:
    """The moment in Norwegian time, as figures."""
    return datetime.fromisoformat(moment).astimezone(_OSLO).strftime(shape)
