"""The server's log on stderr: one line an event, numbers masked, nothing a stranger sent obeyed."""

import logging
import re
import sys

from smsc.routing.plan_data import pattern

# An MSISDN or a national mobile or M2M number, in any dialling form; ids, ports and sizes have other forms.
# And what was given as an address, whatever it is: a fixed line, a foreign number, none at all.
_NUMBER = re.compile(
    rf"(?<![\d.])(?:\+|00)?(?:47)?(?:{pattern('mobile', 'm2m_iot_8', 'm2m_iot')})(?!\d|\.\d)"
    r"|(?:(?<=_addr ')|(?<=source=)|(?<=destination=))\+?[\d ]{7,}(?='|\s|$)",
    re.ASCII,
)
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def set_up(level: str, *, show_numbers: bool) -> None:
    """Send what the server logs to stderr from `level` on, and what its libraries log from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter(show_numbers=show_numbers))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("smsc").setLevel(level.upper())


class Formatter(logging.Formatter):
    """Masks numbers, also in tracebacks; control characters and line breaks in a message are shown."""

    def __init__(self, *, show_numbers: bool) -> None:
        super().__init__(_FORMAT)
        self._show_numbers = show_numbers

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        record.message = visible(record.message)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        return text if self._show_numbers else _NUMBER.sub(_masked, text)


def visible(text: str) -> str:
    """A stranger's text for a log or a terminal: control characters and line breaks are shown, not obeyed."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _masked(number: re.Match[str]) -> str:
    digits = number[0]
    return "*" * (len(digits) - 2) + digits[-2:]
