"""Names of the arrays that learning computes with."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.intp]

Floats = npt.NDArray[np.float64]
