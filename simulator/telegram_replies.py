"""The error answers of the Telegram look-alike, asked for by a script or by the rules."""

from starlette.responses import HTMLResponse, JSONResponse, Response

from simulator.faults import Fault
from simulator.http_faults import BAD_GATEWAY
from simulator.telegram_checks import Complaint

DESCRIPTIONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request",
    500: "Internal Server Error: restart",
}


def scripted(fault: Fault) -> Response | None:
    """Answer the faults that are Telegram's own; None leaves the others to be acted out."""
    if fault.kind == "blocked":
        return complain(Complaint(403, DESCRIPTIONS[403]))
    if fault.kind == "migrate":
        chat = int(fault.more or "-1001234567890")
        why = "Bad Request: group chat was upgraded to a supergroup chat"
        return complain(Complaint(400, why, migrate_to_chat_id=chat))
    if fault.kind != "status":
        return None
    if fault.status in {502, 504}:
        return HTMLResponse(BAD_GATEWAY, status_code=fault.status)
    if fault.status == 429:
        wait = int(fault.number(5))
        return complain(Complaint(429, f"Too Many Requests: retry after {wait}", retry_after=wait))
    return complain(Complaint(fault.status, fault.more or DESCRIPTIONS.get(fault.status, "Error")))


def complain(complaint: Complaint) -> Response:
    """Answer with the error envelope."""
    wait = complaint.parameters.get("retry_after")
    headers = {"Retry-After": str(wait)} if wait is not None else None
    return JSONResponse(complaint.as_json(), status_code=complaint.code, headers=headers)
