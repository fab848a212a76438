"""A self-signed certificate for loopback, made at start where `openssl` is installed."""

import asyncio
import shutil
import ssl
import tempfile
from pathlib import Path

REQUEST = (
    *("req", "-x509", "-nodes", "-days", "2", "-newkey", "ec"),
    *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=127.0.0.1"),
    *("-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"),
    *("-keyout", "key.pem", "-out", "cert.pem"),
)


async def make_certificate() -> tuple[ssl.SSLContext, str] | None:
    """Return a server's TLS context and the certificate to trust (PEM), or None without openssl."""
    openssl = shutil.which("openssl")
    if openssl is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        making = await asyncio.create_subprocess_exec(
            openssl,
            *REQUEST,
            cwd=folder,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        if await making.wait() != 0:
            return None
        return _load(Path(folder))


def _load(folder: Path) -> tuple[ssl.SSLContext, str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, (folder / "cert.pem").read_text(encoding="ascii")
