"""What parents write: the labelled texts where the checkout has them, else sixty of our own."""

from __future__ import annotations

import json

from bench.children import ROOT

_LABELLED = ROOT / "tests" / "data" / "understanding"


def texts() -> list[str]:
    """Give the texts that are measured with, always in the same order."""
    lines = (
        line
        for file in sorted(_LABELLED.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.strip()
    )
    return [str(json.loads(line)["text"]) for line in lines] or list(ORDINARY)


ORDINARY = (
    "Amy has a temperature and will not be in today",
    "Ben has been sick all night, he'll be off today and tomorrow",
    "Sorry just seen this. Zosia has chickenpox, dr says off till Friday",
    "hes got a bad cough and sore throat",
    "Tom has a dentist appointment at 10, he will be in by 11:30",
    "Poorly",
    "not well today",
    "She has a tummy bug",
    "Leo has broken his arm, we are at A&E",
    "Both of them have headlice, keeping them home today",
    "Migraine. Back tomorrow hopefully",
    "Maya is not feeling great, she won't be in",
    "Noah has hand foot and mouth",
    "asthma was bad overnight so he is at the doctors this morning",
    "Hana was sick in the night",
    "orthodontist at 9.15, back for lunch",
    "Idris has an eye infection, picking up drops from the pharmacy",
    "We are at the hospital with Piotr, will ring later",
    "she is running late, bus didn't turn up",
    "Overslept, on our way now",
    "Car broke down, we will be there about 10",
    "Grandad died last night so Amy is staying at home today",
    "Funeral tomorrow, she will be off all day",
    "Can I take Ben out of school for a family wedding 14-18 June?",
    "We would like to book a holiday from 3 May until 10 May",
    "It's Eid on Friday, the children will not be in",
    "She is in school! I dropped her off at 8.45",
    "He went in this morning with his brother",
    "What do you mean absent? I watched him walk through the gate",
    "You have the wrong number",
    "I don't have a child at this school",
    "STOP",
    "please stop texting me",
    "Ok thanks",
    "Thank you x",
    "Is school open tomorrow?",
    "What time does the register close?",
    "I already rang the office about this",
    "See my email from yesterday",
    "I told his teacher on Friday",
    "ear ache again, antibiotics since yesterday",
    "Conjunctivitis so keeping her off",
    "Allergic reaction to something he ate, seems fine now but keeping an eye",
    "D&V since Sunday, 48 hour rule so back Wednesday",
    "Family emergency",
    "personal reasons",
    "She didn't want to come in, she is really anxious about the test",
    "He refuses to go, says someone is hitting him at break",
    "I thought she was with her dad??",
    "He left the house at 8, where is he?",
    "Amelka ma gorączkę i nie przyjdzie dziś do szkoły",
    "Dzień dobry, syn jest chory, wróci w poniedziałek",
    "Fiica mea este bolnavă astăzi",
    "Mi hija tiene fiebre y no va a ir hoy",
    "A minha filha está doente, tem febre",
    "Oğlum hasta, bugün okula gelemeyecek",
    "ابني مريض اليوم ولن يأتي إلى المدرسة",
    "میری بیٹی بیمار ہے، آج نہیں آئے گی",
    "আমার ছেলের জ্বর, আজ আসবে না",
    "Моя дитина хвора, сьогодні не прийде",
)
