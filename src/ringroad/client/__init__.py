"""The service of a workspace from Python, with nothing but the standard library."""

from ringroad.client.client import Client
from ringroad.client.problem import Problem

__all__ = ["Client", "Problem"]
