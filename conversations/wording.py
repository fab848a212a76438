"""Every sentence we say, in English. Catalogues in ``locales/`` hold the other languages.

Plain British English, warm and short, at a reading age of nine: no threat, no doubt, never
"authorised". ``_`` only marks a sentence for translation; ``notifier/render.py`` translates it.
Placeholders are words that the caller hands over; names of several children are one word.
"""

from __future__ import annotations

from dataclasses import dataclass


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues."""
    return sentence


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence for one child and, where it differs, for several."""

    one: str
    many: str = ""


SENTENCES: dict[str, Sentence] = {
    "alert_am": Sentence(
        _(
            "{school}: {children} is not in school today. Please text us why, "
            'for example "sick twice in the night". Office {office}'
        ),
        _(
            "{school}: {children} are not in school today. Please text us why, "
            'for example "both sick in the night". Office {office}'
        ),
    ),
    "alert_pm": Sentence(
        _(
            "{school}: {children} was not here when we took the register this afternoon. "
            "Please tell us why or ring us now. Office {office}"
        ),
        _(
            "{school}: {children} were not here when we took the register this afternoon. "
            "Please tell us why or ring us now. Office {office}"
        ),
    ),
    "ask_detail_1": Sentence(
        _(
            "Thank you. So that we can record it: what is wrong with {children}? For example "
            '"temperature of 39" or "sick in the night". A few words are enough.'
        ),
        _(
            "Thank you. So that we can record it: what is wrong with {children}? For example "
            '"both have a temperature". A few words are enough.'
        ),
    ),
    "ask_detail_2": Sentence(
        _(
            "Thank you for answering. Can you say a little more about why {children} is off? "
            "If you would rather talk, ring us on {office} and we will write it down for you."
        ),
        _(
            "Thank you for answering. Can you say a little more about why {children} are off? "
            "If you would rather talk, ring us on {office} and we will write it down for you."
        ),
    ),
    "vague_close": Sentence(
        _(
            "Thank you. We have passed your message about {children} to the school office. "
            "They may ring you today. You can also ring them on {office}."
        ),
    ),
    "ask_which_child": Sentence(
        _("Thank you. Which child is this about: {children}? Please text the name."),
    ),
    "ask_which_child_again": Sentence(
        _("Sorry, we did not catch the name. Please text just the name: {children}."),
    ),
    "which_child_close": Sentence(
        _(
            "Thank you. We have passed your message to the school office. "
            "They may ring you today. You can also ring them on {office}."
        ),
    ),
    "read_back_today": Sentence(
        _(
            "Thank you. {children}: {reason}, off today. The school decides how it is recorded. "
            "Please tell us each morning {children} is off. Ref {ref}"
        ),
        _(
            "Thank you. {children}: {reason}, off today. The school decides how it is recorded. "
            "Please tell us each morning they are off. Ref {ref}"
        ),
    ),
    "read_back_until": Sentence(
        _(
            "Thank you. {children}: {reason}, back {back}. The school decides how it is "
            "recorded. Please tell us if that changes. Ref {ref}"
        ),
    ),
    "read_back_days": Sentence(
        _(
            "Thank you. {children}: {reason}, off {first} to {last}. The school decides how it "
            "is recorded. Please tell us if that changes. Ref {ref}"
        ),
    ),
    "read_back_day": Sentence(
        _(
            "Thank you. {children}: {reason}, off {first}. The school decides how it is "
            "recorded. Please tell us if that changes. Ref {ref}"
        ),
    ),
    "read_back_part": Sentence(
        _(
            "Thank you. {children}: {reason}. The school decides how it is recorded. "
            "Please sign in at the office on arrival. Ref {ref}"
        ),
    ),
    "read_back_late": Sentence(
        _(
            "Thank you. {children}: {reason}, coming in later. Please sign in at the office on "
            "arrival. Ref {ref}"
        ),
    ),
    "update": Sentence(
        _("Thank you, we have added that for {children}. Ref {ref}"),
    ),
    "have_it": Sentence(
        _("Thank you, we have that already. There is nothing more to do. Ref {ref}"),
    ),
    "checking": Sentence(
        _(
            "Thank you for telling us. We are checking now and someone from school will ring you "
            "in the next few minutes. If {children} is with you, please text HERE."
        ),
        _(
            "Thank you for telling us. We are checking now and someone from school will ring you "
            "in the next few minutes. If {children} are with you, please text HERE."
        ),
    ),
    "person_will_ring": Sentence(
        _(
            "Thank you for telling us. Someone from school will ring you as soon as they can. "
            "If anyone is in danger now, ring 999. Office {office}"
        ),
    ),
    "check_register": Sentence(
        _(
            "Thank you. We are asking the class now whether {children} is there, and someone "
            "from school will tell you."
        ),
        _(
            "Thank you. We are asking the class now whether {children} are there, and someone "
            "from school will tell you."
        ),
    ),
    "unknown_sender": Sentence(
        _(
            "{school}: thank you for your message. We do not have this number or address on "
            "record, so someone from the office will look at it. You can ring {office}."
        ),
    ),
    "share_number": Sentence(
        _(
            "{school}: thank you for writing. To know who you are, we need the number the school "
            "has for you. Please press the button below to share it, or ring us on {office}."
        ),
    ),
    "leave_to_office": Sentence(
        _(
            "Thank you. Time off in term time has to be asked for and the headteacher decides. "
            "We have passed your message to the office and they will tell you what to do next. "
            "Office {office}"
        ),
    ),
    "question_to_office": Sentence(
        _(
            "This is the absence line of {school}. We have passed your question to the office. "
            "You can also ring them on {office}."
        ),
    ),
    "message_to_office": Sentence(
        _("Thank you. The office will look at what you sent us. You can ring them on {office}."),
    ),
    "ask_text": Sentence(
        _(
            "Thank you. We cannot read pictures or voice notes here yet. "
            "Please text us in a few words why {children} is off."
        ),
        _(
            "Thank you. We cannot read pictures or voice notes here yet. "
            "Please text us in a few words why {children} are off."
        ),
    ),
    "opted_out": Sentence(
        _(
            "We will not write to you here again. The school will reach you another way when a "
            "child is missing. Office {office}"
        ),
    ),
    "wrong_number": Sentence(
        _("Thank you for telling us, and sorry to have troubled you. We will not write again."),
    ),
    "linked": Sentence(
        _(
            "Thank you. You will now get messages from {school} here. To tell us about an "
            "absence, just write to us, for example: sick twice in the night."
        ),
    ),
    "link_not_valid": Sentence(
        _("This link has been used or is too old. Please ask the school office for a new one."),
    ),
    "staff_attention": Sentence(
        _(
            "{school}: a message about an absence needs your attention now. "
            "Please sign in and open Urgent."
        ),
    ),
}

SUBJECT = _("{school}: about today")
"""The subject of an e-mail that starts a talk; an answer keeps the subject it answers."""

SHARE_NUMBER = _("Share my number")
"""The label of a button on Telegram."""
