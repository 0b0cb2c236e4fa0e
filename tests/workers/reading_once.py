"""`python -m tests.workers.reading_once URL`: a worker that reads what is due, and dies where the environment says."""

import asyncio
import os
import sys

from kernel.database import Database
from kernel.settings import KnowledgeSettings
from knowledge.corpus.embedder import MiniLM
from tests.knowledge.corpus.reading import ENCODER, reader
from workers.corpus import Corpus, Tools
from workers.crash import Crash


async def main() -> None:
    database = Database(sys.argv[1], application="reads once")

    async def close() -> None:
        """Nothing is open."""

    tools = Tools(reader(database), MiniLM(ENCODER), close)
    worker = Corpus(database, KnowledgeSettings(), lambda: tools, crash=Crash.asked_for(os.environ, "corpus"))
    while await worker.look():
        await worker.idle()
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())
