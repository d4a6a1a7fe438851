"""The configuration: read, checked and explained before any port opens."""

from smsc.config.base import handset_key, national_digits, number_key
from smsc.config.loading import DEMO, EXAMPLE, ConfigError, load_settings
from smsc.config.settings import Settings
from smsc.durations import parse_duration
from smsc.moments import milliseconds

__all__ = [
    "DEMO",
    "EXAMPLE",
    "ConfigError",
    "Settings",
    "handset_key",
    "load_settings",
    "milliseconds",
    "national_digits",
    "number_key",
    "parse_duration",
]
