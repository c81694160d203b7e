"""Files, containers and skills."""

from helpers import assistant, tool_result, tool_use, user
from unit.validation.judging import COUNT, Works, ask, block, text

from mockserver.validation.pipeline import Court

PREFIX = "File id must have `file_` prefix."
NOT_COUNTED = "File sources are not supported in the token counting endpoint."
CODE = [block("code_execution_20250825", name="code_execution")]
KNOWN = {("file", "file_1"), ("container", "container_1")}
STRICT = {"court": Court(exists=lambda kind, name: (kind, name) in KNOWN, file_type={"file_old": "image/png"}.get)}
EXPIRED = "The file's `expires_at` has passed, so its content is no longer available."
TYPES = {"file_png": "image/png", "file_pdf": "application/pdf", "file_txt": "text/plain", "file_csv": "text/csv"}
TYPED = {"court": Court(file_type=TYPES.get)}
NO_DOCUMENT = "Unsupported document file format: {}. Only PDF and plaintext documents are supported."
NO_IMAGE = "Unsupported image file format: {}. Supported image formats are JPEG, PNG, GIF, and WebP."


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
            (ask(user([_file("file_old")]), **STRICT), _missing(EXPIRED)),
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
    "fitting_files": Works(
        refused=[
            (ask(user([_file("file_csv", "document")]), **TYPED), NO_DOCUMENT.format("text/csv")),
            (ask(user([_file("file_png", "document")]), **TYPED), NO_DOCUMENT.format("image/png")),
            (ask(user([_file("file_pdf")]), **TYPED), NO_IMAGE.format("application/pdf")),
            (ask(user([_file("file_txt")]), **TYPED), NO_IMAGE.format("text/plain")),
            (
                ask("a", assistant([tool_use()]), user([tool_result([_file("file_pdf")])]), **TYPED),
                NO_IMAGE.format("application/pdf"),
            ),
            (
                ask(user([block("document", source=block("content", content=[_file("file_txt")]))]), **TYPED),
                NO_IMAGE.format("text/plain"),
            ),
        ],
        accepted=[
            ask(user([_file("file_png"), _file("file_pdf", "document"), _file("file_txt", "document")]), **TYPED),
            ask(user([_upload("file_csv"), _upload("file_png")]), tools=CODE, **TYPED),
            ask(user([_file("file_unknown"), _file("file_unknown", "document")]), **TYPED),
            ask(user([_file("file_csv", "document")])),
        ],
    ),
}
