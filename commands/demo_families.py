"""The invented families of the demo whose phones stand on its page."""

from __future__ import annotations

from simulator.handsets import Handset

AGNIESZKA = Handset(
    "Agnieszka Wisniewska",
    "sms",
    "+447700900100",
    "mother of Zofia, 3A, and Jakub, 4A; reads Polish",
    ("oboje wymiotowali w nocy", "Zofia i Jakub mają gorączkę", "są chorzy"),
)
HANNAH = Handset(
    "Hannah Hartnell",
    "sms",
    "+447700900130",
    "mother of Noah, 3A",
    ("poorly", "throat infection", "dentist at 10, back by 12"),
)
KERRY = Handset(
    "Kerry Dunmore",
    "sms",
    "+447700900109",
    "mother of Tyler, 3B",
    ("I dropped him off at 8.40!", "overslept, on our way", "sick twice in the night"),
)
AMAL = Handset(
    "Amal Haddad",
    "email",
    "amal.haddad@example.org",
    "mother of Layla, 3B; writes e-mails",
    ("Layla has the dentist at 10.30, back by 12", "Layla has chicken pox"),
)
JOANNE = Handset(
    "Joanne Aldous",
    "telegram",
    "501002003",
    "mother of Rosie, 3A; chose Telegram",
    ("Rosie has a temperature of 39, back Thursday", "not well"),
    phone="+447700900107",
)
STRANGER = Handset(
    "A number not on record",
    "sms",
    "+447700900666",
    "nobody the school knows",
    ("Is Noah in school today?",),
)
LEAD = Handset(
    "Jo Marsh's phone",
    "sms",
    "+447700900190",
    "safeguarding lead at the school",
)
HANDSETS = (AGNIESZKA, HANNAH, KERRY, AMAL, STRANGER, LEAD)
