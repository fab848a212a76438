"""A small client that speaks ASGI to the pages and keeps its cookie, and a clock tests can move."""

from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

import morning

ORIGIN = "https://office.larkmead.example"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.text = status, headers, body

    @property
    def location(self):
        return self.headers.get("location", "")


class Client:
    """Speaks ASGI to the pages as one browser would; follows nothing by itself."""

    def __init__(self, app):
        self.app, self.cookies, self.address = app, {}, "192.0.2.7"
        self.last = None  # the answer sent, also where the app raised after sending it

    async def get(self, path, **headers):
        return await self.ask("GET", path, headers=headers)

    async def post(self, path, fields=(), *, origin=ORIGIN, **headers):
        return await self.ask(
            "POST",
            path,
            urlencode(fields, doseq=True).encode(),
            headers | ({"origin": origin} if origin else {}),
        )

    async def ask(self, method, path, body=b"", headers=()):
        parts = urlsplit(path)
        sent = {
            "host": "office.larkmead.example",
            "content-length": str(len(body)),
            **dict(headers),
        }
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [
                (name.replace("_", "-").lower().encode(), value.encode())
                for name, value in sent.items()
            ],
            "client": (self.address, 50000),
            "server": ("office.larkmead.example", 443),
            "state": {},
        }
        got = []

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            got.append(message)

        try:
            await self.app(scope, receive, send)
        finally:
            self.last = self._read(got) if got else None
        return self.last

    def _read(self, got):
        headers = {}
        for name, value in got[0]["headers"]:
            headers[name.decode()] = value.decode()
            if name == b"set-cookie":
                self._keep(value.decode())
        text = b"".join(m.get("body", b"") for m in got[1:]).decode(errors="replace")
        return Answer(got[0]["status"], headers, text)

    def _keep(self, line):
        for name, morsel in SimpleCookie(line).items():
            self.cookies.pop(name, None)
            if morsel.value:
                self.cookies[name] = morsel.value

    async def sign_in(self, email, password=morning.PASSWORD):
        return await self.post("/sign-in", {"email": email, "password": password})

    async def token(self):
        page = (await self.get("/today?list=done")).text
        return page.split('name="form_token" value="')[1].split('"')[0]


class Clock:
    """The time the pages are told; tests move it."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now
