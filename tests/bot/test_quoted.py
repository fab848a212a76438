"""What a parent wrote now, without what their e-mail program put around it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.quoted import without_quotes

QUOTED = "> Amy was not at registration.\n> Please tell us why.\n"
ATTRIBUTIONS = {
    "English": "On Tue, 12 Jan 2027 at 09:31, Larkmead School <absence@larkmead.example> wrote:",
    "English, wrapped": (
        "On Tue, 12 Jan 2027 at 09:31, Larkmead School\n<absence@larkmead.example> wrote:"
    ),
    "Apple": "On 12 Jan 2027, at 09:31, Larkmead School <absence@larkmead.example> wrote:",
    "Polish": "wt., 12 sty 2027 o 09:31 Larkmead School <absence@larkmead.example> napisał(a):",
    "Polish, Thunderbird": "W dniu 12.01.2027 o 09:31, Larkmead School pisze:",
    "Polish, Apple": "Dnia 12 sty 2027 o 09:31 Larkmead School napisał:",
    "German": "Am 12.01.2027 um 09:31 schrieb Larkmead School <absence@larkmead.example>:",
    "German, Gmail": (
        "Am Di., 12. Jan. 2027 um 09:31 Uhr schrieb Larkmead School\n<absence@larkmead.example>:"
    ),
}
ORIGINALS = {
    "Outlook": "-----Original Message-----\nFrom: Larkmead School\nAmy was not at registration.",
    "Outlook, new": (
        "________________________________\nFrom: Larkmead School\nSent: 12 January 2027 09:31\n"
        "To: Sana\nSubject: Amy\n\nAmy was not at registration."
    ),
    "Outlook, headers alone": (
        "From: Larkmead School <absence@larkmead.example>\nSent: Tuesday, 12 January 2027 09:31\n"
        "To: Sana\nSubject: Amy\n\nAmy was not at registration."
    ),
    "German Outlook": (
        "Von: Larkmead School\nGesendet: Dienstag, 12. Januar 2027 09:31\nAn: Sana\n\nAmy fehlt."
    ),
    "German": "-----Ursprüngliche Nachricht-----\nAmy fehlt.",
    "Polish Outlook": "Od: Larkmead School\nWysłano: wtorek, 12 stycznia 2027\nDo: Sana\n\nAmy",
    "Polish": "-----Wiadomość oryginalna-----\nAmy",
}


@pytest.mark.fault("F13")
@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_a_reply_above_the_quote_is_kept_alone(attribution):
    assert without_quotes(f"Amy is poorly\n\n{attribution}\n\n{QUOTED}") == "Amy is poorly"


@pytest.mark.fault("F13")
@pytest.mark.parametrize("attribution", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS)
def test_a_reply_below_the_quote_is_kept_alone(attribution):
    assert without_quotes(f"{attribution}\n{QUOTED}\nAmy is poorly\n") == "Amy is poorly"


@pytest.mark.fault("F13")
def test_replies_between_quoted_lines_are_all_kept():
    text = f"{ATTRIBUTIONS['English']}\n> Is Amy ill?\nYes\n> When will she be back?\nThursday\n"
    assert without_quotes(text) == "Yes\nThursday"


@pytest.mark.fault("F13")
@pytest.mark.parametrize("original", ORIGINALS.values(), ids=ORIGINALS)
def test_an_original_without_marks_is_cut_off(original):
    assert without_quotes(f"Amy is poorly\n\n{original}\n") == "Amy is poorly"


def test_an_attribution_over_an_unmarked_original_cuts_it_off():
    text = f"Amy is poorly\n\n{ATTRIBUTIONS['English']}\nAmy was not at registration.\n"
    assert without_quotes(text) == "Amy is poorly"


@pytest.mark.fault("F13")
@pytest.mark.parametrize(
    "slogan",
    [
        "Sent from my iPhone",
        "Sent from my Galaxy",
        "Sent from Outlook for Android",
        "Get Outlook for iOS",
        "Von meinem iPhone gesendet",
        "Gesendet von Mail für Windows",
        "Wysłane z iPhone'a",
        "Wysłano z mojego telefonu",
    ],
)
def test_a_phones_slogan_is_taken_off(slogan):
    assert without_quotes(f"Amy is poorly\n\n{slogan}\n") == "Amy is poorly"


@pytest.mark.fault("F13")
def test_a_signature_is_cut_off():
    assert without_quotes("Amy is poorly\n\n-- \nSana Khan\nHead of Sales") == "Amy is poorly"


@pytest.mark.parametrize(
    "own",
    [
        "On Monday the doctor wrote: rest for 3 days",
        "On Monday the doctor wrote:\nrest",
        "Amy is ill -- again",
        "From: Tuesday she will be back",
        "She was sent from my mother's house",
        "Date: 12 January, dentist",
    ],
)
def test_words_that_only_resemble_a_quote_stay(own):
    assert without_quotes(own) == own


@pytest.mark.parametrize("text", [QUOTED, "Sent from my iPhone", "-- ", "> ill"])
def test_where_nothing_would_be_left_everything_is(text):
    assert without_quotes(text) == text.strip()


def test_all_kinds_of_line_ends_are_understood():
    assert without_quotes("Amy is poorly\r\n> quote\r\n") == "Amy is poorly"
    assert without_quotes("Amy is poorly\r> quote\r") == "Amy is poorly"


@given(st.text())
def test_no_text_is_lost_whole(text):
    assert bool(without_quotes(text)) == bool(text.strip())


@pytest.mark.parametrize("line", ["On 1 wrote ", "On 12 Jan 2027", "From: x", ">", "_" * 19])
def test_long_texts_made_to_hurt_take_no_time(line):
    began = time.process_time()
    without_quotes(f"{line}\n" * (200_000 // len(line)))
    without_quotes(line * (200_000 // len(line)))
    assert time.process_time() - began < 3
