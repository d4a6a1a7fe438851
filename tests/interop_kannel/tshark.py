"""tshark's reading of a capture: the SMPP fields of each packet, and what it calls malformed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.interop_kannel.kannel import required

_SEPARATOR = "\x1f"


def packets(capture: Path, port: int, fields: tuple[str, ...]) -> list[dict[str, list[str]]]:
    """The wanted fields of every packet with SMPP in it; a field that occurs twice has two values."""
    (tshark,) = required("tshark")
    command = [tshark, "-n", "-r", str(capture), "-d", f"tcp.port=={port},smpp", "-Y", "smpp"]
    command += ["-T", "fields", "-E", f"separator={_SEPARATOR}", "-E", "occurrence=a", "-E", "aggregator=;"]
    for field in fields:
        command += ["-e", field]
    lines = _run(command).splitlines()
    return [
        {name: value.split(";") for name, value in zip(fields, line.split(_SEPARATOR), strict=True) if value}
        for line in lines
    ]


def complaints(capture: Path, port: int) -> str:
    """What tshark finds malformed, in SMPP or below it; "" when all is well."""
    (tshark,) = required("tshark")
    wrong = "_ws.malformed || _ws.expert.severity >= 6291456 || tcp.checksum.status == 0"
    command = [tshark, "-n", "-r", str(capture), "-d", f"tcp.port=={port},smpp", "-Y", wrong]
    return _run([*command, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"])


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
