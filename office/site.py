"""The office's web site: every page of it as one router."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter

from office.guard import Guard, GuardedRoute, Options
from office.page import static_file
from office.presses import Presses
from office.sign_in_pages import SignInPages
from office.today_pages import TodayPages
from store.database import Database

__all__ = ["Options", "site"]


def site(db: Database, *, clock: Callable[[], datetime], options: Options) -> APIRouter:
    """Give the pages that staff use.

    Args:
        db: the database.
        clock: gives the time, UTC.
        options: the public address and what follows from it.
    """
    guard = Guard(db, clock, options)
    doors, pages = SignInPages(guard), TodayPages(guard)
    presses = Presses(guard, pages)
    router = APIRouter(route_class=GuardedRoute, include_in_schema=False)
    router.add_api_route("/", pages.home, methods=["GET"])
    router.add_api_route("/sign-in", doors.ask, methods=["GET"])
    router.add_api_route("/sign-in", doors.sign_in, methods=["POST"])
    router.add_api_route("/sign-out", doors.sign_out, methods=["POST"])
    router.add_api_route("/today", pages.today, methods=["GET"])
    router.add_api_route("/reports/{report_id}", pages.report, methods=["GET"])
    router.add_api_route("/reports/{report_id}/confirm", presses.confirm, methods=["POST"])
    router.add_api_route("/reports/{report_id}/undo", presses.undo, methods=["POST"])
    router.add_api_route("/tasks/{task_id}/done", presses.task_done, methods=["POST"])
    router.add_api_route("/told", presses.told, methods=["POST"])
    router.add_api_route("/static/{version}/{name}", static_file, methods=["GET"])
    return router
