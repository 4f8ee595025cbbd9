"""What each component takes and tells, once for Python; its module in assets/components says the same in JSDoc.

A test compares the names of the fields. Every component that draws is told "mode", too.
"""

from ui.parts.wires.decode import BeamData, ChoicesData, FillData, ForcingData, PlayerData
from ui.parts.wires.explore import (
    CurveData,
    HeadNumbersData,
    HeadsCompareData,
    HeadsData,
    MapData,
    TemperatureData,
    WiringData,
)
from ui.parts.wires.frame import AddressData, EditsData, PathData, PicturesData, PresentData, TermsData
from ui.parts.wires.learn import GlossaryData, MaskGridData
from ui.parts.wires.road import (
    ChainData,
    FollowersData,
    LanesData,
    NearestData,
    OneHotData,
    PullData,
    TwoUsesData,
    UsesData,
    WholeRoadData,
    WordMapData,
)
from ui.parts.wires.values import (
    ExplainData,
    HeadingData,
    HeatmapData,
    HeatmapsData,
    StepperData,
    WordGridData,
    WordsData,
)

__all__ = [
    "AddressData",
    "BeamData",
    "ChainData",
    "ChoicesData",
    "CurveData",
    "EditsData",
    "ExplainData",
    "FillData",
    "FollowersData",
    "ForcingData",
    "GlossaryData",
    "HeadNumbersData",
    "HeadingData",
    "HeadsCompareData",
    "HeadsData",
    "HeatmapData",
    "HeatmapsData",
    "LanesData",
    "MapData",
    "MaskGridData",
    "NearestData",
    "OneHotData",
    "PathData",
    "PicturesData",
    "PlayerData",
    "PresentData",
    "PullData",
    "StepperData",
    "TemperatureData",
    "TermsData",
    "TwoUsesData",
    "UsesData",
    "WholeRoadData",
    "WiringData",
    "WordGridData",
    "WordMapData",
    "WordsData",
]
