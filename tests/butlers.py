"""A small Butler repository on disk."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from astropy.time import Time, TimeDelta
from lsst.daf.butler import (
    Butler,
    CollectionType,
    DatasetRef,
    DatasetType,
    FileDataset,
    FormatterV2,
    Timespan,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN, CALIB, CHAIN = "HSC/runs/one", "HSC/calib/skies", "HSC/defaults"
"""A RUN, a CALIBRATION, and a chain of both."""
FILTERS = {"HSC-R": "r", "HSC-I": "i"}


class AnyFits(FormatterV2):
    """Goes into the repository by its name alone; the tests read no data set through it."""

    default_extension = ".fits"


@dataclass
class Repo:
    """A repository of HSC's detectors 0 and 1, which is open, and what is put into it."""

    path: Path
    butler: Any

    @property
    def word(self) -> str:
        return f"butler:{self.path}"

    def put(
        self, dataset: str, file: Path, run: str = RUN, calibration: bool = False, **data_id: Any
    ) -> Path:
        """Put a copy of a file into the repository; return where it is there."""
        kind = DatasetType(
            dataset, tuple(data_id), "ExposureF",
            isCalibration=calibration, universe=self.butler.dimensions,
        )  # fmt: skip
        self.butler.registry.registerDatasetType(kind)
        self.butler.collections.register(run)
        ref = DatasetRef(kind, self.butler.registry.expandDataId(data_id), run)
        self.butler.ingest(FileDataset(str(file), [ref], formatter=AnyFits), transfer="copy")
        return Path(self.butler.getURI(ref).ospath)

    def certify(self, run: str, begin: str, end: str) -> None:
        """Make the sky frames of a run valid in the collection of calibrations."""
        refs = self.butler.query_datasets("sky", collections=run)
        self.butler.registry.certify(CALIB, refs, Timespan(tai(begin), tai(end)))


@contextmanager
def anew(path: Path) -> Iterator[Any]:
    """Open a repository as somebody else finds it."""
    butler = Butler.from_config(str(path))
    try:
        yield butler
    finally:
        if hasattr(butler, "close"):  # since version 30
            butler.close()


def tai(text: str) -> Any:
    return Time(text, scale="tai")


@contextmanager
def make_repo(path: Path, visits: dict[int, str]) -> Iterator[Repo]:
    """Make a repository; ``visits`` are numbers with the times (TAI) at which they begin."""
    Butler.makeRepo(str(path))
    butler = Butler.from_config(str(path), writeable=True)
    insert = butler.registry.insertDimensionData
    insert(
        "instrument",
        {
            "name": "HSC", "class_name": "lsst.obs.subaru.HyperSuprimeCam",
            "visit_max": 10**7, "exposure_max": 10**7, "detector_max": 200,
        },
    )  # fmt: skip
    for name, band in FILTERS.items():
        insert("physical_filter", {"instrument": "HSC", "name": name, "band": band})
    for number in (0, 1):
        told = {"full_name": f"0_{number + 20}", "purpose": "SCIENCE"}
        insert("detector", {"instrument": "HSC", "id": number, **told})
    days = {number: int(begin[:10].replace("-", "")) for number, begin in visits.items()}
    for day in set(days.values()):
        insert("day_obs", {"instrument": "HSC", "id": day})
    for number, begin in visits.items():
        span = Timespan(tai(begin), tai(begin) + TimeDelta(30, format="sec"))
        insert(
            "visit",
            {
                "instrument": "HSC", "id": number, "name": str(number), "day_obs": days[number],
                "physical_filter": "HSC-R", "exposure_time": 30.0, "timespan": span,
            },
        )  # fmt: skip
    butler.collections.register(RUN)
    butler.collections.register(CALIB, CollectionType.CALIBRATION)
    butler.collections.register(CHAIN, CollectionType.CHAINED)
    butler.collections.redefine_chain(CHAIN, [RUN, CALIB])
    try:
        yield Repo(path, butler)
    finally:
        if hasattr(butler, "close"):  # since version 30
            butler.close()
