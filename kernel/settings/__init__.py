"""Settings: the first thing every process reads, before anything is built.

`load_settings()` merges `hibachi.toml` and the environment (environment wins), checks the whole of it and returns one
frozen `Settings`, or raises one `SettingsError` that lists every fault. Only the composition roots (gateway, workers,
CLI) call it; what is below them gets plain values.
"""

from kernel.settings.faults import SettingProblem, SettingsError, environment_names
from kernel.settings.load import default_data_folder, load_settings
from kernel.settings.policy import CENT, HOUSE, Budget, Policy, Shadow, Stakes, Strategy, Way
from kernel.settings.schema import (
    BusinessSettings,
    DatabaseSettings,
    EnsembleSettings,
    KnowledgeSettings,
    LimitSettings,
    LogSettings,
    ModelSettings,
    RedisSettings,
    Settings,
    TravelSettings,
)

__all__ = [
    "CENT",
    "HOUSE",
    "Budget",
    "BusinessSettings",
    "DatabaseSettings",
    "EnsembleSettings",
    "KnowledgeSettings",
    "LimitSettings",
    "LogSettings",
    "ModelSettings",
    "Policy",
    "RedisSettings",
    "SettingProblem",
    "Settings",
    "SettingsError",
    "Shadow",
    "Stakes",
    "Strategy",
    "TravelSettings",
    "Way",
    "default_data_folder",
    "environment_names",
    "load_settings",
]
