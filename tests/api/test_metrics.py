"""Metrics and probes."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from smsc.api import metrics
from smsc.api.app import create_app
from tests.api.client import call
from tests.api.fakes import FakeServer


def scrape(server: FakeServer) -> dict[str, float]:
    answer = call(create_app(server), "GET", "/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        sample.name
        + "".join(f"{{{key}={value}}}" for key, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_counters_are_shown_as_prometheus_wants_them() -> None:
    server = FakeServer()
    server.control.counted = {
        "sessions": 3,
        'submits_refused_total{reason="throttled"}': 5,
        'submits_refused_total{reason="queue_full"}': 1,
        "something_new_total": 7.5,
    }
    found = scrape(server)
    assert found["smsc_sessions"] == 3
    assert found["smsc_submits_refused_total{reason=throttled}"] == 5
    assert found["smsc_submits_refused_total{reason=queue_full}"] == 1
    assert found["smsc_something_new_total"] == 7.5
    assert all(name.startswith("smsc_") for name in found)


def test_the_build_is_shown() -> None:
    assert any(name.startswith("smsc_build_info") for name in scrape(FakeServer()))


def test_counters_are_read_anew_at_each_scrape() -> None:
    server = FakeServer()
    app = create_app(server)
    assert "smsc_binds_total 2.0" in call(app, "GET", "/metrics").text
    server.control.counted["binds_total"] = 9
    assert "smsc_binds_total 9.0" in call(app, "GET", "/metrics").text


def test_several_servers_in_one_process_do_not_mix() -> None:
    one, other = FakeServer(), FakeServer()
    one.control.counted = {"sessions": 1}
    other.control.counted = {"sessions": 2}
    apps = create_app(one), create_app(other)
    assert "smsc_sessions 1.0" in call(apps[0], "GET", "/metrics").text
    assert "smsc_sessions 2.0" in call(apps[1], "GET", "/metrics").text


def test_a_label_cannot_grow_without_bound_and_sums_stay_right() -> None:
    server = FakeServer()
    server.control.counted = {f'binds_refused_total{{reason="r{number}"}}': 1 for number in range(5000)}
    refused = {key: value for key, value in scrape(server).items() if "binds_refused" in key}
    assert len(refused) == metrics.MAX_SERIES
    assert sum(refused.values()) == 5000
    assert refused["smsc_binds_refused_total{reason=other}"] == 5000 - metrics.MAX_SERIES + 1


def test_every_family_with_help_is_a_legal_name() -> None:
    for name, text in metrics.HELP.items():
        assert metrics.parse_key(name) == (name, ())
        assert text.endswith(".")


@pytest.mark.parametrize(
    "key", ["", "Binds", "a b", "a{", "a{}", "a{b}", 'a{b="c"', 'a{b="c"}x', 'a{b="c";d="e"}']
)
def test_a_key_that_is_no_metric_is_named(key: str) -> None:
    with pytest.raises(ValueError, match="counter"):
        metrics.parse_key(key)


def test_several_labels_are_read() -> None:
    assert metrics.parse_key('pdus_total{kind="submit_sm",direction="in"}') == (
        "pdus_total",
        (("kind", "submit_sm"), ("direction", "in")),
    )


def test_alive() -> None:
    assert call(create_app(FakeServer()), "GET", "/livez").json() == {"status": "alive"}


def test_ready_or_the_reasons_why_not() -> None:
    server = FakeServer()
    app = create_app(server)
    assert call(app, "GET", "/readyz").json()["ready"] is True
    server.control.state_of_health = {"ready": False, "reasons": ["The disk is full.", "No listener."]}
    answer = call(app, "GET", "/readyz")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["The disk is full.", "No listener."]
    assert answer.json()["detail"] == "The disk is full. No listener."
