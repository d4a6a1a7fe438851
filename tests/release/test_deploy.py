"""What deploy/ holds is whole: the schemas hold, the parts name one another, each query finds its metric."""

import json
import re
import tomllib
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from smsc.client import Client, ClientError
from smsc.testing import SmscHandle

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
IMAGE = f"smsc-emulator:{VERSION}"
DASHBOARD = json.loads((DEPLOY / "grafana" / "smsc.json").read_text(encoding="utf-8"))
QUERIES = [
    (panel["title"], target["expr"]) for panel in DASHBOARD["panels"] for target in panel.get("targets", [])
]
#: What Grafana puts in by itself.
RATE_INTERVAL = "1m"
#: Labels that Prometheus adds, and one that only several nodes have (`nodes/test_one_world.py`).
ADDED = {"instance", "job", "node"}
#: Of the operating system, there only where it tells (Linux).
PROCESS = "smsc_process_"


def documents(name: str) -> list[dict[str, Any]]:
    yaml = pytest.importorskip("yaml")
    return list(yaml.safe_load_all((DEPLOY / name).read_text(encoding="utf-8")))


def stateful_set() -> dict[str, Any]:
    (found,) = [document for document in documents("kubernetes.yaml") if document["kind"] == "StatefulSet"]
    return found


# --- Kubernetes ---


@pytest.mark.parametrize("version", ["1.29", "1.37"])
def test_the_manifests_keep_to_the_schema(version: str) -> None:
    validate = pytest.importorskip("kubernetes_validate").validate
    for document in documents("kubernetes.yaml"):
        validate(document, version, strict=True)


def test_the_schema_would_have_noticed() -> None:
    validator = pytest.importorskip("kubernetes_validate")
    document = stateful_set()
    document["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(validator.ValidationError):
        validator.validate(document, "1.37", strict=True)


def test_every_probe_asks_a_port_and_a_path_that_there_are(smsc: SmscHandle) -> None:
    (container,) = stateful_set()["spec"]["template"]["spec"]["containers"]
    ports = {port["name"] for port in container["ports"]}
    for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = container[kind]["httpGet"]
        assert asked["port"] in ports
        assert fetch(smsc, asked["path"])


# --- Compose ---


@pytest.mark.parametrize("name", ["compose.yaml", "compose-nodes.yaml"])
def test_the_compose_file_keeps_to_its_schema(name: str) -> None:
    models = pytest.importorskip("compose_spec")
    (document,) = documents(name)
    models.ComposeSpecification.model_validate(document)


@pytest.mark.parametrize("name", ["compose.yaml", "compose-nodes.yaml"])
def test_the_files_that_compose_mounts_are_there(name: str) -> None:
    (document,) = documents(name)
    mounted = [
        volume.split(":")[0]
        for service in document["services"].values()
        for volume in service.get("volumes", ())
    ]
    files = [path for path in mounted if path.startswith("./")]
    assert files
    assert all((DEPLOY / path).exists() for path in files)
    named = set(mounted) - set(files)
    assert named == set(document["volumes"])


def test_prometheus_asks_the_server_with_its_token() -> None:
    (compose,), (prometheus,) = documents("compose.yaml"), documents("prometheus.yaml")
    (job,) = prometheus["scrape_configs"]
    assert job["static_configs"] == [{"targets": ["smsc:8775"]}]
    secret = Path(job["authorization"]["credentials_file"])
    assert secret.parent == Path("/run/secrets")
    assert compose["services"]["prometheus"]["secrets"] == [secret.name]
    variable = compose["secrets"][secret.name]["environment"]
    assert variable in compose["services"]["smsc"]["environment"]


def test_what_is_deployed_is_this_version() -> None:
    (compose,) = documents("compose.yaml")
    assert compose["services"]["smsc"]["image"] == IMAGE
    assert stateful_set()["spec"]["template"]["spec"]["containers"][0]["image"] == IMAGE
    assert f"smsc-emulator-{VERSION}.tar" in (DEPLOY / "compose.yaml").read_text(encoding="utf-8")


def test_the_nodes_are_this_version_and_several_of_one_store() -> None:
    (document,) = documents("compose-nodes.yaml")
    nodes = {name: service for name, service in document["services"].items() if service["image"] == IMAGE}
    assert len(nodes) == 3
    for name, service in nodes.items():
        assert service["command"] == ["--store", "postgresql://smsc@db1,db2/smsc", "--node", name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    published = [port for service in nodes.values() for port in service["ports"]]
    assert len(set(published)) == len(published) == 6
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_image_has_the_driver_of_postgresql() -> None:
    locked = (DEPLOY / "requirements.txt").read_text(encoding="utf-8")
    assert re.search(r"^psycopg==", locked, re.MULTILINE)
    assert re.search(r"^psycopg-binary==", locked, re.MULTILINE)


def test_the_standby_and_the_primary_agree_on_its_name() -> None:
    """Commits of the primary wait for it, and its own for nobody."""
    primary = (DEPLOY / "postgresql" / "primary.sh").read_text(encoding="utf-8")
    standby = (DEPLOY / "postgresql" / "standby.sh").read_text(encoding="utf-8")
    assert "synchronous_standby_names = 'db2'" in primary
    assert "cluster_name=db2 -c synchronous_standby_names=\n" in standby


def test_nobody_runs_it_with_rights() -> None:
    (compose,) = documents("compose.yaml")
    service = compose["services"]["smsc"]
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    pod = stateful_set()["spec"]["template"]["spec"]
    context = pod["containers"][0]["securityContext"]
    assert context["readOnlyRootFilesystem"]
    assert not context["allowPrivilegeEscalation"]
    assert pod["securityContext"]["runAsNonRoot"]
    uid = pod["securityContext"]["runAsUser"]
    assert f"USER {uid}:{uid}" in (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


# --- The dashboard ---


def fetch(smsc: SmscHandle, path: str) -> str:
    with urllib.request.urlopen(f"{smsc.url}{path}", timeout=30) as response:
        return str(response.read().decode())


def selectors(expression: str) -> list[Any]:
    """Every selection of series in a query; ValueError when it is none."""
    parser = pytest.importorskip("promql_parser")
    found: list[Any] = []

    def visit(node: Any) -> bool:
        if isinstance(node, parser.VectorSelector):
            found.append(node)
        return True

    parser.walk(parser.parse(expression.replace("$__rate_interval", RATE_INTERVAL)), visit)
    return found


def labels(expression: str) -> set[str]:
    grouped = re.findall(r"\bby \(([^)]*)\)", expression)
    return {label.strip() for group in grouped for label in group.split(",")} - ADDED


def test_the_panels_are_numbered_once_and_do_not_overlap() -> None:
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(numbers)) == len(numbers)
    covered: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & covered
        covered |= cells


def test_every_query_finds_its_metric_and_its_labels(smsc: SmscHandle) -> None:
    series = scraped(smsc)
    for title, expression in QUERIES:
        found = selectors(expression)
        assert found, (title, expression)
        for selector in found:
            if selector.name.startswith(PROCESS) and not Path("/proc/self/stat").exists():
                continue
            assert selector.name in series, (title, expression)
            assert labels(expression) <= series[selector.name], (title, expression)


def test_every_metric_is_on_the_dashboard(smsc: SmscHandle) -> None:
    asked = {selector.name for _, expression in QUERIES for selector in selectors(expression)}
    told = {name for name in scraped(smsc) if not name.startswith(PROCESS)} - {"smsc_build_info"}
    assert told - asked == set()


async def to_a_fixed_line(smsc: SmscHandle) -> None:
    async with await Client.connect(smsc.host, smsc.port) as client:
        await client.bind("4790000001", "1234")
        await client.submit("22334455", "refused")


def scraped(smsc: SmscHandle) -> dict[str, set[str]]:
    """Metric -> its labels, of a server where something of each kind has happened."""
    smsc.send("4790000001", "4799000020", "not in the tunnel")
    with pytest.raises(ClientError):
        smsc.run(to_a_fixed_line(smsc))
    with pytest.raises(ClientError):
        smsc.handset("4790000001").listen("wrong")
    series: dict[str, set[str]] = {}
    for line in fetch(smsc, "/metrics").splitlines():
        if (sample := re.match(r"(\w+)(?:\{(.*)\})? ", line)) and not line.startswith("#"):
            series.setdefault(sample[1], set()).update(re.findall(r'(\w+)="', sample[2] or ""))
    return series
