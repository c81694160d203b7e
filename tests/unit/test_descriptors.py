"""How many connections a process can have: its limit on open files is raised as far as it may be, and then counts."""

import pytest

from mockserver.serving.descriptors import SPARE, make_room

NEVER = -1


class System:
    """Stands for the module `resource`: limits that are set up to `most`."""

    RLIMIT_NOFILE = 7
    RLIM_INFINITY = NEVER

    def __init__(self, soft, hard, most=10**9):
        self.limits = (soft, hard)
        self.most = most

    def getrlimit(self, which):
        assert which == self.RLIMIT_NOFILE
        return self.limits

    def setrlimit(self, _which, limits):
        if limits[0] > self.most:
            raise ValueError("current limit exceeds maximum limit")
        self.limits = limits


CASES = [
    # soft, hard, most that can be set; connections that there may be, soft limit afterwards
    (1024, 1_048_576, 10**9, 15_000, 15_128),
    (65_536, 1_048_576, 10**9, 15_000, 65_536),
    (1024, 4096, 10**9, 4096 - SPARE, 4096),
    (256, NEVER, 10**9, 15_000, 15_128),
    (256, NEVER, 10_240, 10_240 - SPARE, 10_240),
    (256, 256, 10**9, 256 - SPARE, 256),
    (64, 64, 10**9, 1, 64),
    (NEVER, NEVER, 10**9, 15_000, NEVER),
    (1024, 1_048_576, 0, 1024 - SPARE, 1024),
]


@pytest.mark.parametrize(("soft", "hard", "most", "room", "after"), CASES)
def test_room_is_made_as_far_as_the_system_lets_it(soft, hard, most, room, after):
    system = System(soft, hard, most)
    assert make_room(15_000, system) == room
    assert system.limits == (after, hard)


def test_a_system_without_such_a_limit_has_room():
    assert make_room(15_000, None) == 15_000
