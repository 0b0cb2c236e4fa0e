"""What happened in the demo, counted in its database before that goes away."""

from sqlalchemy import text

from kernel.database import Database

_COUNTS = text("""
    SELECT (SELECT count(*) FROM ai.chat_session) AS conversations,
           (SELECT count(*) FROM ai.chat_message WHERE author_kind = 'customer') AS asked,
           (SELECT count(*) FROM ai.chat_message WHERE author_kind = 'ai') AS answered,
           (SELECT count(*) FROM ai.chat_message WHERE author_kind = 'human') AS written,
           (SELECT count(*) FROM ai.chat_message WHERE author_kind = 'ai' AND interrupted) AS cut,
           (SELECT count(*) FROM ai.chat_event WHERE kind = 'owner_changed' AND payload->>'owner' = 'human') AS taken,
           (SELECT count(*) FROM ops.handoff WHERE kind = 'human') AS wanted,
           (SELECT count(*) FROM ai.training_signal WHERE kind = 'rating') AS ratings,
           (SELECT round(avg(score), 1) FROM ai.training_signal WHERE kind = 'rating') AS stars
""")


async def summary(database_url: str) -> str:
    """Lines for the terminal."""
    database = Database(database_url, application="hibachi-demo", pool_size=1)
    try:
        async with database.transaction() as connection:
            row = (await connection.execute(_COUNTS)).one()
    finally:
        await database.close()
    stars = f", {row.ratings} ratings ({row.stars} of 5)" if row.ratings else ""
    return (
        f"  {row.conversations} conversations: {row.asked} messages of customers, {row.answered} answers of the assistant"
        f" ({row.cut} stopped in mid-sentence), {row.written} of people\n"
        f"  {row.wanted} times somebody asked for a person, {row.taken} times a person took over{stars}"
    )
