"""The gateway that most people would write first, to be compared with: python-socketio, litellm, one emit per token.

Nothing is stored, numbered or fenced; the garbage collector and LiteLLM are as they come. `python -m tests.bench.naive PORT BASE_URL`
"""

import os
import sys
from collections import defaultdict
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # the import would fetch a price list

import litellm
import socketio
import uvicorn

litellm.suppress_debug_info = True


def build(base_url: str) -> Any:
    """The ASGI application."""
    server = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")
    histories: dict[str, list[dict[str, str]]] = defaultdict(list)

    @server.event  # type: ignore[untyped-decorator]
    async def join(sid: str, data: dict[str, Any]) -> None:
        await server.enter_room(sid, data["conversation"])

    @server.event  # type: ignore[untyped-decorator]
    async def message(sid: str, data: dict[str, Any]) -> None:
        room = data["conversation"]
        history = histories[room]
        history.append({"role": "user", "content": data["text"]})
        answer = ""
        stream = await litellm.acompletion(model="openai/gpt-4o-mini", messages=history, api_base=base_url, api_key="none", stream=True)
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
