"""What stands in a database for a while without being declared: the corpus gives large embeddings an HNSW index each."""


def comes_and_goes(name: str | None, table: str | None) -> bool:
    """Whether an index of this name on this table is made and dropped while the product runs, not by a migration."""
    return table == "chunk_vector" and name is not None and name.startswith("ix_chunk_vector_hnsw_")
