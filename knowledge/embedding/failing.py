"""What may go wrong with vectors, and how long they may be."""

DIMENSIONS_AT_MOST = 2_000  # of what an HNSW index can hold


class EmbeddingFailed(Exception):
    """No vectors were made; the text says why, for whoever runs the install. `passing`: the same may go well a moment later."""

    def __init__(self, why: str, *, passing: bool = False) -> None:
        super().__init__(why)
        self.why, self.passing = why, passing
