"""One question with a strict form, and an answer that is checked and asked for once more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, replace
from math import ceil
from typing import Any, Final, TypeVar

from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ValidationError

from backend.clients.openai.api import OpenAiApi
from backend.clients.openai.prices import usage_of
from backend.config import BAD_ANSWER_ATTEMPTS, HALF_PRICE, Price
from backend.errors import BadAnswer, LeadlightError, Unanswerable
from backend.model import Usage
from backend.scoring.cost import added

Form = TypeVar("Form", bound=BaseModel)
T = TypeVar("T")
FLEX: Final = "flex"


class Question:
    """Static instructions and an answer form, asked of one model."""

    def __init__(
        self,
        api: OpenAiApi,
        model: str,
        price: Price,
        instructions: str,
        form: dict[str, Any],
        most_tokens: int,
        *,
        half_price: bool = False,
    ) -> None:
        """`half_price`: may be answered slowly. Source:
        developers.openai.com/api/docs/guides/flex-processing."""
        self.model = model
        self._api = api
        self._price = price
        self._form = form
        self._most_tokens = most_tokens
        self._tier = {"service_tier": FLEX} if half_price else {}
        self._instructions: Final = {"role": "system", "content": instructions}

    def ask(
        self, content: str, parsed: type[Form], check: Callable[[Form], T], ends: float
    ) -> tuple[T, Usage]:
        """The checked answer and what both attempts used; over by `ends` of the monotonic clock.

        Raises Unanswerable after the second bad answer; the error says what was used (`used`).
        """
        used = Usage()
        for attempt in range(1, BAD_ANSWER_ATTEMPTS + 1):
            try:
                completion = self._once(content, ends)
                used = added(used, self._used(completion))
                return check(_parsed(completion, parsed)), used
            except LeadlightError as error:
                failure = error
            if attempt == BAD_ANSWER_ATTEMPTS or not isinstance(failure, BadAnswer):
                break
            if isinstance(failure, Unanswerable):
                break
        if isinstance(failure, BadAnswer) and used.calls:
            failure = Unanswerable(str(failure))
        failure.used = astuple(used)
        raise failure from None

    def _once(self, content: str, ends: float) -> ChatCompletion:
        messages = [self._instructions, {"role": "user", "content": content}]
        return self._api.chat(
            self.model,
            self._most_tokens,
            ends,
            messages=messages,
            response_format=self._form,
            **self._tier,
        )

    def _used(self, completion: ChatCompletion) -> Usage:
        """Half the price only for an answer that says that it was made so."""
        used = usage_of(self._price, completion.usage)
        if completion.service_tier != FLEX:
            return used
        return replace(used, cost_micro_usd=ceil(used.cost_micro_usd * HALF_PRICE))


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
