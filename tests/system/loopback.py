"""HTTP servers of tests on loopback."""
import contextlib
import http.server
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    """What every stand-in does; a subclass says what it answers."""
    protocol_version = "HTTP/1.1"
    # Head and body leave together: apart, the body waits 40 ms until the head is acknowledged.
    wbufsize = -1

    def answer(self, status, headers=None, body=b""):
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    """Serves from the moment it is made, on a free port, until it is closed."""
    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()


def serving(handler):
    return contextlib.closing(Server(handler))
