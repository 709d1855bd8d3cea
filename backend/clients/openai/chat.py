"""One question with a strict form, and an answer that is checked and asked for once more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ValidationError

from backend.clients.openai.api import OpenAiApi
from backend.clients.openai.prices import usage_of
from backend.config import BAD_ANSWER_ATTEMPTS
from backend.errors import BadAnswer
from backend.model import Usage
from backend.scoring.cost import added

SEED: Final = 7
_REASONING: Final = ("o1", "o3", "o4", "gpt-5")  # take no temperature and think within the limit
_THINKING_TOKENS: Final = 4_000

Form = TypeVar("Form", bound=BaseModel)
T = TypeVar("T")


class Question:
    """Static instructions and an answer form, asked of one model."""

    def __init__(
        self, api: OpenAiApi, model: str, instructions: str, form: dict[str, Any], most_tokens: int
    ) -> None:
        self.model = model
        self._api = api
        self._static: Final = {
            "model": model,
            "response_format": form,
            **_settings(model, most_tokens),
        }
        self._instructions: Final = {"role": "system", "content": instructions}

    def ask(self, content: str, parsed: type[Form], check: Callable[[Form], T]) -> tuple[T, Usage]:
        """The checked answer and what both attempts used. Raises BadAnswer after the second."""
        used = Usage()
        for attempt in range(1, BAD_ANSWER_ATTEMPTS + 1):
            try:
                completion = self._once(content)
                used = added(used, usage_of(self.model, completion.usage))
                return check(_parsed(completion, parsed)), used
            except BadAnswer:
                if attempt == BAD_ANSWER_ATTEMPTS:
                    raise
        raise AssertionError("unreachable: attempts is at least 1")

    def _once(self, content: str) -> ChatCompletion:
        asked = {"role": "user", "content": content}
        return self._api.chat(messages=[self._instructions, asked], **self._static)


def _settings(model: str, most_tokens: int) -> dict[str, Any]:
    if model.startswith(_REASONING):
        return {"max_completion_tokens": most_tokens + _THINKING_TOKENS}
    return {"max_tokens": most_tokens, "temperature": 0, "seed": SEED}


def _parsed(completion: ChatCompletion, form: type[Form]) -> Form:
    """The answer as its form; the message never repeats what the model wrote."""
    choice = completion.choices[0] if completion.choices else None
    if choice is None or choice.message is None:
        raise BadAnswer("the model answered without a choice")
    if choice.message.refusal:
        raise BadAnswer("the model refused to answer")
    if choice.finish_reason in ("length", "content_filter"):
        raise BadAnswer(f"the model's answer was cut off ({choice.finish_reason})")
    if not choice.message.content:
        raise BadAnswer("the model answered nothing")
    try:
        return form.model_validate_json(choice.message.content)
    except ValidationError as error:
        fields = sorted({str(problem["loc"][0]) for problem in error.errors() if problem["loc"]})
        known = [field for field in fields if field in form.model_fields]
        named = ", ".join(known) or "its form"
        raise BadAnswer(f"the model's answer is not valid: {named}") from None
