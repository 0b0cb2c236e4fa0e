"""ai: what is said and how it was answered. Conversations, messages, the two event logs, turns, models' calls and shadows, the corpus."""

from kernel.tables.ai.conversations import (
    EMBEDDING_DIMENSIONS,
    ChatEvent,
    ChatMessage,
    ChatSession,
    DocumentChunk,
    StaffEvent,
    TrainingSignal,
    Turn,
    Upload,
)
from kernel.tables.ai.models import BudgetHold, EnsembleVersion, ShadowPair, Spend, TurnRecord, Usage

__all__ = [
    "EMBEDDING_DIMENSIONS",
    "BudgetHold",
    "ChatEvent",
    "ChatMessage",
    "ChatSession",
    "DocumentChunk",
    "EnsembleVersion",
    "ShadowPair",
    "Spend",
    "StaffEvent",
    "TrainingSignal",
    "Turn",
    "TurnRecord",
    "Upload",
    "Usage",
]
