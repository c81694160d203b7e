"""The pipeline from request to plan, and all state. Synchronous: nothing here awaits or knows a socket."""

from mockserver.engine.coming import Come, Print, locate
from mockserver.engine.pipeline import Engine, Handled
from mockserver.engine.worlds import World

__all__ = ["Come", "Engine", "Handled", "Print", "World", "locate"]
