"""Answers on TCP ports in several namespaces: every connection is taken, every HTTP request gets status 200."""
import selectors
import socket
import threading

BODY = b"nobody foresaw this\n"
ANSWER = b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(BODY), BODY)


class Answering:
    """One thread for all. listen() at any time; close() ends it."""

    def __init__(self):
        self._selector = selectors.DefaultSelector()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def listen(self, space, ports):
        with space.entered():
            for port in set(ports):
                listener = socket.create_server(("", port), backlog=64)
                listener.setblocking(False)
                self._selector.register(listener, selectors.EVENT_READ, True)

    def _run(self):
        while not self._stopped:
            for key, _ in self._selector.select(0.5):
                if key.data:
                    self._accept(key.fileobj)
                else:
                    self._answer(key.fileobj)

    def _accept(self, listener):
        try:
            connection, _ = listener.accept()
        except OSError:  # it was given up meanwhile
            return
        connection.setblocking(False)
        self._selector.register(connection, selectors.EVENT_READ, False)

    def _answer(self, connection):
        try:
            data = connection.recv(4096)
            if data.startswith(b"GET "):
                connection.send(ANSWER)
        except OSError:
            pass
        self._selector.unregister(connection)
        connection.close()

    def close(self):
        self._stopped = True
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        self._selector.close()
