"""Makes settings of the layers of a configuration, and explains what is wrong with them."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource, SettingsError

from smsc.config.layers import DEMO, EXAMPLE, PREFIX, ConfigError, Flags, Layers, dotted, variable
from smsc.config.settings import Loc, Problem, Settings, cross_check, suggest
from smsc.config.wording import clean_loc, expected_of, no_such_key
from smsc.exposure import is_loopback
from smsc.store.urls import has_password

__all__ = ["DEMO", "EXAMPLE", "ConfigError", "load_settings"]

#: Variables that are not keys of the configuration: the build's, and the command line's.
_OTHER_VARIABLES = {
    *("SMSC_CONFIG", "SMSC_CYTHON", "SMSC_ANNOTATE", "SMSC_BUILD_DIR"),
    *("SMSC_LOOP", "SMSC_EXAMPLES", "SMSC_FUZZ_SECONDS"),  # of the test suite
}
_SECRET = re.compile(r"password|token|tls_key|identifier|contacts\.persons$")


def load_settings(
    path: Path | None = None,
    flags: Mapping[str, Any] | None = None,
    *,
    given_as: str = "option",
    extends: str | None = None,
    check: Callable[[Settings], Iterable[Problem]] | None = None,
) -> Settings:
    """The settings from `path` (None: the demo world), the environment and `flags` (nested like the file).

    `given_as` is what an error calls a flag; `extends` is what a file that does not say lies over: "demo",
    "none" (when None) or the path of a file; `check` looks for what this package cannot know. Raises
    ConfigError. Opens no port and changes nothing."""
    layers = Layers(path, _environment(), Flags(dict(flags or {}), given_as), extends)
    try:
        settings = Settings.model_validate({"extends": layers.extends, **layers.merged})
    except ValidationError as error:
        raise ConfigError([_explain(details, layers) for details in error.errors()]) from None
    problems = [*cross_check(settings), *_check_surroundings(settings)]
    if check is not None and not problems:
        problems += check(settings)
    if problems:
        raise ConfigError([_sentence(problem, layers) for problem in problems])
    return settings


def _environment() -> dict[str, Any]:
    unknown = [name for name in os.environ if name.upper().startswith(PREFIX) and not _is_known(name.upper())]
    if unknown:
        raise ConfigError([_unknown_variable(name) for name in sorted(unknown)])
    try:
        # _env_file is not read: a .env in the working directory must not change a server by accident.
        return EnvSettingsSource(Settings, env_prefix=PREFIX, env_nested_delimiter="__")()
    except SettingsError as error:
        key = re.search(r'"([^"]+)"', str(error))
        name = PREFIX + key[1].upper() if key else PREFIX
        raise ConfigError([_not_json(name)]) from None


def _is_known(variable: str) -> bool:
    if variable in _OTHER_VARIABLES:
        return True
    return _model_at(tuple(variable.removeprefix(PREFIX).lower().split("__"))) is not None


def _unknown_variable(name: str) -> str:
    parts = name.upper().removeprefix(PREFIX).lower().split("__")
    same = [one for one in _variables() if one.replace("__", "_") == name.upper().replace("__", "_")]
    known = [f"{PREFIX}{'__'.join([*parts[:-1], key])}".upper() for key in _known_keys(tuple(parts[:-1]))]
    expected = f"{same[0]}? (two underscores between table and key)" if same else suggest(name.upper(), known)
    return f"environment variable {name}: no such key; expected {expected}"


def _variables() -> Iterator[str]:
    """The variable of every key of a table."""
    for table in _known_keys(()):
        for key in _known_keys((table,)):
            yield f"{PREFIX}{table}__{key}".upper()


def _not_json(name: str) -> str:
    """A table or a list was given as plain text: one key of it was meant, most likely."""
    keys = [one for one in _variables() if one.startswith(f"{name}__")]
    meant = f", or a single key such as {', '.join(keys[:3])}" if keys else ""
    return f"environment variable {name}: expected JSON, because the key is a list or a table{meant}"


def _explain(details: ErrorDetails, layers: Layers) -> str:
    loc = clean_loc(details["loc"], layers.merged)
    if details["type"] == "extra_forbidden":
        return f"{layers.place(loc)}: {no_such_key(str(loc[-1]), _known_keys(loc[:-1]))}"
    if details["type"] == "missing":
        return f"{layers.place(loc)}: expected {expected_of(details)}"
    return _sentence(Problem(loc, details["input"], expected_of(details)), layers)


def _sentence(problem: Problem, layers: Layers) -> str:
    if problem.given is None:
        return f"{dotted(problem.loc)}: not set, expected {problem.expected}"
    return f"{layers.place(problem.loc)}: got {_shown(problem)}, expected {problem.expected}"


def _shown(problem: Problem) -> str:
    if _SECRET.search(dotted(problem.loc)) or (
        isinstance(problem.given, str) and has_password(problem.given)
    ):
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
            f"a bearer token in {variable(('http', 'token'))} or the file, "
            f"because host {settings.host} can be reached from other machines"
        )
        problems.append(Problem(("http", "token"), token, expected))
    return problems


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
