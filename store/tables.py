"""Every table, imported once, so that the metadata is whole before it is made or compared."""

from sqlmodel import SQLModel

import store.codings
import store.contacts
import store.inbox
import store.links
import store.outbox
import store.pupils
import store.registers
import store.reports
import store.runs
import store.schools
import store.staff
import store.suppressions
import store.talks
import store.tasks  # noqa: F401 - imported for its tables, as are all above

METADATA = SQLModel.metadata
