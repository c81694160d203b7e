"""Files, containers and skills."""

from helpers import assistant, tool_result, tool_use, user
from unit.validation.judging import COUNT, Works, ask, block, text

from mockserver.validation.pipeline import Court

PREFIX = "File id must have `file_` prefix."
NOT_COUNTED = "File sources are not supported in the token counting endpoint."
CODE = [block("code_execution_20250825", name="code_execution")]
KNOWN = {("file", "file_1"), ("container", "container_1")}
STRICT = {"court": Court(exists=lambda kind, name: (kind, name) in KNOWN)}


def _file(name="file_1", kind="image"):
    return block(kind, source=block("file", file_id=name))


def _upload(name="file_1"):
    return block("container_upload", file_id=name)


def _missing(words):
    return (404, "not_found_error", words)


def _skill(kind):
    return {"type": kind, "skill_id": "skill_2", "version": "latest"}


ROWS = {
    "file_ids": Works(
        refused=[
            (ask(user([_file("a")])), PREFIX),
            (ask(user([_file(), _file("a", "document")])), PREFIX),
            (ask(user([_upload("a")]), tools=CODE), PREFIX),
            (ask(user([block("document", source=block("content", content=[_file("a")]))])), PREFIX),
            (ask("a", assistant([tool_use()]), user([tool_result([text(), _file("a")])])), PREFIX),
        ],
        accepted=[
            ask(user([_file(), _file("file_2", "document"), _upload()])),
            ask("a", assistant([tool_use()]), user([tool_result([text(), _file()])])),
            ask("a", assistant([tool_use()]), user([tool_result("a")])),
            ask(user([block("image", source=block("url", url="https://a.example"))])),
        ],
    ),
    "no_files_to_count": Works(
        refused=[(ask(user([_file()]), path=COUNT), NOT_COUNTED)],
        accepted=[
            ask(user([_file()])),
            ask(user([block("image", source=block("url", url="https://a.example"))]), path=COUNT),
        ],
    ),
    "known_objects": Works(
        refused=[
            (ask(user([_file(), _file("file_2")]), **STRICT), _missing("File not found: file_2")),
            (ask(container="container_2", tools=CODE, **STRICT), _missing("Container not found: container_2")),
            (ask(container={"id": "container_2"}, tools=CODE, **STRICT), _missing("Container not found: container_2")),
            (ask(container={"skills": [_skill("custom")]}, tools=CODE, **STRICT), _missing("Skill not found: skill_2")),
        ],
        accepted=[
            ask(container={"skills": [_skill("anthropic")]}, tools=CODE, **STRICT),
            ask(container={"skills": None}, tools=CODE, **STRICT),
            ask(container={"skills": [_skill("custom")]}, tools=CODE),
            ask(user([_file()]), container="container_1", tools=CODE, **STRICT),
            ask(user([_file("file_2")]), container="container_2", tools=CODE),
            ask(container={"id": ""}, **STRICT),
            ask(container=None, **STRICT),
        ],
    ),
}
