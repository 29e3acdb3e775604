"""What health checks are pointed at: servers that behave in ways real ones seldom do, one port each.

Their sockets are in a namespace, their threads in this process.
"""
import contextlib
import socket
import ssl
import subprocess
import threading

ANSWER = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nit is well\n"
ILL = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nit is ill\n"


def make_certificate(directory, name, *more):
    """A self-signed certificate and its key, made by openssl(1): their paths."""
    certificate, key = "%s/%s.pem" % (directory, name), "%s/%s.key" % (directory, name)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", certificate, "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:" + name,
                    *more], check=True, capture_output=True)
    return certificate, key


def read_request(connection):
    """The bytes up to the empty line."""
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(4096)
        if not piece:
            break
        request += piece
    return request


class Target:
    """Listens in the namespace; serve(connection, address) is called for each connection, in a thread."""

    def __init__(self, space, serve, address="0.0.0.0", port=0):
        self.serve = serve
        self.peers = []  # (address, port) of those who came
        with space.entered():
            self.listener = socket.create_server((address, port))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while True:
            try:
                connection, peer = self.listener.accept()
            except OSError:
                return
            self.peers.append(peer)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection:
            connection.settimeout(20)
            self.serve(connection)

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class DatagramTarget:
    """The same for UDP: answer(bytes) gives the reply, or None for silence."""

    def __init__(self, space, answer):
        self.answer = answer
        with space.entered():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.bind(("0.0.0.0", 0))
        self.port = self.socket.getsockname()[1]
        self.ending = False
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        self.socket.settimeout(0.5)
        while not self.ending:
            with contextlib.suppress(OSError):
                asked, peer = self.socket.recvfrom(65536)
                reply = self.answer(asked)
                if reply is not None:
                    self.socket.sendto(reply, peer)
        self.socket.close()

    def close(self):
        self.ending = True


def echo(asked):
    return asked


def no_reply(asked):
    return None


def dns(code):
    """Answers each query with that response code."""
    return lambda asked: asked[:2] + bytes((0x81, 0x80 | code)) + asked[4:]


def smtp(replies):
    """Greets with the first reply, answers each line with the next; an empty one is silence."""
    def serve(connection):
        for reply in replies:
            connection.sendall(reply)
            if not reply or not connection.recv(4096):
                break
        while connection.recv(4096):
            pass
    return serve


def plain(answer=ANSWER):
    """Answers over plain HTTP."""
    def serve(connection):
        read_request(connection)
        connection.sendall(answer)
    return serve


def plain_only(connection):
    """Plain HTTP that answers at once to what is none, as web servers do."""
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def silent():
    """Takes the connection and says nothing until the other end is gone."""
    def serve(connection):
        while connection.recv(4096):
            pass
    return serve


def hangs_up():
    """Ends the connection at once."""
    return lambda connection: None


def tls(certificate, key, answer=ANSWER, goodbye=True, client_ca=None, names=None, seen=None):
    """Answers over TLS. goodbye: ends with a close notify. client_ca: asks for a certificate of that authority.
    names: serves only these by SNI. seen: a list that gets the name asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)

    def take_name(connection, name, _):
        if seen is not None:
            seen.append(name)
        return None if names is None or name in names else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    context.sni_callback = take_name

    def serve(connection):
        with context.wrap_socket(connection, server_side=True) as wrapped:
            read_request(wrapped)
            wrapped.sendall(answer)
            if goodbye:
                wrapped.unwrap()
    return serve
