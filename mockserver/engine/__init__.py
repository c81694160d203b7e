"""The pipeline from request to plan, and all state. Synchronous: nothing here awaits or knows a socket."""

from mockserver.engine.pipeline import Arrival, Engine, Handled

__all__ = ["Arrival", "Engine", "Handled"]
