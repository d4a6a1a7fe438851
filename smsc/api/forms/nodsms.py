"""`/nod-sms` without script: a number is registered, confirmed again or deleted, step by step."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from smsc.api.bodies.emergency import CodeBody, EmergencyStartBody
from smsc.api.facade.server import Server
from smsc.api.facade.services import EmergencySite
from smsc.api.forms.markup import Html, View, alert, button, element, field, form, items, joined, page
from smsc.api.problems import as_refusal

PATH: Final = "nod-sms"
ACTIONS: Final = ("register", "update", "delete")


class NodSms:
    """One step of one visitor: `sent` is the form, `text` the words of the page in `language`."""

    def __init__(
        self,
        server: Server,
        site: EmergencySite,
        language: str,
        text: dict[str, Any],
        sent: Mapping[str, str],
    ) -> None:
        self._server = server
        self._site = site
        self._language = language
        self._text = text
        self._number = sent.get("number", "")
        self._full = sent.get("full", "")
        self._terms = "terms" in sent
        self._transaction = sent.get("transaction", "")
        self._code = sent.get("code", "").strip()
        self._do = sent.get("do", "")
        self._action = next((each for each in (self._do, sent.get("action")) if each in ACTIONS), "register")

    async def view(self) -> View:
        """What was sent is done; the page says what comes next, or what was wrong."""
        if self._do == "look-up":
            return await self._tried(self._look_up, self._number_step)
        if self._do in ACTIONS:
            return await self._tried(self._begin, self._code_step if self._transaction else self._known_step)
        if self._do == "confirm":
            return await self._tried(self._confirm, self._code_step)
        return self._number_step()

    async def _tried(self, act: Callable[[], Awaitable[View]], step: Callable[[str, str], View]) -> View:
        """`act`, or the same `step` again with what was wrong."""
        errors: dict[str, str] = self._text["errors"]
        try:
            return await act()
        except ValidationError:
            view, status = step("other", errors["other"]), 422
        except Exception as error:
            refusal = as_refusal(error)
            if refusal is None:
                raise
            left = re.search(r"\d+", refusal.detail)
            said = errors.get(refusal.title, errors["other"]).replace("{left}", left[0] if left else "")
            view, status = step(refusal.title, said), refusal.status
        return view._replace(status=status)

    async def _look_up(self) -> View:
        number = EmergencyStartBody.model_validate({"number": self._number, "action": "register"}).number
        found = self._site.emergency_look_up(number)
        self._full = found["number"]
        return self._known_step() if found["registered"] else await self._begin()

    async def _begin(self) -> View:
        terms = {} if self._action == "delete" else {"terms": self._terms}
        body = EmergencyStartBody.model_validate({"number": self._number, "action": self._action, **terms})
        await self._server.writable()
        self._transaction = self._site.emergency_start(body.given())["transaction"]
        await self._server.committed()
        return self._code_step()

    async def _confirm(self) -> View:
        code = CodeBody.model_validate({"code": self._code}).code
        await self._server.writable()
        self._site.emergency_confirm(self._transaction, code)
        await self._server.committed()
        return self._done_step()

    def _number_step(self, title: str = "", error: str = "") -> View:
        text = self._text
        is_terms = title == "Terms not confirmed"
        terms_error = error if is_terms else ""
        box = element(
            "input",
            type="checkbox",
            name="terms",
            checked=self._terms and self._do == "look-up",
            aria_describedby="terms-error" if terms_error else None,
            aria_invalid="true" if terms_error else None,
        )
        shown = form(
            self._address,
            field(
                "number",
                text["number"],
                self._number,
                "" if is_terms else error,
                text["numberHint"],
                class_="field tel",
                type="tel",
                inputmode="tel",
                autocomplete="tel",
            ),
            element(
                "fieldset",
                element("legend", text["terms"]),
                items("ul", text["termList"], class_="plain hint"),
                alert(terms_error, "terms-error"),
                element("label", box, element("span", text["confirm"]), class_="check"),
                class_="terms",
            ),
            self._buttons(
                button(text["send"], "look-up", "btn go"), element("span", text["sendHint"], class_="hint")
            ),
        )
        questions = (
            element("details", element("summary", question), element("p", answer))
            for question, answer in text["questions"]
        )
        after = joined(element("h2", text["qa"]), element("div", *questions, class_="qa"))
        return self._page(text["title"], 0, text["lead"], shown, after)

    def _known_step(self, title: str = "", error: str = "") -> View:
        text = self._text
        shown = form(
            self._address,
            element("p", self._with_number(text["known"])),
            alert(error),
            items("ul", text["termList"], class_="plain hint"),
            self._buttons(
                button(text["update"], "update"),
                button(text["remove"], "delete", "btn danger"),
                button(text["back"], "", "btn bare"),
            ),
            element("p", text["newNumber"], class_="hint"),
            carries={"number": self._number, "full": self._full, "terms": "on"},
        )
        return self._page(text["title"], 0, text["lead"], shown)

    def _code_step(self, title: str = "", error: str = "") -> View:
        text = self._text
        shown = form(
            self._address,
            element("p", self._with_number(text["codeSent"]), class_="note"),
            field(
                "code",
                text["code"],
                "",
                error,
                text["codeHint"],
                class_="field code",
                inputmode="numeric",
                autocomplete="one-time-code",
                maxlength="6",
            ),
            self._buttons(
                button(text["codeButton"][self._action], "confirm", "btn go"),
                button(text["again"], self._action),
                button(text["back"], "", "btn bare"),
            ),
            element("p", text["noCode"], class_="hint"),
            carries={
                "number": self._number,
                "full": self._full,
                "action": self._action,
                "transaction": self._transaction,
                "terms": "on",
            },
        )
        return self._page(text["codeTitle"], 1, "", shown)

    def _done_step(self) -> View:
        text = self._text
        return self._page(
            text["done"][self._action],
            2,
            self._with_number(text["doneLead"][self._action]),
            element(
                "section",
                element("h2", text["how"]),
                items("ol", text["howList"], class_="how"),
                class_="form",
            ),
            element("p", text["newNumber"], class_="note"),
            element("p", element("a", text["another"], class_="btn", href=self._address)),
        )

    @property
    def _address(self) -> str:
        return f"{PATH}?lang={self._language}"

    def _with_number(self, text: str) -> str:
        return text.replace("{number}", (self._full or self._number).removeprefix("47"))

    def _buttons(self, *buttons: Html) -> Html:
        return element("div", *buttons, class_="form-do")

    def _page(self, title: str, at: int, lead: str, *inside: Html) -> View:
        text = self._text
        steps = (
            element(
                "li", word, class_="ok" if index < at else None, aria_current="step" if index == at else None
            )
            for index, word in enumerate(text["steps"])
        )
        calls = (
            element("li", element("b", number), element("span", text[who]))
            for number, who in (("110", "fire"), ("112", "police"), ("113", "medical"))
        )
        help_now = element(
            "div",
            element("p", element("strong", text["help"]), " ", text["helpText"]),
            element("ul", *calls, class_="calls", aria_label=text["calls"]),
            class_="wrap",
        )
        body = page(
            PATH,
            self._language,
            "Nød-SMS",
            text,
            element("h1", title),
            element("p", lead, class_="lead") if lead else "",
            element("ol", *steps, class_="steps", aria_label=text["stepsLabel"]),
            *inside,
            before=element("section", help_now, class_="help-now", aria_label=text["help"]),
        )
        return View(f"{title} · Nød-SMS", body)
