"""ai: what is said and how it was answered. Conversations, messages, the two event logs, turns, models' calls and shadows, the corpus."""

from kernel.tables.ai.conversations import (
    ChatEvent,
    ChatMessage,
    ChatSession,
    StaffEvent,
    TrainingSignal,
    Turn,
    Upload,
)
from kernel.tables.ai.corpus import ChunkVector, Document, DocumentChunk, DocumentSeed, EmbeddingIndex, UnansweredQuestion
from kernel.tables.ai.models import BudgetHold, EnsembleVersion, ShadowPair, Spend, TurnRecord, Usage

__all__ = [
    "BudgetHold",
    "ChatEvent",
    "ChatMessage",
    "ChatSession",
    "ChunkVector",
    "Document",
    "DocumentChunk",
    "DocumentSeed",
    "EmbeddingIndex",
    "EnsembleVersion",
    "ShadowPair",
    "Spend",
    "StaffEvent",
    "TrainingSignal",
    "Turn",
    "TurnRecord",
    "UnansweredQuestion",
    "Upload",
    "Usage",
]
