"""A network that fails when it is told to: proxies between the daemon and the regions."""

import asyncio
import threading
from urllib.parse import urlsplit

PIECE_BYTES = 64 << 10
# A bound that only what is broken reaches.
TURN_SECONDS = 60

# What a proxy does with bytes. A one-way cut loses either what is asked or what is answered.
WHOLE, NO_REQUESTS, NO_REPLIES, CUT = "whole", "no requests", "no replies", "cut"
WAYS = (WHOLE, NO_REQUESTS, NO_REPLIES, CUT)


class Proxy:
    """Passes connections on to *target*; what it does with them may be changed at any time.

    A connection that lost bytes is of no use any more: it is closed when the way changes.
    """

    def __init__(self, target):
        address = urlsplit(target)
        self._target = (address.hostname, address.port)
        self._way = WHOLE
        self._open = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(TURN_SECONDS)

    def change(self, way):
        self._run(self._change(way))

    async def _change(self, way):
        if way != self._way:
            self._way = way
            for writer in list(self._open):
                writer.transport.abort()

    def close(self):
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TURN_SECONDS)
        self._loop.close()

    async def _close(self):
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        self._open.add(writer)
        there = None
        try:
            if self._way == CUT:
                return
            to_target, there = await asyncio.open_connection(*self._target)
            self._open.add(there)
            await asyncio.gather(
                self._pass(reader, there, NO_REQUESTS), self._pass(to_target, writer, NO_REPLIES)
            )
        except OSError:
            pass
        finally:
            for end in (writer, there):
                if end is not None:
                    self._open.discard(end)
                    end.transport.abort()

    async def _pass(self, reader, writer, lost_if):
        try:
            while piece := await reader.read(PIECE_BYTES):
                if self._way != lost_if:
                    writer.write(piece)
                    await writer.drain()
        finally:
            # Either end's end is that of both.
            writer.transport.abort()
