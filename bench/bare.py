"""The plainest web service there can be: one route, one durable insert.

The baseline of ``hear``, and of the start of a web process. ``python -m bench.bare FILE`` takes
the database's file, and after it the names of libraries to import first.
"""

from __future__ import annotations

import asyncio
import importlib
import sys

import aiosqlite
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from bench.serving import serve


async def main(file: str, libraries: list[str]) -> None:
    """Serve until the input ends."""
    for name in libraries:
        importlib.import_module(name)
    async with aiosqlite.connect(file) as database:
        for statement in (
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "CREATE TABLE IF NOT EXISTS post (id INTEGER PRIMARY KEY, body BLOB)",
        ):
            await database.execute(statement)
        await serve(_app(database))


def _app(database: aiosqlite.Connection) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    taking_turns = asyncio.Lock()

    async def keep(request: Request) -> Response:
        body = await request.body()
        async with taking_turns:
            await database.execute("INSERT INTO post (body) VALUES (?)", (body,))
            await database.commit()
        return Response(status_code=204)

    app.add_route("/bare", keep, methods=["POST"])
    return app


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2:]))
