"""A configuration laid over another: add one ESME to the demo world and nothing else changes."""

import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from smsc.config import DEMO, ConfigError, Settings, load_settings
from smsc.config.demo import missing_of_demo
from smsc.config.extending import KEYS

DEMO_DATA = tomllib.loads(DEMO.read_text(encoding="utf-8"))


pytestmark = pytest.mark.usefixtures("no_variables")


def write(folder: Path, text: str, name: str = "s.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def over_demo(folder: Path, text: str) -> Settings:
    return load_settings(write(folder, f'extends = "demo"\n{text}'))


def problems(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        over_demo(folder, text)
    return str(caught.value).replace(str(folder) + "/", "")


def test_one_more_of_each_kind(tmp_path: Path) -> None:
    settings = over_demo(
        tmp_path,
        """
        [[esmes]]
        system_id = "mygw"
        password = "secret"
        [[zones]]
        name = "cellar"
        coverage = "none"
        [[subscribers]]
        msisdn = "48000001"
        password = "1234"
        [[codes]]
        code = "2100"
        account = "mygw"
        [[helplines]]
        number = "116123"
        holder = "Someone"
        service = "help"
        [[operators]]
        name = "fjordnett"
        [[lists]]
        name = "crew"
        members = ["4790000001"]
        [[faults]]
        action = "status"
        [[contacts.persons]]
        identifier = "20914695016"
        """,
    )
    demo = load_settings()
    for table in ("esmes", "zones", "subscribers", "codes", "helplines"):
        own, below = getattr(settings, table), getattr(demo, table)
        assert own[: len(below)] == below
        assert len(own) == len(below) + 1
    assert settings.contacts.organisations == demo.contacts.organisations
    assert (len(settings.operators), len(settings.lists), len(settings.faults)) == (1, 1, 1)
    assert settings.emergency == demo.emergency


def test_a_row_that_both_have_keeps_what_the_upper_does_not_say(tmp_path: Path) -> None:
    settings = over_demo(tmp_path, '[[esmes]]\nsystem_id = "psap112"\nwindow = 5')
    psap = next(esme for esme in settings.esmes if esme.system_id == "psap112")
    assert (psap.window, psap.kind, psap.password.get_secret_value()) == (5, "emergency", "nodsms")
    assert [esme.system_id for esme in settings.esmes] == [row["system_id"] for row in DEMO_DATA["esmes"]]


@pytest.mark.parametrize("written", ["4799000020", "99000020", "+47 990 00 020", "0047 99000020"])
def test_a_number_is_the_same_in_every_form(tmp_path: Path, written: str) -> None:
    settings = over_demo(tmp_path, f'[[subscribers]]\nmsisdn = "{written}"\nzone = "bergen"')
    rows: list[Any] = [row for row in settings.subscribers if row.msisdn == 4799000020]
    assert [(row.zone, row.password is not None) for row in rows] == [("bergen", True)]


def test_a_position_takes_the_place_of_a_zone_and_a_circle_that_of_a_line(tmp_path: Path) -> None:
    settings = over_demo(
        tmp_path,
        """
        [[subscribers]]
        msisdn = "4799000020"
        position = { lat = 59.9, lon = 10.7 }
        [[zones]]
        name = "laerdal-tunnel"
        geometry = { type = "circle", lat = 61.0, lon = 7.3, radius_m = 500 }
        """,
    )
    handset = next(row for row in settings.subscribers if row.msisdn == 4799000020)
    assert (handset.zone, handset.position is not None) == (None, True)
    zone = next(zone for zone in settings.zones if zone.name == "laerdal-tunnel")
    assert (zone.coverage, zone.geometry) == (
        "none",
        {"type": "circle", "lat": 61.0, "lon": 7.3, "radius_m": 500},
    )


def test_nested_tables_of_a_row_merge(tmp_path: Path) -> None:
    base = write(
        tmp_path, '[[esmes]]\nsystem_id = "a"\npassword = "a"\nreceipts = { id = "hex" }', "base.toml"
    )
    assert base.is_file()
    path = write(
        tmp_path, 'extends = "base.toml"\n[[esmes]]\nsystem_id = "a"\n[esmes.receipts]\nseconds = true'
    )
    receipts = load_settings(path).esmes[0].receipts
    assert (receipts.id, receipts.seconds) == ("hex", True)


def test_the_upper_layer_says_all_providers_of_a_code_that_has_several(tmp_path: Path) -> None:
    settings = over_demo(
        tmp_path,
        """
        [[codes]]
        code = "2097"
        account = "quiz"
        keywords = [{ word = "QUIZ" }]
        [[codes]]
        code = "2097"
        account = "giver"
        keywords = [{ word = "GI" }]
        """,
    )
    rows = [code for code in settings.codes if code.code == 472097]
    assert [(code.account, code.price_nok) for code in rows] == [("quiz", 0), ("giver", 0)]


# --- Taking away ---


@pytest.mark.parametrize(
    ("text", "table", "left"),
    [
        ('[[esmes]]\nsystem_id = "shop"\nremove = true', "esmes", 8),
        ('[[zones]]\nname = "hardangervidda"\nremove = true', "zones", 3),
        ('[[zones]]\nname = "laerdal-tunnel"\nremove = true', "zones", 3),
        ('[[codes]]\ncode = "2440"\nremove = true', "codes", 1),
        ('[[helplines]]\nnumber = "+47116111"\nremove = true', "helplines", 0),
        ('[[subscribers]]\nmsisdn = "99000007"\nremove = true', "subscribers", 13),
        ('[[subscribers]]\nfirst = "90000000"\nlast = "90099999"\nremove = true', "subscribers", 13),
    ],
)
def test_a_row_is_taken_away(tmp_path: Path, text: str, table: str, left: int) -> None:
    assert len(getattr(over_demo(tmp_path, text), table)) == left


def test_what_is_said_of_an_esme_goes_with_it(tmp_path: Path) -> None:
    gone = ("quiz", "alarmtlf", "psap110")
    settings = over_demo(
        tmp_path, "\n".join(f'[[esmes]]\nsystem_id = "{name}"\nremove = true' for name in gone)
    )
    assert [code.account for code in settings.codes] == ["giver"]
    assert settings.helplines[0].account is None
    assert settings.emergency.centres.model_dump() == {
        "fire": None,
        "police": "psap112",
        "medical": "psap113",
    }
    assert load_settings().emergency.centres.fire == "psap110"


def test_handsets_of_a_zone_that_is_taken_away_have_coverage(tmp_path: Path) -> None:
    settings = over_demo(tmp_path, '[[zones]]\nname = "oslo"\nremove = true')
    assert {row.zone for row in settings.subscribers} == {None, "bergen", "laerdal-tunnel"}


def test_an_organisation_goes_with_its_tokens(tmp_path: Path) -> None:
    contacts = over_demo(tmp_path, '[[contacts.organisations]]\nnumber = "987654321"\nremove = true').contacts
    assert [one.acts_for for one in contacts.organisations] == [()]
    assert [(one.organisation, one.on_behalf_of) for one in contacts.tokens] == [("912345678", None)]


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ('msisdn = "4740000000"', [(4740000001, 4740009999)]),
        ('msisdn = "4740009999"', [(4740000000, 4740009998)]),
        ('msisdn = "4740000005"', [(4740000000, 4740000004), (4740000006, 4740009999)]),
        ('first = "40000005"\nlast = "40000007"', [(4740000000, 4740000004), (4740000008, 4740009999)]),
    ],
)
def test_numbers_are_taken_out_of_a_range(tmp_path: Path, taken: str, left: list[tuple[int, int]]) -> None:
    settings = over_demo(tmp_path, f"[[subscribers]]\n{taken}\nremove = true")
    found = [(row.first, row.last) for row in settings.subscribers if str(row.first).startswith("4740")]
    assert found == left


def test_a_row_is_replaced_as_a_whole_by_taking_it_away_first(tmp_path: Path) -> None:
    text = '[[esmes]]\nsystem_id = "skatt"\nremove = true\n[[esmes]]\nsystem_id = "skatt"\npassword = "x"'
    skatt = [esme for esme in over_demo(tmp_path, text).esmes if esme.system_id == "skatt"]
    assert [(esme.kind, esme.senders) for esme in skatt] == [("esme", ())]


# --- Mistakes point to where they were written ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[[esmes]]\nsystem_id = "shpo"\nremove = true',
            "s.toml:2: esmes[0]: got a row to remove, expected the system_id of a row below this one (",
        ),
        (
            '[[zones]]\nname = "oslo"\nremove = false',
            "s.toml:2: zones[0]: got a row to remove, expected remove = true, or the key left out",
        ),
        (
            '[[subscribers]]\nmsisdn = "48000001"\nremove = true',
            "s.toml:2: subscribers[0]: got a row to remove, expected the msisdn, or first and last,",
        ),
        (
            '[[esmes]]\nsystem_id = "mygw"',
            "s.toml:2: esmes[0].password: expected a value: this key is required",
        ),
        (
            '[[esmes]]\nsystem_id = "mygw"\npassword = "x"\nwindow = -1',
            "s.toml:5: esmes[0].window: got -1, expected at least 1",
        ),
        (
            '[[esmes]]\nsystem_id = "quiz"\nwindow = -1',
            "s.toml:4: esmes[0].window: got -1, expected at least 1",
        ),
        (
            '[[codes]]\ncode = "2097"\naccount = "quizz"',
            "s.toml:4: codes[0].account: got 'quizz', expected an ESME of this",
        ),
        (
            '[[subscribers]]\nmsisdn = "4799000020"\nzone = "x"',
            "s.toml:4: subscribers[0].zone: got 'x', expected a zone of this",
        ),
        (
            '[[esmes]]\nsystem_id = "a"\npassword = "a"\n[[esmes]]\nsystem_id = "a"\npassword = "a"',
            "s.toml:6: esmes[1].system_id: got 'a', expected a system_id that no other",
        ),
    ],
)
def test_a_mistake_is_told_where_it_was_written(tmp_path: Path, text: str, expected: str) -> None:
    assert expected in problems(tmp_path, text)


def test_a_file_that_extends_nothing_has_nothing_to_remove(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r'there is none; extends = "demo" would bring some'):
        load_settings(write(tmp_path, '[[esmes]]\nsystem_id = "shop"\nremove = true'))


@pytest.mark.parametrize("given", ["3", '""', "true", "[]"])
def test_extends_is_a_name_or_a_path(tmp_path: Path, given: str) -> None:
    with pytest.raises(ConfigError, match=r's\.toml:1: extends: got .*, expected "demo", "none" or the path'):
        load_settings(write(tmp_path, f"extends = {given}"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"base\.toml: cannot be read: No such file"):
        load_settings(write(tmp_path, 'extends = "base.toml"'))


def test_a_circle_is_told(tmp_path: Path) -> None:
    write(tmp_path, 'extends = "s.toml"', "base.toml")
    with pytest.raises(ConfigError, match=r"which extends itself"):
        load_settings(write(tmp_path, 'extends = "base.toml"'))


# --- What is extended ---


def test_a_chain_of_files_each_relative_to_the_one_above(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    write(folder, 'extends = "demo"\n[[zones]]\nname = "a"\n[smpp]\nport = 1', "team.toml")
    write(tmp_path, 'extends = "shared/team.toml"\n[[zones]]\nname = "b"', "mine.toml")
    settings = load_settings(tmp_path / "mine.toml")
    assert [zone.name for zone in settings.zones][-2:] == ["a", "b"]
    assert (len(settings.zones), settings.smpp.port) == (6, 1)


def test_a_plain_file_stands_alone(tmp_path: Path) -> None:
    path = write(tmp_path, '[[zones]]\nname = "a"')
    assert (len(load_settings(path).zones), load_settings(path).extends) == (1, "none")
    assert len(load_settings(path, {"extends": "demo"}).zones) == 5
    assert len(load_settings(path, extends="demo").zones) == 5


def test_the_file_decides_before_the_caller_and_a_flag_before_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, 'extends = "none"\n[[zones]]\nname = "a"')
    assert len(load_settings(path, extends="demo").zones) == 1
    assert len(load_settings(path, {"extends": "demo"}).zones) == 5


def test_flags_and_variables_extend_the_demo_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSC_ZONES", '[{"name": "a"}]')
    settings = load_settings(None, {"esmes": [{"system_id": "mygw", "password": "x"}]})
    assert (len(settings.zones), len(settings.esmes)) == (5, 10)


def test_no_world_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSC_EXTENDS", "none")
    assert load_settings().zones == ()


def test_what_was_read_is_not_changed() -> None:
    flags: dict[str, Any] = {"esmes": [{"system_id": "psap110", "remove": True}]}
    load_settings(None, flags)
    assert flags == {"esmes": [{"system_id": "psap110", "remove": True}]}


def test_what_a_configuration_that_stands_alone_lacks_is_said(tmp_path: Path) -> None:
    told = missing_of_demo(load_settings(write(tmp_path, '[[zones]]\nname = "oslo"')))
    assert "zones bergen, hardangervidda, laerdal-tunnel; subscribers 4790000000-4790099999, " in told
    assert "ESMEs psap110, psap112, psap113, alarmtlf, quiz and 4 more;" in told
    assert told.endswith('extends = "demo" or --extend demo adds them')
    assert missing_of_demo(load_settings()) == ""


# --- Every list has a key ---


def lists_of_tables(model: type[BaseModel], path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found = set()
    for name, field in model.model_fields.items():
        annotation = field.annotation
        rows = [one for one in get_args(annotation) if isinstance(one, type) and issubclass(one, BaseModel)]
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            found |= lists_of_tables(annotation, (*path, name))
        elif rows and getattr(annotation, "__origin__", None) is tuple:
            found.add((*path, name))
    return found


def test_every_list_of_tables_says_what_makes_two_rows_the_same() -> None:
    assert lists_of_tables(Settings) == set(KEYS)
