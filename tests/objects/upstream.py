"""A stand-in for Corti that answers each call with a figure of its own: `python -m tests.objects.upstream`.

The figure tells calls apart, whatever happens to ids: the first call costs 0.000001 credits, the second 0.000002.
"""

from __future__ import annotations

import asyncio
import itertools


async def main() -> None:
    """Serve, and print the port."""
    numbers = itertools.count(1)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                size = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.split(b"\r\n")
                        if line.lower().startswith(b"content-length:")
                    ),
                    0,
                )
                await reader.readexactly(size)
                body = b'{"codes":[],"usageInfo":{"creditsConsumed":%.6f}}' % (next(numbers) / 1_000_000)
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                    % (len(body), body)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
