"""The naive gateway again, with OpenAI's SDK in LiteLLM's place. `python -m tests.bench.naive_openai PORT BASE_URL`"""

import sys
from collections import defaultdict
from typing import Any

import socketio
import uvicorn
from openai import AsyncOpenAI


def build(base_url: str) -> Any:
    """The ASGI application."""
    server = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")
    client = AsyncOpenAI(base_url=base_url, api_key="none")
    histories: dict[str, list[Any]] = defaultdict(list)

    @server.event  # type: ignore[untyped-decorator]
    async def join(sid: str, data: dict[str, Any]) -> None:
        await server.enter_room(sid, data["conversation"])

    @server.event  # type: ignore[untyped-decorator]
    async def message(sid: str, data: dict[str, Any]) -> None:
        room = data["conversation"]
        history = histories[room]
        history.append({"role": "user", "content": data["text"]})
        answer = ""
        stream = await client.chat.completions.create(model="gpt-4o-mini", messages=history, stream=True)
        async for chunk in stream:
            text = chunk.choices[0].delta.content
            if text:
                answer += text
                await server.emit("token", {"conversation": room, "text": text}, room=room)
        history.append({"role": "assistant", "content": answer})
        await server.emit("done", {"conversation": room}, room=room)

    return socketio.ASGIApp(server)


if __name__ == "__main__":
    uvicorn.run(build(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
