"""cancel_sm and replace_sm of a message that another node runs: that node is asked, and answers.

A request is a letter in a commit of its own. Whoever reads it does what is asked as if the ESME were bound
there, and its answer leaves in the very commit that makes the change, which also takes the letter away: an
answer of ESME_ROK is committed, and whoever takes over from a node that died meanwhile finds the letter. One
that is not answered in time is taken back, and refused. Either commit takes the letter, never both: the
change is not kept when the letter is gone, and the request is not refused when it was not there to be taken
back, but waits for the answer that is on its way.

What waits for its recipient is the owner's, which a letter finds also when it has moved. What is scheduled
or held is of who has accepted it: all are asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple, Protocol

from smsc import reasons
from smsc.delivery.message import ENROUTE, Message
from smsc.engine.binds.bindings import Bind
from smsc.engine.journal.commit import Commit
from smsc.engine.mo.answering import Answering, reason_of
from smsc.engine.port import Port
from smsc.protocol import constants as c
from smsc.protocol.pdu import codec
from smsc.protocol.sessions.events import Request
from smsc.protocol.sessions.limits import SessionLimits
from smsc.protocol.sessions.session import Session
from smsc.routing.accounts import Accounts, handset
from smsc.store.shared import MAIL, UNLESS_GONE, Letter, Shared

ASKED: Final = "asked"
"""To a node: {"by": [node, place of its letter], "hops", "pdu", "version", "account", "number"}"""
ANSWERED: Final = "answered"
"""To who has asked: {"to": place of its letter, "reason": 0 or why not, "detail"}"""
PATIENCE: Final = 5.0  # seconds
_HOPS: Final = 4  # how often a letter goes on because the recipient has moved
_NOT_HERE: Final = -1  # instead of a reason: who answers does not run the message
_REFUSED: Final = {c.CANCEL_SM: reasons.CANCEL_FAILED, c.REPLACE_SM: reasons.REPLACE_FAILED}
_SILENT: Final = "Node {nodes} does not answer, and runs what waits for that recipient: ask again."
_GONE: Final = "The message is kept by a node that is not there, or it is on its way: ask again."


@dataclass(slots=True)
class Asked(Request):
    """A request that another node's ESME has made."""

    letter: Letter


class Reply(NamedTuple):
    """What a node has answered; without a ``reason`` it has done it."""

    reason: int
    detail: str


Done = Callable[[list[Reply], BaseException | None], None]
Handler = Callable[[Bind, Request, codec.Pdu], None]


class Question:
    """A request that is asked of some nodes: ``open`` are those that have not answered, by place."""

    __slots__ = ("done", "number", "open", "replies")

    def __init__(self, done: Done) -> None:
        self.done = done
        self.number = 0  # of the commit that brought it
        self.open: dict[int, str] = {}
        self.replies: list[Reply] = []


class Others(Protocol):
    """What is known of the nodes."""

    me: str
    shared: Shared

    @property
    def commit(self) -> Commit:
        """What becomes true together."""

    @property
    def port(self) -> Port:
        """Who calls later."""

    def next_place(self) -> int:
        """The place of a letter."""

    def alive(self) -> list[str]:
        """The nodes whose lease runs."""

    def owner(self, key: int) -> str:
        """Which node runs a recipient's queue."""

    def node_of(self, message: Message) -> str | None:
        """Which other node runs a message that waits."""


class Asking:
    """Asks, and has those answered who are asked."""

    def __init__(self, nodes: Others) -> None:
        self.nodes = nodes
        self._open: dict[int, Question] = {}
        self._asked: list[Letter] = []
        self._handlers: dict[int, Handler] = {}
        self._accounts: Accounts | None = None
        self._answers: AnswersByMail | None = None

    def begin(self, answers: AnswersByMail, accounts: Accounts, handlers: dict[int, Handler]) -> None:
        """``handlers`` do what others ask, by command_id, and answer with ``answers``."""
        self._answers = answers
        self._accounts = accounts
        self._handlers = handlers

    # --- asking ---------------------------------------------------------------------------------

    def is_elsewhere(self, message: Message) -> bool:
        """Whether another node runs the message, and alone may change it."""
        return self.nodes.node_of(message) is not None

    def others(self, request: Request, key: int) -> list[str]:
        """Who may have something that is scheduled, held, or waits for a recipient key; nobody for who is
        asked itself."""
        if isinstance(request, Asked):
            return []
        return sorted({*self.nodes.alive(), self.nodes.owner(key)} - {self.nodes.me})

    def pass_on(self, answering: Answering, bind: Bind, request: Request, message: Message) -> None:
        """Have who runs a message do what is asked, and answer with what became of it."""
        node = self.nodes.node_of(message)
        assert node is not None
        if isinstance(request, Asked):
            self._forward(answering, bind, request, node if message.state == ENROUTE else "")
            return
        asked = [node] if message.state == ENROUTE else self.others(request, message.recipient)

        def done(replies: list[Reply], error: BaseException | None) -> None:
            if error is not None:
                answering.refuse(bind, request, reason_of(error))
            elif any(reply.reason == 0 for reply in replies):
                answering.respond(bind, request)
            else:
                answering.refuse(bind, request, *refusal(replies, request, _GONE))

        self.ask(answering, bind, request, asked, done)

    def ask(
        self, answering: Answering, bind: Bind, request: Request, nodes: Sequence[str], done: Done
    ) -> None:
        """``done`` gets what each has answered, or why they could not be asked."""

        def guarded(replies: list[Reply], error: BaseException | None) -> None:
            answering.guarded(bind, request, lambda: done(replies, error))
            answering.mark(bind)

        version = bind.session.version
        about = {
            "pdu": codec.encode_pdu(request.pdu, version).hex(),
            "version": version,
            "account": bind.account.index,
            "number": bind.number,
        }
        question = Question(guarded)
        for node in nodes:
            place = self.nodes.next_place()
            question.open[place] = node
            self._open[place] = question
            body = json.dumps({"by": [self.nodes.me, place], "hops": 0, **about})
            self.nodes.commit.ask(MAIL, place, (place, node, ASKED, body))
        self.nodes.commit.when_committed(partial(self._sent, question))

    def _sent(self, question: Question, error: BaseException | None) -> None:
        if error is not None:
            self._close(question)
            question.done([], error)
        elif not question.open:
            question.done([], None)
        else:
            question.number = self.nodes.shared.number_of(next(iter(question.open)))
            self.nodes.port.call_later(PATIENCE, partial(self._overdue, question))

    def _overdue(self, question: Question) -> None:
        """Whoever has not answered is not to do it any more: the letters are taken back."""
        commit = self.nodes.commit
        if question.open:
            for place in question.open:
                commit.ask(MAIL, (self.nodes.me, question.number, place), None)
            commit.when_committed(partial(self._given_up, question))
            self.nodes.port.answered()

    def _given_up(self, question: Question, error: BaseException | None) -> None:
        """A letter that is taken back is carried out by nobody; the answer to one that was gone is coming."""
        if error is not None:  # they may be carried out yet
            self.nodes.port.call_later(PATIENCE, partial(self._overdue, question))
            return
        was_gone = self.nodes.shared.was_gone
        back = [one for one in question.open if not was_gone((self.nodes.me, question.number, one))]
        if back:
            silent = _SILENT.format(nodes=", ".join(sorted(question.open[one] for one in back)))
            question.replies.append(Reply(reasons.CANCEL_FAILED, silent))
            for place in back:
                del self._open[place], question.open[place]
            if not question.open:
                question.done(question.replies, None)

    def _close(self, question: Question) -> None:
        for place in question.open:
            del self._open[place]
        question.open.clear()

    def answered(self, letter: Letter) -> None:
        """What a node has answered."""
        body = letter.body
        question = self._open.pop(body["to"], None)
        if question is not None:
            del question.open[body["to"]]
            question.replies.append(Reply(body["reason"], body["detail"]))
            if not question.open:
                question.done(question.replies, None)

    # --- being asked ----------------------------------------------------------------------------

    def asked(self, letter: Letter) -> None:
        """It is dealt with once what has come before it is counted."""
        self._asked.append(letter)

    def answer_all(self) -> None:
        """Do what has been asked."""
        letters, self._asked = self._asked, []
        for letter in letters:
            self._answer(letter)

    def _answer(self, letter: Letter) -> None:
        body = letter.body
        assert self._accounts is not None
        assert self._answers is not None
        number = body["number"]
        account = self._accounts.by_index(body["account"]) if body["account"] else handset(number, "")
        pdu = codec.decode_pdu(bytes.fromhex(body["pdu"]), body["version"])
        request = Asked(pdu, letter)
        if account is None:
            self._answers.tell(request, _NOT_HERE, "")
            return
        session = Session(SessionLimits(), 0.0)
        session.version = body["version"]
        bind = Bind(0, session, account, number)
        handler = self._handlers[pdu.command_id]
        self._answers.guarded(bind, request, lambda: handler(bind, request, pdu))

    def _forward(self, answering: Answering, bind: Bind, request: Asked, node: str) -> None:
        """It has moved; or it is kept, and not here."""
        body = request.letter.body
        if not node or body["hops"] >= _HOPS:
            answering.refuse(bind, request, _NOT_HERE)
            return
        place = self.nodes.next_place()
        letter = (place, node, ASKED, json.dumps({**body, "hops": body["hops"] + 1}))
        self.nodes.commit.change(MAIL, place, letter)
        self.nodes.commit.change(MAIL, request.letter[:3], None)


class AnswersByMail(Answering):
    """Answers those who are bound at another node."""

    def __init__(self, answering: Answering, next_place: Callable[[], int]) -> None:
        super().__init__(answering.commit, answering.wire, answering.refusals)
        self._next_place = next_place

    def mark(self, bind: Bind) -> None:
        """Nothing is written here."""

    def refuse(
        self, bind: Bind, request: Request, reason: int, detail: str = "", destination: str = ""
    ) -> None:
        """Who has asked counts and tells it."""
        self.tell(request, reason, detail)

    def respond(self, bind: Bind, request: Request, fields: dict[str, Any] | None = None) -> None:
        self.tell(request, 0, "")

    def respond_when_safe(self, bind: Bind, request: Request, fields: dict[str, Any] | None = None) -> None:
        """The answer is in the commit itself."""
        self.tell(request, 0, "", if_kept=True)

        def committed(error: BaseException | None) -> None:
            if error is not None:
                self.refuse(bind, request, reason_of(error))

        self.commit.when_committed(committed)

    def tell(self, request: Request, reason: int, detail: str, *, if_kept: bool = False) -> None:
        """Put an answer into the next commit; ``if_kept`` not into one after it, should that one fail."""
        assert isinstance(request, Asked)
        by, to = request.letter.body["by"]
        place = self._next_place()
        body = json.dumps({"to": to, "reason": reason, "detail": detail})
        put = self.commit.ask if if_kept else self.commit.change
        put(MAIL, place, (place, by, ANSWERED, body))
        put(MAIL, (*request.letter[:3], UNLESS_GONE) if if_kept else request.letter[:3], None)


def refusal(replies: Sequence[Reply], request: Request, otherwise: str) -> tuple[int, str]:
    """Reason and detail of a request that nobody has carried out; ``otherwise`` when nobody says more."""
    usual = _REFUSED[request.pdu.command_id]
    said = [reply for reply in replies if 0 <= reply.reason < len(reasons.REASONS)]
    reason, detail = next((reply for reply in said if reply.detail != otherwise), (usual, otherwise))
    return (usual if reason in _REFUSED.values() else reason), detail
