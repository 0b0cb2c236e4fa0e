"""The gateway's neighbour: a Chainlit app as its own documents show one, asking the bench's provider through OpenAI's SDK.

Run by Chainlit's own command in an environment of its own; the provider's address comes by OPENAI_BASE_URL.
"""

import chainlit as cl
from openai import AsyncOpenAI

client = AsyncOpenAI()


@cl.on_chat_start
def begin() -> None:
    """A history for each session, as in Chainlit's cookbook."""
    cl.user_session.set("history", [])


@cl.on_message
async def answer(message: cl.Message) -> None:
    """One `stream_token` for every chunk of the provider."""
    history = cl.user_session.get("history")
    history.append({"role": "user", "content": message.content})
    reply = cl.Message(content="")
    stream = await client.chat.completions.create(model="gpt-4o-mini", messages=history, stream=True)
    async for chunk in stream:
        if token := chunk.choices[0].delta.content or "":
            await reply.stream_token(token)
    history.append({"role": "assistant", "content": reply.content})
    await reply.update()
