"""The container image and the systemd unit, as far as they can be tried without an engine and a manager."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reliability.process import Process

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()
UNIT = ROOT / "deploy/smsc.service"
MOST_EXPOSED = 2.0  # of 10, as systemd-analyze security counts; from 2 to 4 would still be "OK"

Figure = Callable[[int | str, str], None]


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with their continuation lines joined."""
    text = re.sub(r"(?m)^#.*\n", "", DOCKERFILE)
    for name, value in re.findall(r"(?m)^ARG (\w+)=(\S+)$", text):
        text = text.replace(f"${{{name}}}", value)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines if line.strip())]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for instruction in instructions():
        if instruction[0] == "ARG" and not found:
            continue  # which base, of all stages
        if instruction[0] == "FROM":
            found.append([])
        found[-1].append(instruction)
    return found


def test_the_image_is_made_as_images_should_be() -> None:
    """The rules that linters of Dockerfiles agree on."""
    for name, rest in instructions():
        assert name != "ADD"
        if name == "FROM":
            assert re.search(r":\d", rest), "a base image without a version is another one tomorrow"
        if "apt-get install" in rest:
            assert "--no-install-recommends" in rest
            assert rest.index("apt-get update") < rest.index("apt-get install")
            assert "rm -rf /var/lib/apt/lists" in rest
        if "pip install" in rest:
            assert "--no-cache-dir" in rest
        if name == "COPY" and "--from" not in rest:
            sources = [word for word in rest.split()[:-1] if not word.startswith("--")]
            assert set(sources) <= {"requirements.txt", "wheels", "data"}, "what `make image` puts there"
        if name in ("ENTRYPOINT", "HEALTHCHECK"):
            assert json.loads(rest[rest.index("[") :]), "a shell would not pass signals on"


def test_the_image_runs_as_nobody_and_holds_no_compiler() -> None:
    last = dict(stages()[-1])
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", last["USER"])
    assert last["STOPSIGNAL"] == "SIGTERM"
    assert last["VOLUME"] == last["WORKDIR"] == "/data"
    assert not [rest for name, rest in stages()[-1] if name == "RUN" and "apt-get" in rest]
    assert not re.search(r"(?i)(token|password)=\S", last["ENV"])


def test_the_health_check_tells_a_server_from_none(tmp_path: Path, figure: Figure) -> None:
    """The image's own command against a real server, in the image's environment but for the ports."""
    command = json.loads(re.search(r"HEALTHCHECK.*?CMD (\[.*?\])\n", DOCKERFILE, re.DOTALL)[1])
    assert command[0] == "python"
    with Process(tmp_path, SMSC_HOST="0.0.0.0", SMSC_HTTP__TOKEN="sesame") as server:
        check = [
            sys.executable,
            *(part.replace("8775", server.url.rpartition(":")[2]) for part in command[1:]),
        ]
        healthy = subprocess.run(check, check=False, timeout=10).returncode
        assert server.stop() == 0
    gone = subprocess.run(check, check=False, timeout=10, stderr=subprocess.DEVNULL).returncode
    assert healthy == 0
    assert gone != 0
    figure("--", "the image's health check: 0 with a server, not 0 without")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_unit_is_valid_and_hardened(tmp_path: Path, figure: Figure) -> None:
    unit = tmp_path / "smsc.service"
    unit.write_text(UNIT.read_text().replace("/opt/smsc/bin/smsc", sys.executable))
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0"}
    verified = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False, env=environment
    )
    said = verified.stdout + verified.stderr
    assert str(unit) not in said, said
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", judged.stdout)
    if level is None:  # an older systemd-analyze judges only what runs
        pytest.skip(judged.stderr)
    assert float(level[1]) <= MOST_EXPOSED
    figure("--", f"systemd unit: valid, exposure {level[1]} of 10")


def test_the_unit_tells_what_the_server_does() -> None:
    """Ready and stopping are notified, and the data directory is the only one that is written to."""
    unit = UNIT.read_text()
    assert "Type=notify" in unit
    assert "DynamicUser=yes" in unit
    assert "sqlite:/var/lib/smsc/" in unit
    assert "StateDirectory=smsc" in unit
    assert "ProtectSystem=strict" in unit
