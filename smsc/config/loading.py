"""Reads the configuration from its sources in their order of precedence, and explains what is wrong with it.

flags > environment (`SMSC_SMPP__PORT`) > TOML file > defaults."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource, SettingsError

from smsc.api.exposure import is_loopback
from smsc.config.locate import find_line
from smsc.config.settings import Loc, Problem, Settings, cross_check, suggest

DEMO = Path(__file__).resolve().parent.parent / "demo.toml"
EXAMPLE = DEMO.with_name("example.toml")

_PREFIX = "SMSC_"
#: Variables that are not keys of the configuration: the build's, and the command line's.
_OTHER_VARIABLES = {"SMSC_CYTHON", "SMSC_ANNOTATE", "SMSC_BUILD_DIR", "SMSC_CONFIG"}
_SECRET = re.compile(r"password|token|tls_key|identifier|contacts\.persons$")
_EXPECTED = {
    "missing": "a value: this key is required",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "a text in quotes",
    "path_type": "a path in quotes",
    "tuple_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "literal_error": "one of {expected}",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least {min_length} elements",
    "too_long": "at most {max_length} elements",
    "string_pattern_mismatch": "a text of the form {pattern}",
    "datetime_from_date_parsing": 'a moment such as "2026-01-01T12:00:00Z"',
    "datetime_parsing": 'a moment such as "2026-01-01T12:00:00Z"',
    "datetime_type": 'a moment such as "2026-01-01T12:00:00Z"',
    "date_from_datetime_parsing": "a date such as 2026-01-01",
    "date_type": "a date such as 2026-01-01",
}


class ConfigError(Exception):
    """The configuration cannot be used; `str()` names every problem with its place, value and expectation."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _File(NamedTuple):
    name: str
    text: str
    data: dict[str, Any]


class _Sources(NamedTuple):
    """The three layers above the defaults, kept apart so that an error can be traced to one of them."""

    flags: dict[str, Any]
    environment: dict[str, Any]
    file: _File
    given_as: str

    def merged(self) -> dict[str, Any]:
        return _merge(_merge(self.file.data, self.environment), self.flags)

    def place(self, loc: Loc) -> str:
        """Where the value at `loc` was set: a flag, a variable or a line of the file."""
        path = _dotted(loc)
        if _holds(self.flags, loc):
            return f"option {_flag(loc)}: {path}" if self.given_as == "option" else f"{self.given_as} {path}"
        if _holds(self.environment, loc):
            return f"environment variable {_variable(loc)}: {path}"
        line = find_line(self.file.text, loc)
        return f"{self.file.name}:{line}: {path}" if line else f"{self.file.name}: {path}"


def load_settings(
    path: Path | None = None, flags: Mapping[str, Any] | None = None, *, given_as: str = "option"
) -> Settings:
    """The settings from `path` (None: the demo world), the environment and `flags` (nested like the file).

    `given_as` is what an error calls a flag. Raises ConfigError. Opens no port and changes nothing."""
    sources = _Sources(dict(flags or {}), _environment(), _read(path or DEMO), given_as)
    try:
        settings = Settings.model_validate(sources.merged())
    except ValidationError as error:
        raise ConfigError([_explain(details, sources) for details in error.errors()]) from None
    problems = [*cross_check(settings), *_check_surroundings(settings)]
    if problems:
        raise ConfigError([_sentence(problem, sources) for problem in problems])
    return settings


def _read(path: Path) -> _File:
    name = "demo.toml" if path == DEMO else str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")  # editors on Windows write a byte order mark
        return _File(name, text, tomllib.loads(text))
    except OSError as error:
        raise ConfigError([f"{name}: cannot be read: {error.strerror}; expected a TOML file"]) from None
    except UnicodeDecodeError as error:
        raise ConfigError(
            [f"{name}: byte {error.start} is not UTF-8; expected a TOML file in UTF-8"]
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_toml_problem(name, str(error))]) from None


def _toml_problem(name: str, message: str) -> str:
    at = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    if at is None:
        return f"{name}: not TOML: {message}"
    return f"{name}:{at[1]}: column {at[2]}: not TOML: {message[: at.start()]}"


def _environment() -> dict[str, Any]:
    unknown = [
        name for name in os.environ if name.upper().startswith(_PREFIX) and not _is_known(name.upper())
    ]
    if unknown:
        raise ConfigError([_unknown_variable(name) for name in sorted(unknown)])
    try:
        # _env_file is not read: a .env in the working directory must not change a server by accident.
        return EnvSettingsSource(Settings, env_prefix=_PREFIX, env_nested_delimiter="__")()
    except SettingsError as error:
        key = re.search(r'"([^"]+)"', str(error))
        name = _PREFIX + key[1].upper() if key else _PREFIX
        raise ConfigError(
            [f"environment variable {name}: expected JSON, because the key is a list or a table"]
        ) from None


def _is_known(variable: str) -> bool:
    if variable in _OTHER_VARIABLES:
        return True
    return _model_at(tuple(variable.removeprefix(_PREFIX).lower().split("__"))) is not None


def _unknown_variable(name: str) -> str:
    parts = name.upper().removeprefix(_PREFIX).lower().split("__")
    known = [f"{_PREFIX}{'__'.join([*parts[:-1], key])}".upper() for key in _known_keys(tuple(parts[:-1]))]
    return f"environment variable {name}: no such key; expected {suggest(name.upper(), known)}"


def _explain(details: ErrorDetails, sources: _Sources) -> str:
    loc = _clean(details["loc"], sources.merged())
    kind = details["type"]
    if kind == "extra_forbidden":
        expected = f"no such key; expected {suggest(str(loc[-1]), _known_keys(loc[:-1]))}"
        return f"{sources.place(loc)}: {expected}"
    context = details.get("ctx", {})
    if kind == "value_error":
        expected = str(context["error"])
    else:
        expected = _EXPECTED.get(kind, details["msg"]).format(**context)
    if kind == "missing":
        return f"{sources.place(loc)}: expected {expected}"
    return _sentence(Problem(loc, details["input"], expected), sources)


def _clean(loc: Loc, data: object) -> Loc:
    """The location without pydantic's own steps, such as the kind of a union."""
    cleaned: list[str | int] = []
    for step in loc:
        try:
            data = data[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            if step != loc[-1]:
                continue
        cleaned.append(step)
    return tuple(cleaned)


def _sentence(problem: Problem, sources: _Sources) -> str:
    if problem.given is None:
        return f"{_dotted(problem.loc)}: not set, expected {problem.expected}"
    return f"{sources.place(problem.loc)}: got {_shown(problem)}, expected {problem.expected}"


def _shown(problem: Problem) -> str:
    if _SECRET.search(_dotted(problem.loc)):
        return "a value that is not shown"
    if isinstance(problem.given, (dict, BaseModel)):
        return "this table"
    text = repr(problem.given) if isinstance(problem.given, str) else str(problem.given)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _check_surroundings(settings: Settings) -> list[Problem]:
    """What the machine must offer: files that exist, and a token where strangers can reach the API."""
    problems = []
    for key in ("tls_cert", "tls_key", "tls_client_ca"):
        path = getattr(settings.smpp, key)
        if path is not None and not path.is_file():
            problems.append(Problem(("smpp", key), str(path), "a file that exists"))
    token = settings.http.token
    if not (token and token.get_secret_value()) and not is_loopback(settings.host):
        expected = (
            f"a bearer token in {_variable(('http', 'token'))} or the file, "
            f"because host {settings.host} can be reached from other machines"
        )
        problems.append(Problem(("http", "token"), token, expected))
    return problems


def _merge(lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    """Tables merge key by key, everything else is replaced."""
    merged = dict(lower)
    for key, value in upper.items():
        below = merged.get(key)
        merged[key] = _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _holds(data: object, loc: Loc) -> bool:
    for step in loc:
        if isinstance(data, dict) and step in data:
            data = data[step]
        else:
            # Lists come from one source as a whole.
            return isinstance(data, (list, tuple))
    return True


def _model_at(path: tuple[str | int, ...]) -> object | None:
    """The annotation of the key at `path`, None when there is no such key."""
    annotation: Any = Settings
    for step in path:
        if isinstance(step, int):
            annotation = next(iter(get_args(annotation)), None)
            continue
        model = _model_of(annotation)
        fields = {} if model is None else _fields(model)
        if step not in fields:
            return None
        annotation = fields[step]
    return annotation  # type: ignore[no-any-return]


def _model_of(annotation: Any) -> type[BaseModel] | None:
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _known_keys(path: Loc) -> list[str]:
    model = _model_of(_model_at(path))
    return [] if model is None else sorted(_fields(model))


def _dotted(loc: Loc) -> str:
    """("zones", 1, "loss") -> "zones[1].loss"."""
    text = ""
    for step in loc:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text or "the whole configuration"


def _variable(loc: Loc) -> str:
    """The variable that set the value: the longest one whose name is a beginning of the path."""
    names = [str(step).upper() for step in loc if isinstance(step, str)]
    candidates = [_PREFIX + "__".join(names[:end]) for end in range(len(names), 0, -1)]
    set_here = {name.upper() for name in os.environ}
    return next((name for name in candidates if name in set_here), candidates[0])


def _flag(loc: Loc) -> str:
    named = {"store.url": "--store", "clock.mode": "--clock"}
    return named.get(_dotted(loc), "--" + "-".join(str(step) for step in loc).replace("_", "-"))
