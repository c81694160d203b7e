"""The models as the API lists them. Not here: what is told of one (`wire.model_info`), cutting pages (`paging`)."""

from collections.abc import Callable, Collection
from typing import Final, get_args

from mockserver.engine.asking import Asking
from mockserver.reply import plan
from mockserver.reply.steps import Reply
from mockserver.validation.betas import COMPACTION_2026_09, FALLBACKS
from mockserver.validation.paging import read_choices, read_paging
from mockserver.validation.transport import Route
from mockserver.wire.encoding import JsonObject
from mockserver.wire.headers import betas
from mockserver.wire.model_info import Lifecycle, lifecycle, model_info, openai_info
from mockserver.wire.traits import Model

_STAGES: Final[tuple[Lifecycle, ...]] = get_args(Lifecycle)
_LISTED: Final = ("active", "deprecated")
"""The stages of the models that are listed where the request does not choose (documentation)."""


def models(asking: Asking, _route: Route) -> Reply:
    """Return a page of the models, the newest first, those that its user added among them.

    A list in OpenAI's form is one page, and knows nothing of the API's parameters (documentation of Apertis).
    """
    if asking.settings.dialect.model_list == "openai":
        infos = [openai_info(model) for model in _of_stages(asking, _LISTED)]
        return _listed(asking, {"object": "list", "data": infos})
    parameters = asking.incoming.parameters
    paging = read_paging(parameters)
    stages = read_choices(parameters, "lifecycle", _STAGES) or _LISTED
    return _listed(asking, paging.page([_told(asking, model) for model in _of_stages(asking, stages)]))


def _of_stages(asking: Asking, stages: Collection[str]) -> list[Model]:
    today = asking.now.date()
    return [model for model in asking.models.models if lifecycle(model, today) in stages]


def model(asking: Asking, route: Route) -> Reply:
    """Return the model that the path names by id or alias; that there is one has been judged."""
    found = asking.models.find(route.id)
    in_openai_s_form = asking.settings.dialect.model_list == "openai"
    return _listed(asking, openai_info(found) if in_openai_s_form else _told(asking, found))


HANDLERS: Final[dict[str, Callable[[Asking, Route], Reply]]] = {"models.list": models, "models.retrieve": model}
"""Operation -> what answers it."""


def _told(asking: Asking, shown: Model) -> JsonObject:
    asked = betas(asking.incoming.headers)
    return model_info(
        shown,
        asking.now.date(),
        fallbacks=any(beta in asked for beta in FALLBACKS),
        compaction=COMPACTION_2026_09 in asked,
    )


def _listed(asking: Asking, body: JsonObject) -> Reply:
    asking.exchange.verdict = "listed"
    return plan.plain(body, asking.envelope)
