"""The configuration: one YAML file, typed, frozen, every problem found before anything starts."""

from jobs.config.configuration import Configuration, load, parse

__all__ = ["Configuration", "load", "parse"]
