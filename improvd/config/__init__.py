"""The configuration: one checked, frozen struct from a TOML file and the command line.

The command line's options and the messages about bad values are made from its keys. The command
line wins over the file.
"""

from improvd.config.describing import allowed, describe, limits, value_type
from improvd.config.keys import GROUPS, OPTIONS, WEB, WHERE_ALONE, Config
from improvd.config.reading import ConfigError, load
from improvd.config.voices import soloists

__all__ = [
    "GROUPS",
    "OPTIONS",
    "WEB",
    "WHERE_ALONE",
    "Config",
    "ConfigError",
    "allowed",
    "describe",
    "limits",
    "load",
    "soloists",
    "value_type",
]
