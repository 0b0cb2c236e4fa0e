"""LiteLLM as a module, imported when it is first needed and never before: it costs seconds and 180 MB."""

import asyncio
import importlib
import logging
import os
from types import ModuleType

from agents.ensemble.gc_tuning import tune_gc
from agents.ensemble.tokens import point_tiktoken_at_local_files


class LiteLLMLibrary:
    """Holds the imported module; shared by all models of a process."""

    def __init__(self) -> None:
        self._module: ModuleType | None = None
        self._lock = asyncio.Lock()

    @property
    def loaded(self) -> ModuleType | None:
        """The module where it is imported already."""
        return self._module

    async def load(self) -> ModuleType:
        """The module; the first call imports it in a thread, so that sockets are served meanwhile."""
        if self._module is None:
            async with self._lock:
                if self._module is None:
                    self._module = await asyncio.to_thread(_import)
        return self._module


def _import() -> ModuleType:
    # Without this the import fetches a price list from the network.
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
    point_tiktoken_at_local_files()
    litellm = importlib.import_module("litellm")
    # It logs prompts and keys at its whim; what happened is in our usage rows and our own log.
    logging.getLogger("LiteLLM").setLevel(logging.CRITICAL)
    for name, value in {
        "telemetry": False,
        "suppress_debug_info": True,
        "disable_streaming_logging": True,
        "turn_off_message_logging": True,
        # For some models it would fetch a tokenizer to price an answer, in the loop: half a minute for everybody without a network.
        "disable_hf_tokenizer_download": True,
        "num_retries": 0,
        "callbacks": [],
        "success_callback": [],
        "failure_callback": [],
    }.items():
        setattr(litellm, name, value)
    tune_gc()
    return litellm
