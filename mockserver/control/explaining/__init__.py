"""What the server would do with a request, stage by stage, without doing it. Not here: where requests come from."""

from mockserver.control.explaining.explanation import Compared, Deviation, Explanation, explain, world_of

__all__ = ["Compared", "Deviation", "Explanation", "explain", "world_of"]
