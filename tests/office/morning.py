"""A realistic morning at an invented school, for tests and for pictures of the pages."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache

from pwdlib.hashers.argon2 import Argon2Hasher

from actions.coding import Person
from actions.confirm import confirm
from store.contacts import ContactRow, PupilContactRow
from store.inbox import InboxRow
from store.outbox import OutboundRow, Status, Urgency
from store.pupils import ClassRow, PupilRow
from store.registers import MarkRow, RegisterRow
from store.reports import ReportRow, ReportStatus
from store.runs import AskedRow, RunRow
from store.schools import SchoolRow
from store.staff import StaffRow
from store.tasks import TaskKind, TaskRow

TODAY = date(2027, 1, 12)
EIGHT = datetime(2027, 1, 12, 8, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
LONG = (
    "Good morning, I am so sorry to write such a long message but I want you to have everything. "
    "Theodore was sick at two in the morning, then again at four, and by six he had a temperature of 39.2 "
    "which I took twice because I did not believe the thermometer. I rang 111 and they told me to keep him "
    "at home, to give him small sips of water and to ring again if it does not go down by this evening. "
    "His sister is fine and will be in as usual with her father, who drops her at breakfast club at half past seven. "
    "He is very upset since today is the day of the Roman workshop he has been looking forward to since September, "
    "so if there is any chance that he could have the worksheets at home once he feels better, he would love that. "
    "Please also tell Mrs Adeyemi that his reading book is still in the tray. Thank you so much for everything, "
    "and again I am sorry about the length of this."
)


@dataclass
class School:
    """A seeded school and the numbers of its rows."""

    id: int
    email: str
    reports: list[int] = field(default_factory=list)
    tasks: list[int] = field(default_factory=list)
    pupils: list[int] = field(default_factory=list)


class Seeder:
    """Puts families and what they wrote into one school, one call a family."""

    def __init__(self, session, school, classes):
        self.session, self.school, self.classes = session, school, classes
        self.made = School(school.key, f"jo@{school.slug}.example")
        self.n = 0

    async def _add(self, row):
        self.session.add(row)
        await self.session.flush()
        return row

    async def family(
        self, *children, adult="Kate", relationship="mother", language="en", phone=True
    ):
        """Children as "First Last/Class"; gives their ids and the adult's."""
        self.n += 1
        adult = await self._add(
            ContactRow(
                school_id=self.school.key,
                external_id=f"c{self.n}",
                name=f"{adult} {children[0].split('/')[0].split(' ', 1)[1]}",
                language=language,
                phone=f"+447700900{self.n:03}" if phone else None,
            )
        )
        ids = []
        for child in children:
            name, _, room = child.partition("/")
            first, _, last = name.partition(" ")
            pupil = await self._add(
                PupilRow(
                    school_id=self.school.key,
                    external_id=f"p{self.n}-{first}",
                    first=first,
                    last=last,
                    class_id=self.classes[room].id,
                )
            )
            await self._add(
                PupilContactRow(
                    school_id=self.school.key,
                    pupil_id=pupil.id,
                    contact_id=adult.id,
                    order=1,
                    relationship=relationship,
                )
            )
            ids.append(pupil.id)
        self.made.pupils += ids
        return ids, adult

    async def mark(self, pupil_ids, code="N", half="AM"):
        for pupil_id in pupil_ids:
            pupil = await self.session.get(PupilRow, pupil_id)
            await self._add(
                MarkRow(
                    school_id=self.school.key,
                    pupil_id=pupil_id,
                    class_id=pupil.class_id,
                    day=TODAY,
                    session=half,
                    code=code,
                )
            )

    async def heard(self, adult, text, minutes, channel="sms"):
        return await self._add(
            InboxRow(
                channel=channel,
                account=self.school.slug,
                provider_id=f"in{self.n}-{minutes}",
                school_id=self.school.key,
                sender=adult.phone if adult else "+447700900999",
                addressed_to="+441632960100",
                text=text,
                received_at=EIGHT + timedelta(minutes=minutes),
                done_at=EIGHT + timedelta(minutes=minutes),
            )
        )

    async def said(
        self,
        adult,
        text,
        minutes,
        status=Status.DELIVERED,
        sentence="read_back_today",
        urgency=Urgency.CONVERSATION,
        channel="sms",
    ):
        at = EIGHT + timedelta(minutes=minutes)
        return await self._add(
            OutboundRow(
                school_id=self.school.key,
                contact_id=adult.id,
                channel=channel,
                address=adult.phone or "",
                urgency=urgency,
                dedupe_key=f"{self.school.slug}:{self.n}:{minutes}:{sentence}",
                sentence=sentence,
                body=text,
                not_before=at,
                expires_at=at + timedelta(hours=2),
                created_at=at,
                status=status,
            )
        )

    async def told(
        self,
        children,
        text,
        *,
        code="I",
        because="",
        minutes=0,
        days=(0,),
        status=ReportStatus.AWAITING,
        lang="en",
        channel="sms",
        reply="",
        mark=True,
        **given,
    ):
        """One message and the reports it led to; ``given`` goes to the family or the report."""
        home = {
            name: given.pop(name) for name in ("adult", "relationship", "language") if name in given
        }
        ids, adult = await self.family(*children, **home)
        if mark:
            await self.mark(ids)
        message = await self.heard(adult, text, minutes, channel)
        at = text.find(because) if because else -1
        covered = [TODAY + timedelta(days=n) for n in days]
        for pupil_id in ids:
            row = await self._add(
                ReportRow(
                    school_id=self.school.key,
                    pupil_id=pupil_id,
                    contact_id=adult.id,
                    told_by=f"{channel}:{adult.phone}",
                    inbox_id=message.id,
                    reference=f"4F{pupil_id:02}",
                    channel=channel,
                    words=text,
                    lang=lang,
                    kind="reason" if code else "vague",
                    detailed=bool(code),
                    codes=[code] if code else [],
                    evidence=[[at, at + len(because), "code"]] if at >= 0 else [],
                    first_day=covered[0],
                    last_day=covered[-1],
                    days=[day.isoformat() for day in covered],
                    status=status,
                    told_at=EIGHT + timedelta(minutes=minutes),
                    changed_at=EIGHT + timedelta(minutes=minutes),
                    **given,
                )
            )
            self.made.reports.append(row.key)
        if reply:
            await self.said(
                adult, reply, minutes, sentence="read_back_today" if code else "ask_detail_1"
            )
        return message, ids, adult

    async def asked(self, children, minutes, status=Status.DELIVERED):
        ids, adult = await self.family(*children)
        await self.mark(ids)
        names = " and ".join(child.split()[0] for child in children)
        text = f"{self.school.name}: {names} is not in school today. Please text us why. Office 01632 960123"
        sent = await self.said(adult, text, minutes, status, "alert_am", Urgency.ALERT)
        for pupil_id in ids:
            await self._add(
                AskedRow(
                    school_id=self.school.key,
                    pupil_id=pupil_id,
                    contact_id=adult.id,
                    outbound_id=sent.key,
                    day=TODAY,
                    session="AM",
                )
            )

    async def task(self, kind, *, pupil_id=None, adult=None, message=None, minutes=0, note=""):
        row = await self._add(
            TaskRow(
                school_id=self.school.key,
                kind=kind,
                dedupe_key=f"{self.school.slug}:{kind}:{self.n}:{pupil_id}",
                pupil_id=pupil_id,
                contact_id=adult.id if adult else None,
                inbox_id=message.id if message else None,
                note=note,
                raised_at=EIGHT + timedelta(minutes=minutes),
            )
        )
        self.made.tasks.append(row.id)


@cache
def _quick_hash():
    """A real hash with little work in it: pages are tested, not argon2."""
    return Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


async def school(session, policy, *, slug="larkmead", name="Larkmead Primary", staff=("Jo Marsh",)):
    """A school with seven classes and people who may sign in; gives its seeder."""
    row = SchoolRow(
        slug=slug,
        name=name,
        office_phone="01632 960123",
        policy=policy,
        created_at=EIGHT,
        sms_number="+447700900001",
        email_address=f"absence@{slug}.example",
    )
    session.add(row)
    await session.flush()
    classes = {}
    for room in ("Reception", "1B", "2A", "3A", "4B", "5C", "6C"):
        classes[room] = ClassRow(school_id=row.key, name=room)
        session.add(classes[room])
    for person in staff:
        email = f"{person.split()[0].lower()}@{slug}.example"
        session.add(
            StaffRow(
                school_id=row.key,
                name=person,
                email=email,
                role="attendance_officer",
                password=_quick_hash(),
            )
        )
    await session.flush()
    return Seeder(session, row, classes)


async def forty(seed):
    """Forty plain reports of illness."""
    rooms = list(seed.classes)
    for n in range(40):
        await seed.told(
            [f"Child{n:02} Invented/{rooms[n % 7]}"],
            f"sick in the night, number {n}",
            because="sick in the night",
            minutes=n,
        )
    return seed.made


async def realistic(seed):
    """A morning at half past nine: every list has something in it."""
    session, made = seed.session, seed.made
    for room in ("Reception", "1B", "2A", "4B", "6C"):
        await seed._add(
            RegisterRow(
                school_id=made.id,
                class_id=seed.classes[room].id,
                day=TODAY,
                session="AM",
                received_at=EIGHT + timedelta(minutes=70),
            )
        )
        await seed._add(
            RunRow(
                school_id=made.id,
                class_id=seed.classes[room].id,
                day=TODAY,
                session="AM",
                started_by="clock",
                started_at=EIGHT + timedelta(minutes=81),
            )
        )
    done = [
        ("Grace Okafor/6C", "chickenpox, spots everywhere", "I", "chickenpox"),
        ("Noah Bell/2A", "orthodontist at 9, back by 11", "M", "orthodontist"),
    ]
    for n, (child, text, code, because) in enumerate(done):
        await seed.told([child], text, code=code, because=because, minutes=n - 40)
        await confirm(
            session,
            school_id=made.id,
            report_id=made.reports[-1],
            code=None,
            person=Person("Jo Marsh", "attendance_officer"),
            now=EIGHT + timedelta(minutes=60 + n),
        )
    message, ids, adult = await seed.told(
        ["Ali Karim/4B"],
        "Waan geeyay iskuulka 8:30",
        code="",
        minutes=75,
        lang="so",
        adult="Abdi",
        relationship="father",
        status=ReportStatus.SAFEGUARDING,
        safeguarding=True,
        reply="Thank you for telling us. We are checking now and someone from school will ring you in the next few minutes. If Ali is with you, please text HERE.",
    )
    await seed.task(
        TaskKind.SAFEGUARDING,
        pupil_id=ids[0],
        adult=adult,
        message=message,
        minutes=75,
        note="says the child was taken to school",
    )
    await seed.told(
        ["Maya Pryce/2A"],
        "she's been vomiting since 3am, back Thurs hopefully x",
        because="vomiting since 3am",
        minutes=-19,
        days=(0, 1),
        expected_return=TODAY + timedelta(days=2),
        reply="Thank you. Maya: vomiting since 3am, back Thursday. The school decides how it is recorded. Please tell us if that changes. Ref 4F7K",
    )
    await seed.told(
        ["Tom Reilly/6C"],
        "dentist 10.15 will bring him after, about 12",
        code="M",
        because="dentist 10.15",
        minutes=2,
        channel="telegram",
        adult="Declan",
        relationship="father",
        sessions="AM",
        late="12:00",
    )
    await seed.told(
        ["Ana Lewandowska/1B"],
        "Ania ma gorączkę 39 i boli ją gardło, zostaje dziś w domu",
        because="gorączkę 39",
        minutes=8,
        lang="pl",
        language="pl",
    )
    await seed.told(
        ["يوسف العبدالله/5C"],
        "يوسف مريض اليوم، عنده حرارة ويتقيأ منذ الليل",
        because="عنده حرارة",
        minutes=11,
        lang="ar",
        language="ar",
        adult="هدى",
    )
    await seed.told(
        ["Leo Farrow/3A", "Ben Farrow/Reception"],
        "both got the sick bug sorry",
        because="sick bug",
        minutes=20,
    )
    await seed.told(
        ["Amy Quill/1B"],
        "shes not well",
        code="",
        minutes=24,
        status=ReportStatus.INSUFFICIENT,
        asked=2,
        reply="Thank you for answering. Can you say a little more about why Amy is off? If you would rather talk, ring us on 01632 960123 and we will write it down for you.",
    )
    await seed.told(
        ["Theodore Featherstonehaugh-Cholmondeley/4B"],
        LONG,
        because="temperature of 39.2",
        minutes=29,
    )
    await seed.told(
        ["Zainab Siddiqui/5C"],
        "It is Eid tomorrow insha’Allah she will not be in",
        code="R",
        because="Eid",
        minutes=-70,
        days=(1,),
        channel="email",
        adult="Imran",
        relationship="father",
        mark=False,
    )
    await seed.told(
        ["Freya Lund/3A"],
        "we have to go to grandads funeral up north, back monday",
        code="C",
        because="funeral",
        minutes=31,
        days=(0, 1, 2, 3),
    )
    await seed.told(
        ["Ada Ng/2A", "Bo Ng/3A", "Cy Ng/5C", "Di Ng/6C"],
        "none of mine are coming, bus never turned up and the car is at the garage",
        code="Y1",
        because="bus never turned up",
        minutes=40,
    )
    await seed.told(
        ["Harley Finch/4B"],
        "overslept, he’ll be in about ten",
        code="U",
        because="overslept",
        minutes=55,
        sessions="AM",
        late="10:00",
    )
    await seed.told(
        ["Piotr Zając/Reception"],
        "nie czuje się dobrze",
        code="",
        minutes=58,
        lang="pl",
        language="pl",
        status=ReportStatus.ASKING,
        asked=1,
        reply="Dziękujemy. Żebyśmy mogli to zapisać: co dolega Piotrowi? Na przykład: gorączka 39. Wystarczy kilka słów.",
    )
    await seed.asked(["Ruby Stone/2A"], 81)
    await seed.asked(["Max Hale/6C", "Ivy Hale/1B"], 81)
    await seed.asked(["Kit Marlow/4B"], 81, Status.FAILED)
    ids, _ = await seed.family("Eve Lane/Reception", phone=False)
    await seed.mark(ids)
    await seed.task(TaskKind.NO_CONTACT, pupil_id=ids[0], minutes=81)
    unknown = await seed.heard(None, "my daughter wont be in today she has a cold", 33)
    await seed.task(TaskKind.UNKNOWN_SENDER, message=unknown, minutes=33)
    return made
