"""`/sentral/112` without script: the desk of an emergency centre as forms, which carry the desk's token."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from smsc.api.facade.documents import Document
from smsc.api.facade.services import DeskRoom
from smsc.api.forms.markup import Html, View, alert, button, element, field, form, page
from smsc.api.problems import as_refusal

_OSLO: Final = ZoneInfo("Europe/Oslo")
#: What a button of a dialogue does -> the word on it.
ACTIONS: Final = {"take": "take", "release": "release", "close": "close", "open": "reopen"}


class Sentral:
    """One step at one desk: `sent` is the form, `text` the words of the page in `language`."""

    def __init__(
        self, room: DeskRoom, centre: str, language: str, text: dict[str, Any], sent: Mapping[str, str]
    ) -> None:
        self._desks = room.desks
        self._centre = centre
        self._language = language
        self._text = text
        self._sent = sent
        self._token = sent.get("token", "")
        self._number = sent.get("number", "")
        self._status = 200

    async def view(self) -> View:
        """What was sent is done; the page says how it is now, or what was wrong."""
        does = self._sent.get("do", "")
        if not does:
            return self._login()
        try:
            if does == "log-in":
                entered = await self._desks.log_in(self._centre, self._sent.get("password", ""))
                self._token = entered["token"]
            elif does == "log-out":
                await self._desks.log_out(self._token)
                return self._login()
        except Exception as error:
            return self._login(self._text["wrong"] if does == "log-in" else "", _refused(error))
        wrong = await self._done(does)
        try:
            told = await self._desks.dialogues(self._token)
        except Exception as error:
            return self._login(self._text["gone"], _refused(error))
        return self._work(told, wrong)

    async def _done(self, does: str) -> str:
        """Act on the dialogue, or answer; what was wrong."""
        answer = self._sent.get("answer", "").strip()
        try:
            if does in ACTIONS:
                await self._desks.act(self._token, self._number, does)
            elif does == "answer" and answer:
                await self._desks.answer(self._token, self._number, answer)
        except Exception as error:
            self._status = _refused(error)
            detail = str(getattr(error, "detail", ""))
            return f"{self._text['notSent']} {detail}" if does == "answer" else detail
        return ""

    def _login(self, error: str = "", status: int = 200) -> View:
        text = self._text
        shown = form(
            self._address,
            field(
                "password",
                text["password"],
                "",
                error,
                text["passwordHint"],
                type="password",
                autocomplete="current-password",
            ),
            element("p", button(text["enter"], "log-in", "btn go")),
        )
        return self._page(text["login"], shown)._replace(status=status)

    def _work(self, told: Document, wrong: str) -> View:
        text = self._text
        open_ones = [each for each in told["dialogues"] if not each["closed"]]
        closed = [each for each in told["dialogues"] if each["closed"]]
        chosen = next((each for each in told["dialogues"] if each["number"] == self._number), None)
        who = self._filled("desk", number=told["desk"], system=told["system_id"])
        view = self._page(
            text["dialogues"],
            element("p", who, class_="dim"),
            self._form("", button(text["refresh"], "look"), button(text["logout"], "log-out")),
            *([] if chosen is None else [self._dialogue(chosen, told, wrong)]),
            self._list("open", open_ones, told["desk"]),
            *([self._list("closed", closed, told["desk"])] if closed else []),
        )
        fresh = sum(each["desk"] is None for each in open_ones)
        return view._replace(title=f"({fresh}) {view.title}" if fresh else view.title, status=self._status)

    def _list(self, which: str, dialogues: list[Document], desk: int) -> Html:
        text = self._text
        rows = [
            element(
                "li",
                element("b", _short(each["number"]), class_="num"),
                f" {each['entries'][-1]['text']} ",
                element("span", self._standing(each, desk), class_="dim"),
                self._form(each["number"], button(text["show"], "look", "btn small")),
            )
            for each in dialogues
        ]
        return element(
            "section",
            element("h2", f"{text[which]} {len(rows)}", id=which),
            element("ul", *rows) if rows else element("p", text["none"]),
            aria_labelledby=which,
        )

    def _standing(self, dialogue: Document, desk: int) -> str:
        text, last = self._text, dialogue["entries"][-1]
        if dialogue["desk"] is None:
            return f"{text['fresh']}, {text['notTaken']}"
        whose = text["yours"] if dialogue["desk"] == desk else self._filled("takenBy", n=dialogue["desk"])
        if last["from"] == "user":
            return f"{text['waits']}, {whose}"
        return f"{text['delivered' if last.get('stage') == 'delivered' else 'pending']}, {whose}"

    def _dialogue(self, dialogue: Document, told: Document, wrong: str) -> Html:
        text, number = self._text, dialogue["number"]
        mine, taken = dialogue["desk"] == told["desk"], dialogue["desk"] not in (None, told["desk"])
        entries = (
            element("li", element("b", f"{_time(each['at'])} {self._said(each)}: "), each["text"])
            for each in dialogue["entries"]
        )
        offered = ["open"] if dialogue["closed"] else [*(["release"] if mine else ["take"]), "close"]
        acts = (button(text[ACTIONS[each]], each, "btn small") for each in offered)
        answer = (
            element("label", text["answer"], class_="l", for_="answer"),
            alert(wrong, "answer-error"),
            element(
                "textarea",
                self._sent.get("answer", "") if wrong else "",
                id="answer",
                name="answer",
                rows="3",
                class_="field",
                aria_describedby="answer-error" if wrong else None,
            ),
            element("p", button(text["send"], "answer", "btn go")),
        )
        return element(
            "section",
            element("h2", self._filled("with", number=_short(number)), id="dialogue"),
            element("ol", *entries, role="log"),
            element("h3", text["position"]),
            element("p", self._position(dialogue["position"])),
            element("p", self._filled("has", n=dialogue["desk"])) if taken else "",
            alert(wrong) if taken else "",
            "" if taken else self._form(number, *answer),
            "" if taken else self._form(number, *acts),
            aria_labelledby="dialogue",
        )

    def _said(self, entry: Document) -> str:
        text = self._text
        if entry["from"] == "user":
            return str(text["received"])
        return str(text["delivered" if entry.get("stage") == "delivered" else "pending"])

    def _position(self, position: Document | None) -> str:
        text = self._text
        if not position:
            return str(text["noPosition"])
        place = f"{position['lat']:.4f} {position['lon']:.4f}".replace(".", ",")
        within = self._filled("within", m=round(position.get("accuracy_m") or 0))
        return f"{text['northEast']} {place}, {within}, {_time(position['at'])}, {position['source']}"

    def _filled(self, name: str, **values: object) -> str:
        text = str(self._text[name])
        for key, value in values.items():
            text = text.replace(f"{{{key}}}", str(value))
        return text

    def _form(self, number: str, *inside: Html) -> Html:
        return form(self._address, *inside, carries={"token": self._token, "number": number})

    @property
    def _address(self) -> str:
        return f"sentral/{self._centre}?lang={self._language}"

    def _page(self, title: str, *inside: Html) -> View:
        text = self._text
        name = f"{self._centre} {text['centres'][self._centre]}"
        path = f"sentral/{self._centre}"
        return View(
            f"{title} · {self._centre}",
            page(path, self._language, name, text, element("h1", title), *inside),
        )


def _refused(error: Exception) -> int:
    """The status of a refusal; what is none is raised on."""
    refusal = as_refusal(error)
    if refusal is None:
        raise error
    return refusal.status


def _short(number: str) -> str:
    return number[2:] if len(number) == len("4790000000") and number.startswith("47") else number


def _time(moment: str) -> str:
    """The moment in Norwegian time."""
    return datetime.fromisoformat(moment).astimezone(_OSLO).strftime("%H:%M:%S")
