"""The data channel: bytes of a file descriptor through a websocket, to a port of the instance and back.

Three threads, each blocked unless there is something to do: one receives, one reads the input, one sends again what was
not acknowledged. A websocket that ends is no end: the service closes them about once an hour. The session is resumed,
and the two halves of the protocol (`outgoing`, `incoming`) see to it that nothing is lost or doubled.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from runctl.core import session_messages as messages
from runctl.core.errors import RunctlError, UnreachableError
from runctl.core.text import printable
from runctl.transport.session import handshake
from runctl.transport.session.incoming import Incoming
from runctl.transport.session.outgoing import Outgoing

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

# seconds. The plugin looks every 0.1 s for something to send again, and waits 1 ms after each message: sessions
# that send faster are slowed down or ended by the service. This is 1.05 MiB/s.
_LOOK_AGAIN = 0.1
_PACE = 0.00093
_BURST = 0.03
# "pause" is a hint (the plugin ignores it): it must not stop the session for good
_LONGEST_PAUSE = 5.0
# with so long a silence the connection is taken for dead, and made anew
_SILENCE = 20.0
_GIVE_UP = 900.0
_HANDSHAKE = 30.0
_FLUSH = 2.0


class DataChannel:
    """One session's stream. `connect` makes a new connection with a token of its own and sends the opening text."""

    def __init__(self, connect: Callable[[], ClientConnection], input: int, output: int) -> None:
        self._connect = connect
        self._input, self._output = input, output
        self._lock = threading.Condition()
        self._outgoing, self._incoming = Outgoing(), Incoming()
        self._connection = connect()
        self._ready = threading.Event()
        self._waiting = threading.Event()
        self._paused_until = 0.0
        self._slot = 0.0
        self._failure: RunctlError | None = None
        self._remote_text: str | None = None  # the agent's last words, once it is over there
        self._received = False
        self._closed = False
        # written to by whatever ends the session: a signal handler may do that, but may not take a lock
        self._ended, self._end = os.pipe()

    def run(self) -> None:
        """Carries bytes until one side ends. Raises RunctlError when there was nothing to carry them to."""
        for task in (self._receive, self._feed, self._repeat):
            threading.Thread(target=self._guarded, args=(task,), daemon=True).start()
        while not select.select([self._ended], [], [], _SILENCE)[0]:
            self._check_silence()
        if self._failure:
            raise self._failure
        if self._remote_text and not self._received:
            raise RunctlError(f"the instance's agent ended the session: {printable(self._remote_text)}")

    def _check_silence(self) -> None:
        now = time.monotonic()
        if self._outgoing.unanswered_for(now) > _GIVE_UP:
            raise UnreachableError(f"the instance's agent has not answered for {_GIVE_UP / 60:.0f} minutes")
        if self._outgoing.silent_for(now) > _SILENCE:
            self._cut()

    def stop(self) -> None:
        """Ends `run`; may be called from a signal handler."""
        os.write(self._end, b"\0")

    def close(self) -> None:
        """Tells the agent that this is the end, after what was read has arrived, and closes the connection."""
        if self._ready.is_set() and self._remote_text is None:
            with self._lock:
                self._lock.wait_for(lambda: not len(self._outgoing), _FLUSH)
            self._send(messages.FLAG, struct.pack(">I", messages.TERMINATE_SESSION))
        self._closed = True
        self._waiting.set()
        self._connection.close()

    def _guarded(self, task: Callable[[], None]) -> None:
        try:
            task()
        except RunctlError as error:
            self._failure = error
        finally:
            self.stop()

    def _receive(self) -> None:
        from websockets.exceptions import ConnectionClosed

        while True:
            try:
                frame = self._connection.recv()
            except ConnectionClosed:
                if self._closed:
                    return
                self._reconnect()
                continue
            if isinstance(frame, bytes) and not self._handle(frame):
                return

    def _handle(self, frame: bytes) -> bool:
        """Does what a message says; False when it was the last."""
        try:
            message = messages.unpack(frame)
            if message.type == messages.OUTPUT:
                return self._take(message)
            if message.type == messages.ACKNOWLEDGE:
                self._go_on(messages.acknowledged(message))
            elif message.type == messages.START:
                self._go_on(None)
            elif message.type == messages.PAUSE:
                self._paused_until = time.monotonic() + _LONGEST_PAUSE
            elif message.type == messages.CHANNEL_CLOSED:
                self._remote_text = str(messages.content(message).get("Output") or "")
                return False
        except messages.MessageError:
            pass  # not acknowledged, so it comes again
        return True

    def _go_on(self, acknowledged: int | None) -> None:
        with self._lock:
            if acknowledged is not None:
                self._outgoing.acknowledge(acknowledged, time.monotonic())
            self._paused_until = 0.0
            self._lock.notify_all()

    def _take(self, message: messages.Message) -> bool:
        taken = self._incoming.take(message)
        if taken.acknowledge:
            self._transmit(messages.acknowledgement(message))
        return all(self._deliver(ready) for ready in taken.messages)

    def _deliver(self, message: messages.Message) -> bool:
        if message.payload_type == messages.HANDSHAKE_REQUEST:
            payload, refusal = handshake.response(message)
            self._send(messages.HANDSHAKE_RESPONSE, payload)
            if refusal:
                raise RunctlError(
                    f"the instance's agent asks for what runctl's sessions can't do ({printable(refusal)})",
                    hint="see the Session Manager preferences of the account; or use --transport ssh",
                )
        elif message.payload_type == messages.HANDSHAKE_COMPLETE:
            self._ready.set()
        elif message.payload_type == messages.DATA:
            self._received = True
            return self._write(message.payload)
        return True

    def _write(self, data: bytes) -> bool:
        try:
            while data:
                data = data[os.write(self._output, data) :]
        except BrokenPipeError:
            return False
        return True

    def _feed(self) -> None:
        # what comes before the end of the handshake, agents acknowledge and throw away
        if not self._ready.wait(_HANDSHAKE):
            raise UnreachableError(f"the instance's agent did not answer within {_HANDSHAKE:.0f} s")
        while data := os.read(self._input, messages.PAYLOAD_SIZE):
            with self._lock:
                while self._outgoing.full:
                    self._lock.wait()
                while (pause := self._paused_until - time.monotonic()) > 0:
                    self._lock.wait(pause)
            self._send(messages.DATA, data)
            self._pace()

    def _send(self, payload_type: int, payload: bytes) -> None:
        with self._lock:
            frame = self._outgoing.add(payload_type, payload, time.monotonic())
        self._waiting.set()
        self._transmit(frame)

    def _transmit(self, frame: bytes) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            self._connection.send(frame)
        except ConnectionClosed:
            pass  # `_receive` sees it too and makes a new one, over which it is sent again

    def _pace(self) -> None:
        """Sleeps so that messages leave at the rate that the service bears."""
        now = time.monotonic()
        self._slot = max(self._slot + _PACE, now - _BURST)
        if self._slot > now:
            time.sleep(self._slot - now)

    def _repeat(self) -> None:
        while not self._closed:
            self._waiting.wait()
            time.sleep(_LOOK_AGAIN)
            with self._lock:
                now = time.monotonic()
                frames = [] if now < self._paused_until else self._outgoing.due(now)
                if not len(self._outgoing):
                    self._waiting.clear()
                self._lock.notify_all()  # what is repeated does not fill the window any more
            for frame in frames:
                self._transmit(frame)
                self._pace()

    def _cut(self) -> None:
        try:
            self._connection.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it is being made anew already

    def _reconnect(self) -> None:
        self._connection = self._connect()
        with self._lock:
            self._outgoing.connected(time.monotonic())
