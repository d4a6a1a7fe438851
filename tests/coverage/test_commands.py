"""What `smsc coverage` prints and writes."""

from pathlib import Path

import pytest

from smsc.coverage.drawing.commands import describe, draw, read_position, signal_at
from smsc.coverage.errors import CoverageError


def test_the_signal_in_oslo_is_told_in_sentences() -> None:
    lines = list(describe(signal_at("59.913,10.752", inside="car")))
    assert lines[0] == "59.9130,10.7520 car, 0.4 km from Oslo in Oslo"
    assert "every attempt gets through" in lines[1]
    assert "very good" in lines[2]
    assert len([line for line in lines if "dBm  " in line]) == 3
    assert lines[-1].startswith("Synthetic")


def test_the_middle_of_the_laerdal_tunnel_is_silent() -> None:
    lines = list(describe(signal_at("60.98, 7.37")))
    assert "Lærdalstunnelen" in lines[1]
    assert "no coverage" in lines[1]


def test_far_out_at_sea_nothing_is_heard() -> None:
    lines = list(describe(signal_at("66,0")))
    assert lines[0] == "66.0000,0.0000 outdoor"
    assert "no cell reaches" in lines[1]
    assert lines[-1].startswith("Synthetic")


@pytest.mark.parametrize("text", ["", "59.91", "59.91;10.75", "north,east", "99,10", "1,2,3", "nan,5"])
def test_a_position_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(CoverageError, match="position"):
        read_position(text)


@pytest.mark.long
def test_the_map_is_written(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    draw(tmp_path / "map.png", pixels_per_km=0.05)
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
