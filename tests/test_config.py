"""The configuration: every key documented, every mistake explained, nothing opened before it is right."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from smsc.config import (
    EXAMPLE,
    ConfigError,
    Settings,
    load_settings,
)
from smsc.config.settings import cross_check
from smsc.delivery import retry_schedule
from smsc.routing.plan_data import NumberingRules
from smsc.services.helplines import HelplineRules
from smsc.services.nod_sms.emergency import EmergencyRules
from smsc.services.nod_sms.registration import RegistrationRules
from smsc.services.short_codes.content import ContentRules

pytestmark = pytest.mark.usefixtures("no_variables")


def write(folder: Path, text: str) -> Path:
    path = folder / "smsc.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str, **flags: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_settings(write(folder, text), flags)
    return [problem.replace(str(folder) + "/", "") for problem in caught.value.problems]


# --- The annotated example ---


def example_with_every_key() -> dict[str, Any]:
    """The example with the keys that have no default value switched on."""
    text = EXAMPLE.read_text(encoding="utf-8")
    return tomllib.loads(re.sub(r"^#(?=[a-z_0-9]+ = )", "", text, flags=re.MULTILINE))


def keys_of_data(data: object, path: str = "") -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield f"{path}{key}"
            yield from keys_of_data(value, f"{path}{key}.")
    elif isinstance(data, list):
        for value in data:
            yield from keys_of_data(value, path)


def keys_of_model(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield f"{path}{name}"
        yield from keys_of_annotation(field.annotation, f"{path}{name}.")


def keys_of_annotation(annotation: Any, path: str) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from keys_of_model(annotation, path)
    else:
        for argument in get_args(annotation):
            yield from keys_of_annotation(argument, path)


def test_the_example_names_every_key_and_no_other() -> None:
    free = ("zones.geometry.", "zones.outages.", "outages.times.", "numbering.receive.", "numbering.send.")
    documented = {key for key in keys_of_data(example_with_every_key()) if not key.startswith(free)}
    assert documented == set(keys_of_model(Settings))


def test_the_example_loads_as_it_stands() -> None:
    assert load_settings(EXAMPLE).zones[1].name == "laerdal-tunnel"


def test_the_example_shows_the_defaults() -> None:
    lists = {"zones", "subscribers", "esmes", "helplines", "codes", "emergency", "lists", "default_messages"}
    lists |= {"operators", "contacts", "faults", "outbinds", "outages"}
    shown, default = load_settings(EXAMPLE), Settings()
    assert shown.model_dump(exclude=lists) == default.model_dump(exclude=lists)
    people = {"organisations", "tokens", "persons"}
    assert shown.contacts.model_dump(exclude=people) == default.contacts.model_dump(exclude=people)
    assert shown.emergency.model_dump(exclude={"centres"}) == default.emergency.model_dump(
        exclude={"centres"}
    )


def test_the_example_stays_valid_with_every_key_switched_on() -> None:
    data = example_with_every_key()
    data["emergency"]["centres"] = {"police": "psap112"}
    assert Settings.model_validate(data).clock.start is not None


def test_every_key_of_the_example_is_explained() -> None:
    """A comment stands above a key, or above the keys that it follows without a gap."""
    undocumented = []
    explained = False
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if re.match(r"#(?![a-z_0-9]+ = )", line):
            explained = True
        elif not line:
            explained = False
        elif re.match(r"#?[a-z_0-9]+ = ", line) and not explained:
            undocumented.append(line)
    obvious = {
        "port",
        "name",
        "password",
        "system_id",
        "kind",
        "zone",
        "coverage",
        "uplink",
        "ranges",
        "first",
        "number",
    }
    obvious |= {"msisdn", "code"}
    assert {line.lstrip("#").split(" = ")[0] for line in undocumented} <= obvious


def test_two_providers_of_a_code_differ_in_their_keywords() -> None:
    content = [{"system_id": name, "password": "x", "kind": "content"} for name in ("a", "b")]
    keyword = [{"word": "QUIZ"}]
    shared: dict[str, Any] = {
        "esmes": content,
        "codes": [{"code": "2097", "account": "a", "keywords": keyword}],
    }
    apart = [*shared["codes"], {"code": "2097", "account": "b", "keywords": [{"word": "GI"}]}]
    assert list(cross_check(Settings.model_validate({**shared, "codes": apart}))) == []
    alike = [*shared["codes"], {"code": "2097", "account": "b", "keywords": [{"word": " quiz"}]}]
    problems = list(cross_check(Settings.model_validate({**shared, "codes": alike})))
    assert [problem.loc for problem in problems] == [("codes", 1, "keywords", 0)]


# --- The demo world, a promise to users ---


def test_the_demo_world_is_served_without_a_config() -> None:
    settings = load_settings()
    zones = {zone.name: zone.coverage for zone in settings.zones}
    assert zones == {"oslo": "good", "bergen": "good", "hardangervidda": "weak", "laerdal-tunnel": "none"}
    assert (settings.smpp.port, settings.http.port, settings.host) == (2775, 8775, "127.0.0.1")
    assert settings.latency.preset == "instant"
    assert settings.store.url == "sqlite:./smsc-data/smsc.db"


def test_the_demo_subscribers() -> None:
    subscribers: tuple[Any, ...] = load_settings().subscribers
    ranges = [(entry.first, entry.last, entry.zone) for entry in subscribers if entry.is_range]
    assert ranges == [
        (4790000000, 4790099999, "oslo"),
        (4740000000, 4740009999, "bergen"),
        (47580000000000, 47580000000099, "oslo"),
    ]
    singles = {entry.msisdn: entry for entry in subscribers if not entry.is_range}
    sims = {4799000001: "suspended", 4799000002: "blocked", 4799000003: "expired", 4799000004: "inactive"}
    assert {number: entry.sim for number, entry in singles.items() if entry.sim != "active"} == sims
    assert singles[4799000005].barred == {"mo_sms"}
    assert singles[4799000006].memory_full
    assert not singles[4799000007].powered
    assert singles[4799000008].barred == {"content"}
    assert singles[4799000020].zone == "laerdal-tunnel"
    assert {number for number, entry in singles.items() if entry.nod_sms} == {4790000112, 4790000113}
    passwords = {entry.password.get_secret_value() for entry in subscribers if entry.password}
    assert passwords == {"1234"}


def test_the_demo_esmes() -> None:
    settings = load_settings()
    logins = {esme.system_id: esme.password.get_secret_value() for esme in settings.esmes}
    assert logins == {
        "psap110": "nodsms",
        "psap112": "nodsms",
        "psap113": "nodsms",
        "alarmtlf": "116111",
        "quiz": "quiz2097",
        "giver": "giver",
        "skatt": "skatt",
        "shop": "shop",
        "farm": "farm",
    }
    esmes = {esme.system_id: esme for esme in settings.esmes}
    assert esmes["shop"].numbers == (4759000001,)
    assert esmes["shop"].senders == ("Shop",)
    assert esmes["skatt"].senders == ("Skatteetaten",)
    assert [(entry.first, entry.last) for entry in esmes["farm"].ranges] == [(4790000000, 4790099999)]
    assert {code.code: (code.account, code.price_nok) for code in settings.codes} == {
        472097: ("quiz", 5),
        472440: ("giver", 200),
    }
    assert [(helpline.number, helpline.account) for helpline in settings.helplines] == [
        (47116111, "alarmtlf")
    ]
    assert settings.emergency.centres.model_dump() == {
        "fire": "psap110",
        "police": "psap112",
        "medical": "psap113",
    }


# --- Precedence ---


def test_flags_beat_the_environment_and_that_beats_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "[smpp]\nport = 1\ntls_port = 1\n[http]\nport = 1")
    monkeypatch.setenv("SMSC_SMPP__PORT", "2")
    monkeypatch.setenv("SMSC_SMPP__TLS_PORT", "2")
    settings = load_settings(path, {"smpp": {"port": 3}})
    assert (settings.smpp.port, settings.smpp.tls_port, settings.http.port) == (3, 2, 1)


def test_a_list_comes_from_one_source_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, '[[zones]]\nname = "a"\n[[zones]]\nname = "b"')
    monkeypatch.setenv("SMSC_ZONES", '[{"name": "c"}]')
    assert [zone.name for zone in load_settings(path).zones] == ["c"]


def test_constructing_settings_reads_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSC_SEED", "7")
    assert Settings().seed == 1


def test_settings_do_not_change_after_loading() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().host = "0.0.0.0"  # type: ignore[misc]


# --- Mistakes: file, line, key, what stands there, what would be right ---

WRONG = [
    ("[smpp]\n\nport = 99999", "smsc.toml:3: smpp.port: got 99999, expected at most 65535"),
    ('[smpp]\nport = "x"', "smsc.toml:2: smpp.port: got 'x', expected a whole number"),
    ("[smpp]\nport = true", "smsc.toml:2: smpp.port: got True, expected a number, not true or false"),
    ("[smpp]\nprt = 1", "smsc.toml:2: smpp.prt: no such key; expected port?"),
    ("[smp]\nport = 1", "smsc.toml:1: smp: no such key; expected smpp?"),
    ("qqqq = 1", "smsc.toml:1: qqqq: no such key; expected one of bind_requires_active_sim, charging"),
    ("smpp.port = -1", "smsc.toml:1: smpp.port: got -1, expected at least 0"),
    ("smpp = 3", "smsc.toml:1: smpp: got 3, expected a table"),
    ("zones = 3", "smsc.toml:1: zones: got 3, expected a list"),
    (
        '[[zones]]\nname = "a"\n[[zones]]\nname = "b"\nloss = 2',
        "smsc.toml:5: zones[1].loss: got 2, expected at most 1",
    ),
    ('[[zones]]\ncoverage = "good"', "smsc.toml:1: zones[0].name: expected a value: this key is required"),
    (
        '[[zones]]\nname = "a"\n[[zones]]\nname = "a"',
        "smsc.toml:4: zones[1].name: got 'a', expected a name that no",
    ),
    (
        '[[zones]]\nname = "a"\nuplink = "wait"',
        "got 'wait', expected one of 'hold', 'defer', 'reject' or 'lose'",
    ),
    (
        '[[zones]]\nname = "a"\noutages = [{ to = "soon" }]',
        "smsc.toml:3: zones[0].outages[0].to: got 'soon', expected a m",
    ),
    (
        '[[zones]]\nname = "a"\ngeometry = { type = "blob" }',
        "smsc.toml:3: zones[0].geometry.type: got 'blob', expected",
    ),
    ('[clock]\nmode = "fast"', 'smsc.toml:2: clock.mode: got \'fast\', expected "real", "manual" or "xN"'),
    ('[clock]\nmode = "x0"', "smsc.toml:2: clock.mode: got 'x0', expected"),
    (
        '[store]\nurl = "postgres://x"',
        'smsc.toml:2: store.url: got \'postgres://x\', expected "memory:", "sqlite:PATH" or "postgresql://',
    ),
    (
        '[store]\nurl = "postgresql://smsc:secret@db/smsc"',
        'smsc.toml:2: store.url: got a value that is not shown, expected "memory:"',
    ),
    (
        '[delivery]\nretry = ["30s", "1h x 0"]',
        "smsc.toml:2: delivery.retry: got ['30s', '1h x 0'], expected waits",
    ),
    ('[delivery]\nvalidity_max = "3 fortnights"', "expected a duration such as"),
    ('[delivery]\npermanent = ["busy"]\ntemporary = ["busy"]', "busy is in both"),
    ('[delivery]\npermanent = ["bussy"]', "delivery.permanent: got 'bussy', expected busy?"),
    (
        '[smsc]\ntimezone = "Europe/Olso"',
        "smsc.toml:2: smsc.timezone: got 'Europe/Olso', expected the name of a time zone",
    ),
    (
        '[[subscribers]]\nmsisdn = "4722222222"',
        "subscribers[0].msisdn: got '4722222222', expected a Norwegian handset",
    ),
    (
        '[[subscribers]]\nfirst = "90000000"',
        "subscribers[0]: got this table, expected first and last together",
    ),
    ('[[subscribers]]\nfirst = "90000002"\nlast = "90000001"', "expected last not before first"),
    (
        '[[subscribers]]\nmsisdn = "90000000"\nzone = "x"',
        "smsc.toml:3: subscribers[0].zone: got 'x', expected a zone of",
    ),
    ('[[esmes]]\nsystem_id = "a"', "smsc.toml:1: esmes[0].password: expected a value: this key is required"),
    ('[[esmes]]\nsystem_id = "much too long for it"\npassword = "p"', "expected at most 15 characters"),
    (
        '[[codes]]\ncode = "2097"\naccount = "quiz"',
        "smsc.toml:3: codes[0].account: got 'quiz', expected an ESME of this",
    ),
    (
        '[[codes]]\ncode = "123"\naccount = "quiz"',
        "codes[0].code: got '123', expected a short code of 4 or 5 digits",
    ),
    (
        '[emergency.centres]\nfire = "x"',
        "smsc.toml:2: emergency.centres.fire: got 'x', expected an ESME of kind",
    ),
    (
        "[numbering]\nshort_codes_4 = [5, 6]",
        "numbering.short_codes_4: got [5, 6], expected [first, last] with 1000",
    ),
    ("[numbering]\nreceive = { fixd = true }", "numbering.receive: got 'fixd', expected fixed?"),
    (
        'host = "0.0.0.0"',
        "http.token: not set, expected a bearer token in SMSC_HTTP__TOKEN or the file, because host",
    ),
    (
        'host = "0.0.0.0"\n[http]\ntoken = ""',
        "http.token: got a value that is not shown, expected a bearer token in SMSC_HTTP__TOKEN or the file",
    ),
    ('[http]\ntoken = " s "', "http.token: got a value that is not shown, expected no white space around it"),
    (
        '[smpp]\ntls_cert = "/nowhere"\ntls_key = "/nowhere"',
        "smsc.toml:2: smpp.tls_cert: got '/nowhere', expected a file",
    ),
    (
        '[smpp]\ntls_cert = "/nowhere"',
        "smsc.toml:1: smpp: got this table, expected tls_cert and tls_key together",
    ),
    ("a = 1\nb = ?", "smsc.toml:2: column 5: not TOML: Invalid value"),
    ("[smpp", "smsc.toml: not TOML: Expected ']'"),
]


@pytest.mark.parametrize(("text", "expected"), WRONG, ids=[text.replace("\n", " ") for text, _ in WRONG])
def test_a_mistake_is_explained(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in "\n".join(problems(tmp_path, text))


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    assert len(problems(tmp_path, "seed = -1\nhots = 1\n[smpp]\nport = -1")) == 3


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    text = '[[esmes]]\nsystem_id = "a"\npassword = "secret and too long"'
    shown = "\n".join(problems(tmp_path, text))
    assert "esmes[0].password" in shown
    assert "secret" not in shown


def test_a_wrong_flag_is_named(tmp_path: Path) -> None:
    assert problems(tmp_path, "", smpp={"port": 70000}) == [
        "option --smpp-port: smpp.port: got 70000, expected at most 65535"
    ]
    assert problems(tmp_path, "", clock={"mode": "y"})[0].startswith(
        "option --clock: clock.mode: got 'y', expected"
    )


def test_a_table_that_a_flag_adds_to_is_told_by_its_file(tmp_path: Path) -> None:
    told = problems(tmp_path, '[smpp]\ntls_cert = "x"', smpp={"port": 0})
    assert told == ["smsc.toml:1: smpp: got this table, expected tls_cert and tls_key together, or neither"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (
            "SMSC_SMPP__PORT",
            "x",
            "environment variable SMSC_SMPP__PORT: smpp.port: got 'x', expected a whole number",
        ),
        (
            "SMSC_SMPP__PROT",
            "1",
            "environment variable SMSC_SMPP__PROT: no such key; expected SMSC_SMPP__PORT?",
        ),
        ("SMSC_PORT", "1", "environment variable SMSC_PORT: no such key; expected"),
        ("SMSC_ZONES", "[", "environment variable SMSC_ZONES: expected JSON"),
        (
            "SMSC_SMPP_PORT",
            "1",
            "environment variable SMSC_SMPP_PORT: no such key; expected SMSC_SMPP__PORT? (two underscores",
        ),
        (
            "SMSC_CLOCK_START",
            "1",
            "environment variable SMSC_CLOCK_START: no such key; expected SMSC_CLOCK__START? (two",
        ),
        (
            "SMSC_STORE",
            "memory:",
            "environment variable SMSC_STORE: expected JSON, because the key is a list or a table, or a",
        ),
        (
            "SMSC_ZONES",
            '[{"name": 1}]',
            "environment variable SMSC_ZONES: zones[0].name: got 1, expected a text",
        ),
    ],
)
def test_a_wrong_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        load_settings(EXAMPLE)
    assert str(caught.value).startswith(expected)


def test_variables_of_the_build_are_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSC_CYTHON", "require")
    assert load_settings().seed == 1


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read: No such file"):
        load_settings(tmp_path / "none.toml")


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"host = '\xff'")
    with pytest.raises(ConfigError, match="byte 8 is not UTF-8"):
        load_settings(path)


def test_a_file_from_windows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xef\xbb\xbf[smpp]\r\nport = 2776\r\n")
    assert load_settings(path).smpp.port == 2776


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.9.1"])
def test_loopback_needs_no_token(tmp_path: Path, host: str) -> None:
    assert load_settings(write(tmp_path, f'host = "{host}"')).http.token is None


def test_off_loopback_with_a_token(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, 'host = "0.0.0.0"\n[http]\ntoken = "t"'))
    assert settings.http.token is not None
    assert "'t'" not in repr(settings)


# --- Sections that mirror the rules of a package ---


def fields(rules: Any) -> dict[str, Any]:
    names = getattr(rules, "_fields", None) or tuple(rules.__dataclass_fields__)
    return {name: getattr(rules, name) for name in names}


def test_numbering_mirrors_the_rules_of_the_plan() -> None:
    assert Settings().numbering.model_dump() == fields(NumberingRules())


def test_emergency_mirrors_the_rules_of_the_service() -> None:
    settings = Settings().emergency
    own = settings.model_dump(exclude={"centres", "registration"})
    expected = fields(EmergencyRules())
    del expected["registration"], expected["queue"]  # a section of its own, and limits.emergency_queue
    assert own == expected
    registration = fields(RegistrationRules())
    del registration["language"]  # the one of [emergency]
    assert settings.registration.model_dump() == registration


def test_content_and_helplines_mirror_the_rules_of_their_services() -> None:
    # The language is the one of [emergency], the ceilings are those of [charging].
    content, helplines = fields(ContentRules()), fields(HelplineRules())
    del content["language"], content["caps"], helplines["language"]
    assert Settings().content.model_dump() == content
    assert Settings().helpline_rules.model_dump() == helplines


def test_retry_mirrors_the_schedule_of_delivery() -> None:
    delivery = Settings().delivery
    assert (delivery.retry, delivery.retry_memory_full, delivery.retry_busy) == (
        retry_schedule.DEFAULT_RETRY,
        retry_schedule.DEFAULT_MEMORY_FULL,
        retry_schedule.DEFAULT_BUSY,
    )
