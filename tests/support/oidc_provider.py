"""A little OpenID Connect provider over real HTTP on 127.0.0.1, which vouches for whoever a test names."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


class OidcProvider:
    """Says of everybody that they are `claims`. `asked` keeps the paths that were asked for."""

    def __init__(self) -> None:
        self.claims: dict[str, object] = {}
        self.asked: list[str] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
                provider.asked.append(path)
                if path == "/authorize":
                    back = urlencode({"code": "c0de", "state": query["state"][0]})
                    self.send_response(302)
                    self.send_header("Location", f"{query['redirect_uri'][0]}?{back}")
                    self.end_headers()
                elif path == "/userinfo":
                    self._say(provider.claims)
                else:
                    ways = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
                    told = {f"{name}_endpoint": f"{provider.url}/{end}" for name, end in ways.items()}
                    self._say({"issuer": provider.url, "jwks_uri": f"{provider.url}/jwks", **told})

            def do_POST(self) -> None:
                provider.asked.append(self.path)
                self.rfile.read(int(self.headers["Content-Length"]))
                body = {"iss": provider.url, "aud": "client", "iat": 1, "exp": 2**33, **provider.claims}
                token = f"{_part({'alg': 'HS256'})}.{_part(body)}.{_part('none')}"
                self._say({"access_token": "t0ken", "token_type": "Bearer", "id_token": token})

            def _say(self, what: object) -> None:
                content = json.dumps(what).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                """Nothing is written."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "OidcProvider":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self._server.shutdown()
        self._server.server_close()
