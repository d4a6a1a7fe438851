"""Path loss against reference values: mast 30 m (rural macro 35 m), handset 1.5 m, EIRP 31.2 dBm."""

from math import log10

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.coverage.documents.cells import EIRP_DBM
from smsc.coverage.errors import CoverageError
from smsc.coverage.models import (
    CURVE_STEP_M,
    MODELS,
    Cost231Hata,
    OkumuraHata,
    PathLoss,
    RuralMacro,
    curve,
    free_space,
)

CASES: list[tuple[PathLoss, float, float, tuple[float, ...]]] = [
    (OkumuraHata(800.0, 30.0, 1.5, "urban"), 125.1, 149.7, (1.08, 2.07, 3.98, 5.53)),
    (OkumuraHata(800.0, 30.0, 1.5, "suburban"), 115.4, 140.1, (2.02, 3.89, 7.48, 10.38)),
    (OkumuraHata(800.0, 30.0, 1.5, "open"), 97.1, 121.7, (6.73, 12.93, 24.87, 34.48)),
    (Cost231Hata(1800.0, 30.0, 1.5, "urban"), 136.2, 160.8, (0.52, 1.00, 1.93, 2.67)),
    (RuralMacro(800.0, 35.0, 1.5, "open"), 93.6, 121.5, (6.56, 11.66, 20.74, 27.65)),
    (RuralMacro(800.0, 35.0, 1.5, "suburban"), 117.6, 144.6, (1.67, 3.03, 5.51, 7.42)),
    (RuralMacro(1800.0, 35.0, 1.5, "suburban"), 124.6, 151.6, (1.10, 1.99, 3.62, 4.88)),
]
NAMES = [f"{model.name} {at_1_km}" for model, at_1_km, _, _ in CASES]


def range_km(model: PathLoss, rsrp_dbm: float) -> float:
    """How far a cell is heard with at least `rsrp_dbm`."""
    near, far = 20.0, 100_000.0
    while far - near > 1.0:
        middle = (near + far) / 2.0
        if EIRP_DBM - model.loss(middle) >= rsrp_dbm:
            near = middle
        else:
            far = middle
    return near / 1000.0


@pytest.mark.parametrize(("model", "at_1_km", "at_5_km", "ranges"), CASES, ids=NAMES)
def test_loss_at_one_and_five_kilometres(
    model: PathLoss, at_1_km: float, at_5_km: float, ranges: tuple[float, ...]
) -> None:
    assert model.loss(1_000.0) == pytest.approx(at_1_km, abs=0.06)
    assert model.loss(5_000.0) == pytest.approx(at_5_km, abs=0.06)


@pytest.mark.parametrize(("model", "at_1_km", "at_5_km", "ranges"), CASES, ids=NAMES)
def test_how_far_a_cell_is_heard(
    model: PathLoss, at_1_km: float, at_5_km: float, ranges: tuple[float, ...]
) -> None:
    for rsrp, kilometres in zip((-95.0, -105.0, -115.0, -120.0), ranges, strict=True):
        assert range_km(model, rsrp) == pytest.approx(kilometres, rel=0.003, abs=0.011)


def test_the_breakpoint_of_the_rural_model() -> None:
    assert RuralMacro(800.0, 35.0, 1.5, "open").breakpoint_m == pytest.approx(880.25, abs=0.05)


def test_a_large_city_takes_the_other_handset_correction() -> None:
    medium = OkumuraHata(800.0, 30.0, 3.0, "urban")
    large = OkumuraHata(800.0, 30.0, 3.0, "urban", large=True)
    a_medium = (1.1 * log10(800) - 0.7) * 3.0 - (1.56 * log10(800) - 0.8)
    a_large = 3.2 * log10(11.75 * 3.0) ** 2 - 4.97
    assert large.loss(1_000.0) - medium.loss(1_000.0) == pytest.approx(a_medium - a_large, abs=1e-9)
    below_200_mhz = OkumuraHata(150.0, 30.0, 1.5, "urban", large=True)
    assert below_200_mhz.loss(1_000.0) == pytest.approx(
        69.55 + 26.16 * log10(150) - 13.82 * log10(30) - (8.29 * log10(1.54 * 1.5) ** 2 - 1.1), abs=1e-9
    )


def test_a_metropolitan_centre_costs_three_decibels_more_with_cost_231() -> None:
    medium = Cost231Hata(1800.0, 30.0, 1.5, "urban")
    large = Cost231Hata(1800.0, 30.0, 1.5, "urban", large=True)
    a_medium = (1.1 * log10(1800) - 0.7) * 1.5 - (1.56 * log10(1800) - 0.8)
    a_large = 3.2 * log10(11.75 * 1.5) ** 2 - 4.97
    assert large.loss(2_000.0) - medium.loss(2_000.0) == pytest.approx(3.0 + a_medium - a_large, abs=1e-9)


@given(st.sampled_from(CASES), st.floats(20.0, 40_000.0), st.floats(0.0, 5_000.0))
def test_loss_never_falls_with_distance_nor_below_free_space(
    case: tuple[PathLoss, float, float, object], metres: float, more: float
) -> None:
    model = case[0]
    assert model.loss(metres + more) >= model.loss(metres) - 1e-9
    if isinstance(model, OkumuraHata | Cost231Hata):
        assert model.loss(metres) >= free_space(model.frequency_mhz, metres) - 1e-9


@pytest.mark.parametrize(
    ("name", "frequency"), [("okumura-hata", 1800.0), ("cost-231", 800.0), ("rma", 400.0)]
)
def test_a_frequency_the_model_was_not_made_for_is_refused(name: str, frequency: float) -> None:
    with pytest.raises(CoverageError) as failure:
        MODELS[name](frequency, 30.0, 1.5, "urban", False)
    assert failure.value.field == "frequency_mhz"


def test_cost_231_knows_no_open_land() -> None:
    with pytest.raises(CoverageError, match="environment"):
        Cost231Hata(1800.0, 30.0, 1.5, "open")


@pytest.mark.parametrize("environment", ["urban", "suburban", "open"])
def test_the_curve_of_a_cell_is_the_model_to_a_tenth_of_a_decibel(environment: str) -> None:
    model = OkumuraHata(800.0, 30.0, 1.5, environment)
    values = curve("okumura-hata", 800.0, 30.0, 1.5, environment, False, EIRP_DBM, 14_500.0)
    for metres in range(150, 14_500, 7):
        step = int(metres / CURVE_STEP_M)
        part = metres / CURVE_STEP_M - step
        read = values[step] + (values[step + 1] - values[step]) * part
        assert read == pytest.approx(EIRP_DBM - model.loss(metres), abs=0.1)
