"""What the API costs a process: nothing when it is not used, and little when it is."""

import subprocess
import sys


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout.strip()


def test_importing_smsc_loads_no_web_framework() -> None:
    code = """
import sys, smsc, smsc.api, smsc.exposure
print(sorted({"fastapi", "starlette", "uvicorn", "pydantic", "prometheus_client"} & set(sys.modules)))
"""
    assert run(code) == "[]"


def test_building_the_application_takes_few_operations() -> None:
    code = """
from smsc.api.app import create_app
from tests.api.fakes import FakeServer
from tests.waiting import operations
create_app(FakeServer())  # what is imported and made once
print(operations(lambda: create_app(FakeServer())))
"""
    assert int(run(code)) < 2_000_000
