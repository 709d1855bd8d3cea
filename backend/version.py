"""Which release this is."""

from typing import Final

VERSION: Final = "1.1.0"  # `make release` changes it here and in pyproject.toml together
