"""One writer per recipient, as a constraint in the database itself: it notes each change of a waiting message
by a node that does not own its recipient, and refuses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.postgresql import Server

_GUARD = """
CREATE OR REPLACE FUNCTION guard_owner() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE writer text; owner text;
BEGIN
  SELECT node INTO writer FROM store_marks WHERE session = current_setting('application_name');
  SELECT coalesce((SELECT node FROM store_owners WHERE recipient = OLD.recipient),
                  (SELECT node FROM store_slots WHERE slot = abs(OLD.recipient) % 256)) INTO owner;
  IF writer IS DISTINCT FROM owner THEN
    RAISE EXCEPTION 'guard: % writes message % of recipient %, which % owns',
      writer, OLD.id, OLD.recipient, owner;
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER guard_owner BEFORE DELETE OR UPDATE ON messages
  FOR EACH ROW WHEN (OLD.state = 1) EXECUTE FUNCTION guard_owner();
"""


@contextmanager
def guarded(server: Server, database: str) -> Iterator[Callable[[], list[str]]]:
    """The constraint is in force; what it has refused so far."""
    log = server.root / "log"
    before = len(log.read_text(errors="replace"))
    server.query(database, _GUARD)

    def refusals() -> list[str]:
        return [line for line in log.read_text(errors="replace")[before:].splitlines() if "guard:" in line]

    yield refusals
