"""What an engine may offer of sessions, ESMEs and nodes."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from smsc.api.facade.documents import Body, Document


@runtime_checkable
class Tracing(Protocol):
    """Offered by a control that keeps what goes over its sessions."""

    def session_pdus(self, session_id: int, limit: int) -> Document:
        """The last PDUs of a session, decoded; 404."""

    def trace_session(self, session_id: int) -> Document:
        """Keep a session's PDUs from now on; 404."""


@runtime_checkable
class Dialling(Protocol):
    """Offered by a control that can call ESMEs."""

    def outbinds(self) -> Sequence[Document]:
        """All ESMEs that are or were dialled."""

    def outbind(self, outbind_id: int) -> Document:
        """One of them; 404."""

    def dial(self, body: Body) -> Document:
        """Dial an ESME and say outbind; 409, 422."""

    def end_outbind(self, outbind_id: int) -> None:
        """Dial it no more; 404."""


@runtime_checkable
class Esmes(Protocol):
    """Offered by a control whose ESMEs can be changed."""

    def esmes(self) -> Sequence[Document]:
        """All ESMEs, without their passwords."""

    def esme(self, system_id: str) -> Document:
        """One of them; 404."""

    def put_esme(self, system_id: str, body: Body) -> Document:
        """Make or replace it; 422."""

    def delete_esme(self, system_id: str) -> None:
        """Remove it; 404, 409 while something else of the configuration names it."""


@runtime_checkable
class Sharing(Protocol):
    """Offered by a control that may be one of several on a store."""

    def nodes(self) -> Sequence[Document]:
        """All nodes by name; none for a server that is alone."""
