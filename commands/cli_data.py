"""The commands about a school's data: schools, staff, imports, exports, the run by hand.

Each imports what it needs when it is called, so that a small one starts at once.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.outside import WRONG_USAGE, Outside

if TYPE_CHECKING:
    from store.database import Database

School = Annotated[str, typer.Option("--school", help="The school's short name.")]
OwnHeadings = Annotated[
    list[str], typer.Option("--map", help='Another heading, such as "Adm No=Admission number".')
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, change nothing.")]


def add_to(cli: typer.Typer, outside: Outside) -> None:
    """Add the groups of commands to the main one."""
    school_cli = _group(cli, "school", "Schools and their policies.")
    staff_cli = _group(cli, "staff", "Who may sign in.")
    import_cli = _group(cli, "import", "Pupils and registers from CSV files.")
    export_cli = _group(cli, "export", "Codes back to the school's own system.")
    telegram_cli = _group(cli, "telegram", "Parents who would rather use Telegram.")
    db_cli = _group(cli, "db", "The database.")

    @school_cli.command("add")
    def school_add(
        slug: Annotated[str, typer.Argument(help="A short name, such as larkmead.")],
        policy: Annotated[Path, typer.Option(help="The policy file (TOML).")],
        name: Annotated[str, typer.Option(help="The name as parents know it.")],
        office: Annotated[str, typer.Option(help="The office's phone number, as printed.")],
        sms_number: Annotated[str, typer.Option(help="The number texts come from, +44…")] = "",
        email: Annotated[str, typer.Option(help="The address e-mails come from.")] = "",
        calendar: Annotated[Path | None, typer.Option(help="Terms and closed days.")] = None,
    ) -> None:
        """Add a school with its policy file."""
        from commands import schools

        outside.with_database(
            lambda db: schools.add(
                db,
                slug=slug,
                name=name,
                office_phone=office,
                policy=policy,
                sms_number=sms_number or None,
                email_address=email or None,
                calendar=calendar,
                now=outside.now(),
                out=outside.out,
                err=outside.err,
            )
        )

    @school_cli.command("list")
    def school_list() -> None:
        """List the schools."""
        from commands import schools

        outside.with_database(lambda db: schools.list_(db, out=outside.out))

    @staff_cli.command("add")
    def staff_add(
        email: str,
        school: School,
        name: Annotated[str, typer.Option()],
        role: Annotated[str, typer.Option(help="office, head, safeguarding_lead …")] = "office",
        phone: Annotated[str, typer.Option(help="A mobile for urgent matters, +44…")] = "",
        password: Annotated[
            str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)
        ] = "",
    ) -> None:
        """Let somebody sign in. The password is asked for."""
        from commands import staff

        outside.with_database(
            lambda db: staff.add(
                db,
                school=school,
                email=email,
                name=name,
                role=role,
                phone=phone or None,
                password=password,
                out=outside.out,
                err=outside.err,
            )
        )

    @import_cli.command("pupils")
    def import_pupils(
        file: Path,
        school: School,
        mapping: OwnHeadings = [],  # noqa: B006 - typer reads the default and never changes it
        dry_run: DryRun = False,
        allow_leavers: Annotated[
            bool, typer.Option(help="Go on when more than a fifth of the roll would leave.")
        ] = False,
    ) -> None:
        """Bring in pupils, classes and contacts."""
        from commands import imports

        outside.with_database(
            lambda db: imports.import_pupils_file(
                db,
                school=school,
                path=file,
                mapping=mapping,
                dry_run=dry_run,
                allow_leavers=allow_leavers,
                out=outside.out,
                err=outside.err,
            )
        )

    @import_cli.command("register")
    def import_register(
        file: Path,
        school: School,
        mapping: OwnHeadings = [],  # noqa: B006 - as above
        dry_run: DryRun = False,
    ) -> None:
        """Bring in the marks of a session."""
        from commands import imports

        outside.with_database(
            lambda db: imports.import_register_file(
                db,
                school=school,
                path=file,
                mapping=mapping,
                dry_run=dry_run,
                now=outside.now(),
                out=outside.out,
                err=outside.err,
            )
        )

    @export_cli.command("codes")
    def export_codes(
        file: Annotated[str, typer.Argument(help="The CSV to write, or - for standard output.")],
        school: School,
        day: Annotated[str, typer.Option(help="Print again what was exported on a date.")] = "",
    ) -> None:
        """Write the codes that staff confirmed since the last export."""
        from commands import export

        outside.with_database(
            lambda db: export.codes(
                db,
                school=school,
                path=Path(file),
                day=_date(day, outside),
                now=outside.now(),
                out=outside.out,
                err=outside.err,
            )
        )

    @cli.command("run-now")
    def run_now(
        school: School,
        session: Annotated[str, typer.Option(help="AM or PM.")] = "AM",
    ) -> None:
        """Make the first-day run now, for the classes whose register is in."""
        from commands import run_now as command

        outside.with_database(
            lambda db: command.run(
                db,
                school=school,
                session=session,
                now=outside.now(),
                out=outside.out,
                err=outside.err,
            )
        )

    @telegram_cli.command("invite")
    def telegram_invite(
        school: School,
        contact: Annotated[str, typer.Option(help="The contact's id in the school's system.")],
    ) -> None:
        """Print a link by which a parent joins by Telegram; it works once."""
        from commands import telegram

        bot = outside.settings().telegram_bot
        outside.with_database(
            lambda db: telegram.invite(
                db,
                school=school,
                contact=contact,
                bot=bot,
                now=outside.now(),
                out=outside.out,
                err=outside.err,
            )
        )

    @db_cli.command("upgrade")
    def db_upgrade() -> None:
        """Make or renew the tables."""

        async def done(_db: Database) -> int:
            outside.out.write("The database is up to date.\n")
            return 0

        outside.with_database(done)


def _date(text: str, outside: Outside) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        outside.err.write(f"firstday: --day must look like 2027-01-12, not '{text}'\n")
        raise typer.Exit(WRONG_USAGE) from None


def _group(cli: typer.Typer, name: str, what: str) -> typer.Typer:
    group = typer.Typer(help=what, no_args_is_help=True)
    cli.add_typer(group, name=name)
    return group
