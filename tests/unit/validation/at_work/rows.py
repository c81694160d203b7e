"""What only a row of a message batch may not ask for."""

from unit.validation.judging import ROW, Works, ask

ROWS = {
    "no_stream": Works(
        refused=[(ask(path=ROW, stream=True), "`stream=True` is not supported in the Message Batches API")],
        accepted=[ask(path=ROW, stream=False), ask(path=ROW), ask(stream=True)],
    ),
}
