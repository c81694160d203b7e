"""Results of the API's own tools, as they come back in the history. Source: the API reference (2026-11)."""

from typing import Any, Final

from mockserver.validation.fault import NOT_SHAPED, Fault
from mockserver.validation.grammar import common as c
from mockserver.validation.grammar.containers import Array, Field, Record, Tagged, nullable, optional, required
from mockserver.validation.grammar.kinds import Boolean, Integer, OneOf
from mockserver.validation.scope import Scope

_COMMON_CODES: Final = ("invalid_tool_input", "unavailable", "too_many_requests", "execution_time_exceeded")


def _result(content: Field, *, called: bool = False) -> Record:
    caller = {"caller": optional(c.CALLER)} if called else {}
    return c.member({"tool_use_id": required(c.SERVER_TOOL_USE_ID), "content": content, **caller})


def _error(*codes: str, told: bool = False) -> Record:
    message = {"error_message": nullable(c.STRING)} if told else {}
    return _output({"error_code": required(OneOf(*codes)), **message})


def _output(fields: dict[str, Field]) -> Record:
    """Return what the API itself wrote; it has keys that no reference names, and they come back (recorded)."""
    return Record({"type": c.TYPE, **fields}, open_keys=True)


def _ran(output: str, *, streams: tuple[str, ...] = ("stdout", "stderr")) -> Record:
    return _output(
        {
            **{name: required(c.STRING) for name in streams},
            "return_code": required(Integer()),
            "content": required(Array(Tagged({output: _output({"file_id": required(c.STRING)})}))),
        }
    )


class _SearchContent:
    """The results of a web search, or its error."""

    _results: Final = Array(
        Tagged(
            {
                "web_search_result": _output(
                    {
                        "encrypted_content": required(c.STRING),
                        "title": required(c.STRING),
                        "url": required(c.STRING),
                        "page_age": nullable(c.STRING),
                    }
                )
            },
            tagged=False,
        )
    )
    _error: Final = Tagged(
        {
            "web_search_tool_result_error": _error(
                "invalid_tool_input",
                "unavailable",
                "max_uses_exceeded",
                "too_many_requests",
                "query_too_long",
                "request_too_large",
            )
        }
    )

    def check(self, value: Any, scope: Scope) -> Fault | None:
        """Look at a list as results, at an object as an error."""
        if isinstance(value, list):
            return self._results.check(value, scope)
        return self._error.check(value, scope) if isinstance(value, dict) else Fault(NOT_SHAPED)


_FETCHED: Final = _output(
    {
        "url": required(c.STRING),
        "retrieved_at": nullable(c.STRING),
        "content": required(Record({"type": c.TYPE}, open_keys=True)),
    }
)

SERVER_RESULTS: Final = {
    "advisor_tool_result": _result(
        required(
            Tagged(
                {
                    "advisor_redacted_result": _output(
                        {"encrypted_content": required(c.STRING), "stop_reason": nullable(c.STRING)}
                    ),
                    "advisor_result": _output({"text": required(c.STRING), "stop_reason": nullable(c.STRING)}),
                    "advisor_tool_result_error": _error(
                        "max_uses_exceeded",
                        "prompt_too_long",
                        "too_many_requests",
                        "overloaded",
                        "unavailable",
                        "execution_time_exceeded",
                        "model_not_found",
                    ),
                }
            )
        )
    ),
    "bash_code_execution_tool_result": _result(
        required(
            Tagged(
                {
                    "bash_code_execution_result": _ran("bash_code_execution_output"),
                    "bash_code_execution_tool_result_error": _error(*_COMMON_CODES, "output_file_too_large"),
                }
            )
        )
    ),
    "code_execution_tool_result": _result(
        required(
            Tagged(
                {
                    "code_execution_result": _ran("code_execution_output"),
                    "code_execution_tool_result_error": _error(*_COMMON_CODES),
                    "encrypted_code_execution_result": _ran(
                        "code_execution_output", streams=("encrypted_stdout", "stderr")
                    ),
                }
            )
        )
    ),
    "text_editor_code_execution_tool_result": _result(
        required(
            Tagged(
                {
                    "text_editor_code_execution_create_result": _output({"is_file_update": required(Boolean())}),
                    "text_editor_code_execution_str_replace_result": _output(
                        {
                            "lines": nullable(Array(c.STRING)),
                            "old_start": nullable(Integer()),
                            "old_lines": nullable(Integer()),
                            "new_start": nullable(Integer()),
                            "new_lines": nullable(Integer()),
                        }
                    ),
                    "text_editor_code_execution_tool_result_error": _error(*_COMMON_CODES, "file_not_found", told=True),
                    "text_editor_code_execution_view_result": _output(
                        {
                            "content": required(c.STRING),
                            "file_type": required(OneOf("text", "image", "pdf")),
                            "num_lines": nullable(Integer()),
                            "start_line": nullable(Integer()),
                            "total_lines": nullable(Integer()),
                        }
                    ),
                }
            )
        )
    ),
    "tool_search_tool_result": _result(
        required(
            Tagged(
                {
                    "tool_search_tool_result_error": _error(*_COMMON_CODES, told=True),
                    "tool_search_tool_search_result": _output(
                        {
                            "tool_references": required(
                                Array(Tagged({"tool_reference": c.member({"tool_name": required(c.STRING)})}))
                            ),
                        }
                    ),
                }
            )
        )
    ),
    "web_fetch_tool_result": _result(
        required(
            Tagged(
                {
                    "web_fetch_result": _FETCHED,
                    "web_fetch_tool_result_error": _error(
                        "invalid_tool_input",
                        "url_too_long",
                        "url_not_allowed",
                        "url_not_in_prior_context",
                        "url_not_accessible",
                        "unsupported_content_type",
                        "too_many_requests",
                        "max_uses_exceeded",
                        "unavailable",
                        "content_too_large",
                    ),
                }
            )
        ),
        called=True,
    ),
    "web_search_tool_result": _result(required(_SearchContent()), called=True),
}
"""Block type -> its fields."""
