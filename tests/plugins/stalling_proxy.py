"""A TCP proxy that can hold back what the server answers, so that a client gives up on a request that was done."""

import contextlib
import socket
import threading
import time
from typing import Self


class StallingProxy:
    """Forwards 127.0.0.1:`port` to a server. `hold_next_answers` delays the answers from then on, once."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._skip = 0
        self._hold_seconds = 0.0
        self._held_until = 0.0
        self.held = 0
        self._sockets: list[socket.socket] = []

    def hold_next_answers(self, seconds: float, skip: int = 0) -> None:
        """Let `skip` answers pass, then hold back all answers for so long."""
        with self._lock:
            self._hold_seconds, self._skip, self.held = seconds, skip, 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            self._sockets += [client, server]
            threading.Thread(target=self._pump, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, True), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
        try:
            while chunk := source.recv(65536):
                if is_answer:
                    self._wait_while_held()
                sink.sendall(chunk)
        except OSError:
            pass
        finally:
            for each in (source, sink):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def _wait_while_held(self) -> None:
        with self._lock:
            if self._hold_seconds and self._skip:
                self._skip -= 1
            elif self._hold_seconds:
                self._held_until = time.monotonic() + self._hold_seconds
                self._hold_seconds = 0.0
            wait = self._held_until - time.monotonic()
            self.held += wait > 0
        if wait > 0:
            time.sleep(wait)
