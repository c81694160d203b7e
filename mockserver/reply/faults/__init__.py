"""Faults: what breaks about an answer, as a change of its plan. How to add one: `docs/adding-a-fault.md`."""

from mockserver.reply.faults.fatal import FATAL
from mockserver.reply.faults.scene import Scene
from mockserver.reply.faults.table import FAULTS, applied

__all__ = ["FATAL", "FAULTS", "Scene", "applied"]
