"""Citations in the history."""

from helpers import assistant, user
from unit.validation.judging import Works, ask, block, text

TEN = block("document", source=block("text", media_type="text/plain", data="0123456789"))
ELSEWHERE = block("document", source=block("url", url="https://a.example/a.pdf"))


def _cited(start, *documents, number=0):
    citation = block(
        "char_location",
        cited_text="a",
        document_index=number,
        document_title=None,
        start_char_index=start,
        end_char_index=start + 1,
    )
    return ask(user([*documents, text("a")]), assistant([text("b") | {"citations": [citation]}]), "c")


ROWS = {
    "within_document": Works(
        refused=[
            (_cited(11, TEN), "messages.1.content.0.citations.0: Start index 11 is beyond document length 10"),
            (
                _cited(11, TEN, TEN, number=1),
                "messages.1.content.0.citations.0: Start index 11 is beyond document length 10",
            ),
        ],
        accepted=[_cited(10, TEN), _cited(11, TEN, ELSEWHERE), _cited(11, TEN, number=1)],
    ),
}
