"""The pipeline from request to plan, and all state. Synchronous: nothing here awaits or knows a socket."""

from mockserver.engine.pipeline import Engine, Handled

__all__ = ["Engine", "Handled"]
