__all__ = ["options", "utils"]
__version__ = "0.9.0"

import fairseq_lite.models  # noqa
import fairseq_lite.optim  # noqa
