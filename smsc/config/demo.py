"""What of the demo world a configuration that stands alone does not have: said when it is served."""

from __future__ import annotations

from smsc.config.extending import Row, key_of
from smsc.config.layers import DEMO, File
from smsc.config.settings import Settings

_MOST = 5
_SHOWN = {
    "zones": "zones",
    "subscribers": "subscribers",
    "esmes": "ESMEs",
    "helplines": "helplines",
    "codes": "codes",
}


def missing_of_demo(settings: Settings) -> str:
    """One sentence, empty when nothing is missing or when the configuration extends something."""
    if settings.extends != "none":
        return ""
    demo, told = File(DEMO).data, []
    for table, shown in _SHOWN.items():
        own = {key_of(row.model_dump(), (table,)) for row in getattr(settings, table)}
        names = [_name(row) for row in demo[table] if key_of(row, (table,)) not in own]
        if names:
            more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
            told.append(f"{shown} {', '.join(names[:_MOST])}{more}")
    if not told:
        return ""
    told_all = "; ".join(told)
    return (
        f'it stands alone, without the demo world\'s {told_all}; extends = "demo" or --extend demo adds them'
    )


def _name(row: Row) -> str:
    keys = ("name", "system_id", "msisdn", "number", "code")
    return next((str(row[key]) for key in keys if key in row), f"{row.get('first')}-{row.get('last')}")
