"""The garbage collector, tuned once per process after LiteLLM's import; called by the composition root's warm-up."""

import gc


def tune_gc() -> None:
    """Freeze what the imports made and collect it never again; collect the rest less often.

    LiteLLM's import leaves about 300,000 objects. Each full collection walks them: 192 ms in which no token moves, the whole
    tail of its streaming latency. Frozen objects are not walked; young objects of 50,000 streams' chunks still are.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
