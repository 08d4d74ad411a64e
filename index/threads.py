"""How many threads matrix products take: one, as a question is too little work to share.

Their threads would wait for the processors that onnxruntime's keep busy for a while after each encoding, which made a
question take three times as long on two cores.
"""

import functools
import os
import sys

_VARIABLE = "OPENBLAS_NUM_THREADS"


@functools.cache
def use_one_thread() -> None:
    """Let matrix products run on one thread.

    Before NumPy is imported, it is told by the environment: it then starts no others, which would spin for a while, and
    a cold answer does without threadpoolctl.
    """
    if "numpy" not in sys.modules:
        os.environ[_VARIABLE] = "1"
        return
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, user_api="blas")
