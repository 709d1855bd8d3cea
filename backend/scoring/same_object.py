"""A key for caches of what is worked out once from a large value, such as a portal's profile."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Same(Generic[T]):
    """Equal only for the very same object: comparing a profile of 1,000 clients would cost what
    the cache saves. It keeps the object alive, so its address is not used again."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value
