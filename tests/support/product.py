"""A product with some of its pieces changed."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from backend.wiring import Product


def changed(product: Product, **pieces: Any) -> Product:
    """The product with these pieces (`clock`, `http`, `analyst` …) in whichever part has them."""
    left = dict(pieces)

    def of(part: object) -> dict[str, Any]:
        return {f.name: left.pop(f.name) for f in fields(part) if f.name in left}  # type: ignore[arg-type]

    stores = replace(product.stores, **of(product.stores))
    hubspot = replace(product.hubspot, **{"stores": stores} | of(product.hubspot))
    ai = replace(product.ai, **of(product.ai))
    return replace(product, **{"stores": stores, "hubspot": hubspot, "ai": ai} | left)
