"""What is refused is told in words, never in pydantic's."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError

from backend.web.api import listed
from backend.web.api.framework.shapes import Email, Shape
from backend.web.api.framework.wrong_input import told
from backend.web.api.settings import OwnName, Routing

PYDANTIC = ("should", "Input", "Value error", "pattern", "Field", "_")


class Body(Shape):
    email: Email = "a@x.example"
    names: list[OwnName] = Field(default_factory=list, max_length=2)
    share: float = Field(default=0.5, gt=0, le=1)
    count: int = Field(default=1, ge=0)
    text: Annotated[str, Field(min_length=1, max_length=3)] = "x"
    is_on: bool = True
    kind: Literal["one", "two"] = "one"


def words(shape: type[Shape], body: str) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        shape.model_validate_json(body, strict=True)
    return [told(one) for one in caught.value.errors(include_input=False, include_url=False)]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ('{"email": "x y"}', "email: is not an email address"),
        (
            '{"names": ["", "contacts.x"]}',
            "names, entry 1: has to be contacts.NAME or companies.NAME",
        ),
        ('{"names": ["contacts.a", "contacts.b", "contacts.c"]}', "names: has more than 2 entries"),
        ('{"share": 0}', "share: has to be more than 0"),
        ('{"share": 2}', "share: has to be 1"),
        ('{"count": -1}', "count: has to be 0 or more"),
        ('{"count": 1.5}', "count: has to be a whole number"),
        ('{"text": ""}', "text: must not be empty"),
        ('{"text": "long"}', "text: is longer than 3 characters"),
        ('{"text": 3}', "text: has to be text"),
        ('{"is_on": "no"}', "is on: has to be true or false"),
        ('{"kind": "three"}', "kind: has to be one of 'one' or 'two'"),
        ('{"other_one": 3}', "other one: is not known here"),
        ("{", "all of it: is not JSON"),
    ],
)
def test_each_kind_of_mistake_has_words(body: str, sentence: str) -> None:
    (found,) = words(Body, body)
    assert found.startswith(sentence)


def test_a_place_deep_inside_is_named() -> None:
    owner: dict[str, Any] = {"owner_id": "7", "leads": -1}
    with pytest.raises(ValidationError) as caught:
        Routing.model_validate({"owner_capacity": [owner]})
    found = [told(one) for one in caught.value.errors()]
    assert "owner capacity, entry 1, leads: has to be 0 or more" in found


@pytest.mark.parametrize("junk", ["null", "[]", '"x"', '{"q": {}}', '{"": []}'])
def test_no_body_of_the_api_is_refused_in_pydantics_words(junk: str) -> None:
    for route in listed():
        if route.body is None:
            continue
        try:
            route.body.model_validate_json(junk, strict=True)
        except ValidationError as error:
            for one in error.errors(include_input=False, include_url=False):
                assert not any(word in told(one) for word in PYDANTIC), told(one)
