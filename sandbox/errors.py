"""What the stand-in answers when something is wrong, in HubSpot's error shape (ref 5.9)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]


class SandboxError(Exception):
    """A command cannot go on; the message says what is wrong and what to do."""


class ApiError(Exception):
    """One refused call. `body()` is HubSpot's JSON with a fresh correlation id."""

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        errors: Sequence[Json] = (),
        context: Mapping[str, Sequence[str]] | None = None,
        sub_category: str | None = None,
        extra: Json | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.category = category
        self.message = message
        self.errors = list(errors)
        self.context = {key: list(value) for key, value in (context or {}).items()}
        self.sub_category = sub_category
        self.extra = extra or {}
        self.headers = dict(headers or {})

    def body(self) -> Json:
        """The whole error answer."""
        answer: Json = {
            "status": "error",
            "message": self.message,
            "correlationId": str(uuid.uuid4()),
        }
        if self.category:
            answer["category"] = self.category
        if self.sub_category:
            answer["subCategory"] = self.sub_category
        if self.errors:
            answer["errors"] = self.errors
        if self.context:
            answer["context"] = self.context
        return answer | self.extra

    def in_batch(self) -> Json:
        """The same error as one entry of a 207 answer's `errors`."""
        entry: Json = {
            "status": "error",
            "category": self.category,
            "message": self.message,
            "context": self.context,
            "errors": self.errors,
            "links": {},
        }
        if self.sub_category:
            entry["subCategory"] = self.sub_category
        return entry


class PropertyInvalid(ApiError):
    """One or more property values were refused; `problems` is one entry each."""

    def __init__(self, problems: Sequence[Json]) -> None:
        self.problems = list(problems)
        text = ", ".join(p["message"] for p in self.problems)
        super().__init__(
            400,
            "VALIDATION_ERROR",
            f"Property values were not valid: [{text}]",
            errors=self.problems,
        )


def problem(code: str, message: str, name: str) -> Json:
    """One `errors` entry about the property `name`."""
    return {"message": message, "code": code, "context": {"propertyName": [name]}}


def invalid(message: str, **context: str) -> ApiError:
    """400 for a request that is badly formed."""
    return ApiError(
        400, "VALIDATION_ERROR", message, context={key: [value] for key, value in context.items()}
    )


def unreadable(message: str) -> ApiError:
    """400 as HubSpot answers it before any API of its own has looked at the call: no category."""
    return ApiError(400, "", message)


class MissingPage(ApiError):
    """404 for one record that does not exist: HubSpot answers with an HTML page."""

    def __init__(self) -> None:
        super().__init__(404, "OBJECT_NOT_FOUND", "resource not found")


def not_found(message: str = "resource not found") -> ApiError:
    """404."""
    return ApiError(404, "OBJECT_NOT_FOUND", message)


def conflict(message: str, **context: str) -> ApiError:
    """409 for something that exists already."""
    return ApiError(
        409, "CONFLICT", message, context={key: [value] for key, value in context.items()}
    )


def missing_scopes(scopes: Sequence[str]) -> ApiError:
    """403 naming the scopes that would allow the call."""
    return ApiError(
        403,
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call. Read more about "
        "required scopes here: https://developers.hubspot.com/scopes.",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": list(scopes)},
            }
        ],
        extra={"links": {"scopes": "https://developers.hubspot.com/scopes"}},
    )


def unauthorized(category: str, message: str) -> ApiError:
    """401; categories are INVALID_AUTHENTICATION and EXPIRED_AUTHENTICATION."""
    return ApiError(401, category, message)
