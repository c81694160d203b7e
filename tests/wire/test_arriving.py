"""How long ago a request came: what the kernel tells, and what is made of it."""

import gc
import socket
import struct
import sys

import pytest

from mockserver.serving import arriving
from mockserver.serving.arriving import connection_of, seconds_ago


class Told:
    """A connection of which the kernel tells this."""

    def __init__(self, info):
        self.info = info

    def getsockopt(self, _level, _option, size):
        if isinstance(self.info, OSError):
            raise self.info
        return self.info[:size]


def came(milliseconds):
    return Told(bytes(52) + struct.pack("I", milliseconds) + bytes(48))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
@pytest.mark.parametrize(
    ("connection", "seconds"),
    [
        (came(24), 0.02),
        (came(4), 0.0),
        (came(0), 0.0),  # never more than it can have been: the kernel counts in ticks
        (came(999), 0.995),
        (came(5000), 0.0),  # sent ahead, behind a request whose answer took so long
        (Told(bytes(20)), 0.0),
        (Told(OSError("no TCP")), 0.0),
        (None, 0.0),
    ],
)
def test_what_the_kernel_tells(monkeypatch, connection, seconds):
    monkeypatch.setattr(arriving, "_TICK", 0.004)
    assert seconds_ago(connection) == pytest.approx(seconds)


def test_elsewhere_a_request_came_when_it_is_read(monkeypatch):
    monkeypatch.setattr(arriving, "_TICK", None)
    assert seconds_ago(came(24)) == 0.0


def test_what_has_just_come_came_just_now():
    client, connection = _connected()
    with client, connection:
        client.sendall(b"x")
        connection.recv(1)
        assert 0 <= seconds_ago(connection) < 1


def _connected():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return socket.create_connection(server.getsockname()), server.accept()[0]


def test_a_transport_s_socket_is_asked_and_left_alone():
    """It is borrowed once for a connection, and closing it stays the transport's own affair."""

    class Transport:
        def is_closing(self):
            return connection.fileno() < 0

        def get_extra_info(self, _name):
            return connection

    client, connection = _connected()
    transport = Transport()
    with client, connection:
        client.sendall(b"x")
        connection.recv(1)
        asked = connection_of(transport)
        assert 0 <= seconds_ago(asked) < 1
        assert connection_of(transport) is asked
        del asked, transport
        gc.collect()
        client.sendall(b"y")
        assert connection.recv(1) == b"y"
    assert connection_of(Transport()) is None
    assert connection_of(None) is None
