"""The command line `hibachi`: the composition root of everything that is not a running gateway or worker."""

from gateway.cli.app import main

__all__ = ["main"]
