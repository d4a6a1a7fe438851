"""Message ids as the responses to one bind carry them."""

from __future__ import annotations

from smsc.engine.binds.bindings import Bind
from smsc.protocol.constants import V34
from smsc.routing.id_form import ids_of


def shown_id(bind: Bind, ident: int) -> str:
    """A message id as a response to this bind carries it."""
    text = ids_of(bind.account).show(ident).decode("ascii")
    return text[-8:] if bind.session.version < V34 else text  # leading zeros are all that can go [3.3]
