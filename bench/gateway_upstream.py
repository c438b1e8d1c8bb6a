"""An upstream that answers at once: a billable JSON answer, and sockets that answer each message of audio."""

from __future__ import annotations

import socket

import uvicorn
from starlette.types import Receive, Scope, Send

CODES = b'{"code":"x","display":"a text of some length"},' * 20
ANSWER = b'{"codes":[' + CODES + b'{}],"usageInfo":{"creditsConsumed":0.0123}}'
MESSAGE = '{"type":"transcript","data":{"text":"' + "word " * 30 + '"}}'


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one call, or one socket until it is closed."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "text": MESSAGE})
        return
    while (await receive()).get("more_body"):
        pass
    length = str(len(ANSWER)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


def main() -> None:
    """Serve on a free port, which is printed on the first line of output."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        print(listener.getsockname()[1], flush=True)
        config = uvicorn.Config(app, access_log=False, log_level="error", lifespan="off", ws_per_message_deflate=False)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
