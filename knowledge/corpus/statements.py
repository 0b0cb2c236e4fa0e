"""The one statement of a search: nearest vectors and ranked words, joined by reciprocal rank fusion, as of one moment.

It says as well which index serves at that moment, so that whoever asked another one notices.
"""

from functools import lru_cache
from typing import Literal
from uuid import UUID

from sqlalchemy import TextClause, text

from knowledge.corpus.vectors import SHOWN

By = Literal["both", "words", "vectors"]

# Of each half so many are ranked. A piece's share is 1 / (FUSION + rank) of each half; of the words' half only as much as the question's
# words are covered. All figures here were chosen on tests/evals/retrieval, where their neighbours do nearly as well (docs/search.md).
DEPTH = 50
FUSION = 20
# Words that a question is searched by at most: the longest, which are the rarest by and large; and of other words for the same things.
LEXEMES = 24
# What such another word counts.
SYNONYM = 0.6
# Pieces that words are ranked in at most; common words are counted no further, and choose no piece where rarer ones fill it.
RANKED = 1_000
# What a word weighs in the piece's text (C), in its headings (B) and in the document's title (A).
WEIGHTS = "{0.1, 0.4, 1.0, 0.5}"
# How much more a piece counts that has all words of a question, and that has them one after the other.
ALL_WORDS, PHRASE = 0.25, 0.25
# What a piece of another language counts, where it is found at all.
OTHER_LANGUAGE = 0.5

NOT_NEAR = "near AS (SELECT NULL::uuid AS chunk, NULL::bigint AS rank WHERE false)"
NOT_WORDED = "worded AS (SELECT NULL::uuid AS chunk, NULL::bigint AS rank, NULL::float8 AS covered WHERE false)"

MAY_BE_FOUND = f"c.audience = ANY(CAST(:audience AS text[])) AND {SHOWN}"
# Languages that have a stemmer of their own, as the column `words` is made; all others share the one that only folds case.
STEMMERS = {"en": "english", "es": "spanish", "": "simple"}
CLASS = "CASE WHEN c.language IN ('en', 'es') THEN c.language ELSE '' END"

QUOTED = r"('''' || replace(replace(l.lexeme, '\', '\\'), '''', '''''') || '''')"

# By the stemmer of the pieces' language. A lexeme is quoted by hand: whatever a customer wrote is a word here. `pieces` is how many have
# it, `rarity` the usual inverse of that (BM25's); of more than RANKED nobody counts how many. The rarest lexemes that fewer than RANKED
# pieces have together are looked for, each by itself; those that very many pieces have tell little.
WORDED = f"""
stemmer AS MATERIALIZED (
    SELECT class, config, greatest(
        (SELECT count(*) FROM (SELECT 1 FROM ai.document_chunk c WHERE {MAY_BE_FOUND} AND {CLASS} = class LIMIT {RANKED + 1}) AS them),
        (SELECT reltuples FROM pg_class WHERE oid = 'ai.document_chunk'::regclass)
    ) AS all_pieces
    FROM (VALUES {", ".join(f"('{language}', '{config}'::regconfig)" for language, config in STEMMERS.items())}) AS known (class, config)
    WHERE class = ANY(CAST(:classes AS text[]))
),
lexeme AS MATERIALIZED (
    SELECT s.class, s.config, s.all_pieces, l.lexeme, max(l.counts) AS counts,
           {QUOTED}::tsquery AS query
    FROM stemmer s CROSS JOIN LATERAL (
        (SELECT lexeme, 1.0 AS counts FROM unnest(to_tsvector(s.config, CAST(:query AS text)))
         ORDER BY length(lexeme) DESC, lexeme LIMIT {LEXEMES})
        UNION ALL
        SELECT lexeme, {SYNONYM} FROM unnest(to_tsvector(s.config, CAST(:others AS text))) WHERE s.class = :language
    ) AS l
    GROUP BY s.class, s.config, s.all_pieces, l.lexeme
),
posting AS MATERIALIZED (
    SELECT l.lexeme, l.class, c.id FROM lexeme l CROSS JOIN LATERAL (
        SELECT c.id FROM ai.document_chunk c WHERE c.words @@ l.query AND {MAY_BE_FOUND} AND {CLASS} = l.class LIMIT {RANKED + 1}
    ) AS c
),
rare AS (
    SELECT l.*, l.counts * ln(1 + (greatest(l.all_pieces - pieces, 0) + 0.5) / (pieces + 0.5)) AS rarity,
           sum(pieces) OVER (PARTITION BY l.class ORDER BY pieces / l.counts, l.lexeme) AS together,
           row_number() OVER (PARTITION BY l.class ORDER BY pieces = 0, pieces / l.counts, l.lexeme) AS place
    FROM lexeme l LEFT JOIN (SELECT lexeme, class, count(*) AS many FROM posting GROUP BY lexeme, class) AS p USING (lexeme, class)
    CROSS JOIN LATERAL (SELECT coalesce(p.many, 0) AS pieces) AS counted
),
wanted AS MATERIALIZED (SELECT * FROM rare WHERE together <= {RANKED} OR place = 1),
had AS (
    SELECT c.id, w.class, w.rarity, w.rarity * ts_rank('{WEIGHTS}', c.words, w.query) AS worth
    FROM wanted w JOIN posting p USING (lexeme, class) JOIN ai.document_chunk c ON c.id = p.id
),
matched AS (
    SELECT id, class, sum(worth) AS worth, sum(rarity) AS rarity FROM had GROUP BY id, class ORDER BY worth DESC, id LIMIT {4 * DEPTH}
),
question AS (
    SELECT class, plainto_tsquery(config, CAST(:query AS text)) AS all_words, phraseto_tsquery(config, CAST(:query AS text)) AS phrase,
           (SELECT sum(rarity) FROM wanted w WHERE w.class = s.class AND w.counts = 1) AS whole
    FROM stemmer s
),
scored AS (
    SELECT m.id, least(1, m.rarity / nullif(q.whole, 0)) AS covered, m.worth
           * (1 + CASE WHEN c.words @@ q.all_words THEN {ALL_WORDS} ELSE 0 END + CASE WHEN c.words @@ q.phrase THEN {PHRASE} ELSE 0 END)
           * CASE WHEN c.language = :language THEN 1 ELSE {OTHER_LANGUAGE} END AS score
    FROM matched m JOIN question q ON q.class = m.class JOIN ai.document_chunk c ON c.id = m.id
),
worded AS (
    SELECT id AS chunk, row_number() OVER (ORDER BY score DESC, id) AS rank, coalesce(covered, 1)::float8 AS covered
    FROM scored ORDER BY score DESC, id LIMIT {DEPTH}
)"""  # noqa: S608

# `distance` and `order`: for an HNSW index as it was made, for an exact scan in a way in which no index can help, ties by the piece.
# Pieces of another language than the customer's are ranked by themselves: those of a document in both would stand in each other's way.
NEAR = """
nearest AS (
    SELECT chunk_id, language, {distance} AS distance FROM ai.chunk_vector
    WHERE index_id = '{index}' AND shown AND audience = ANY(CAST(:audience AS text[]))
      AND (CAST(:languages AS text[]) IS NULL OR language = ANY(CAST(:languages AS text[])))
    ORDER BY {order} LIMIT {depth}
),
near AS (
    SELECT chunk_id AS chunk, row_number() OVER (PARTITION BY language = :language ORDER BY distance, chunk_id) AS rank FROM nearest
)"""

FUSED = """
WITH {near}, {worded},
fused AS (
    SELECT chunk, max(by_words) AS rank_words, max(by_vector) AS rank_vector, sum(share) AS score
    FROM (
        SELECT chunk, rank AS by_words, NULL::bigint AS by_vector, {covered} / ({fusion} + rank) AS share FROM worded
        UNION ALL SELECT chunk, NULL, rank, 1.0 / ({fusion} + rank) FROM near
    ) AS halves
    GROUP BY chunk
),
found AS (
    SELECT c.id, c.document_id, c.title, c.heading, c.text, c.language, f.rank_words, f.rank_vector,
           f.score * CASE WHEN c.language = :language THEN 1 ELSE {other} END AS score, {similarity} AS similarity
    FROM fused f JOIN ai.document_chunk c ON c.id = f.chunk {vector}
    ORDER BY score DESC, c.id LIMIT :most
)
SELECT s.serving, (SELECT count(*) FROM near) AS nearest, found.*
FROM (SELECT (SELECT id FROM ai.embedding_index WHERE state = 'serving') AS serving) AS s LEFT JOIN found ON true
ORDER BY found.score DESC, found.id
"""


def stemmed(language: str) -> str:
    """Which of `STEMMERS` a language has."""
    return language if language in STEMMERS else ""


@lru_cache(maxsize=32)
def statement(by: By, index: UUID | None, dimensions: int, approximate: bool) -> TextClause:
    """For these halves, over this index; asks for :query :others :vector :audience :language :classes :languages
    :most, as far as it needs them."""
    near, similarity, joined = NOT_NEAR, "NULL::float8", ""
    if index is not None and by != "words":
        # The index's id and its dimensions stand in the text: only so does PostgreSQL see that the partial index is the one.
        asked = f"CAST(CAST(:vector AS text) AS vector({int(dimensions)}))"
        distance = f"embedding::vector({int(dimensions)}) <=> {asked}" if approximate else f"embedding <=> {asked}"
        order = distance if approximate else "distance, chunk_id"
        near = NEAR.format(index=index, distance=distance, order=order, depth=DEPTH)
        similarity = f"1 - (v.embedding <=> {asked})"
        joined = f"LEFT JOIN ai.chunk_vector v ON v.index_id = '{index}' AND v.chunk_id = c.id"
    worded = NOT_WORDED if by == "vectors" else WORDED
    # Of words alone the better match is first, however much of the question it covers.
    given = {"near": near, "worded": worded, "covered": "1.0" if by == "words" else "covered", "similarity": similarity, "vector": joined}
    return text(FUSED.format(**given, fusion=FUSION, other=OTHER_LANGUAGE))
