"""Updates from Telegram: its secret, and which of them are a person's message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.request import Request
from bot.telegram import TelegramHook, bot_id, read

BOT = "7000000001"
SANA = {"id": 501002003, "is_bot": False, "first_name": "Sana", "language_code": "ur"}
CHAT = {"id": 501002003, "first_name": "Sana", "type": "private"}


def message(**parts):
    return {"message_id": 813, "from": SANA, "chat": CHAT, "date": 1795426300} | parts


def heard(update_id=900100201, **parts):
    return read({"update_id": update_id, **parts}, BOT)


@pytest.mark.fault("E1")
@pytest.mark.parametrize("given_secret", [None, "", "other", "s3cret ", "sécret"])
def test_a_missing_or_wrong_secret_is_refused(given_secret):
    headers = {} if given_secret is None else {"x-telegram-bot-api-secret-token": given_secret}
    assert not TelegramHook("s3cret", BOT).verify(Request("POST", "/", "", headers, b"{}"))


def test_the_right_secret_is_taken():
    headers = {"x-telegram-bot-api-secret-token": "s3cret"}
    assert TelegramHook("s3cret", BOT).verify(Request("POST", "/", "", headers, b"{}"))


@pytest.mark.fault("E1")
@pytest.mark.parametrize("secret", ["", "with space", "x" * 257, "é"])
def test_a_secret_telegram_would_not_take_is_refused_at_the_start(secret):
    with pytest.raises(ValueError, match="secret"):
        TelegramHook(secret, BOT)


def test_the_bots_id_is_the_beginning_of_its_token():
    assert bot_id("7000000001:AAbbcc") == BOT


def test_a_message_is_read():
    said = heard(message=message(text="Amy poorly\x00"))
    assert said is not None
    assert (said.account, said.provider_id, said.sender) == (BOT, "900100201", "501002003")
    assert said.text == "Amy poorly"


def test_a_deep_link_gives_its_payload_once_and_keeps_it_out_of_the_text():
    said = heard(message=message(text="/start 9f3Kq_x7"))
    assert (said.start, said.text) == ("9f3Kq_x7", "/start")
    assert heard(message=message(text="/start")).start is None


@pytest.mark.fault("E8")
def test_only_ones_own_phone_number_is_taken():
    own = {"phone_number": "447700900123", "first_name": "Sana", "user_id": SANA["id"]}
    assert heard(message=message(contact=own)).shared_phone == "+447700900123"
    for other in ({**own, "user_id": 1}, {"phone_number": "+447700900123"}):
        said = heard(message=message(contact=other))
        assert said.shared_phone is None
        assert said.extra["contact"] == "not their own"


@pytest.mark.fault("E6")
def test_an_edited_message_is_marked_as_one():
    assert heard(edited_message=message(text="Amy is well")).extra["edited"] is True
    assert "edited" not in heard(message=message(text="Amy is well")).extra


def test_the_time_of_writing_is_kept_in_utc():
    assert heard(message=message(text="ill")).extra["sent_at"] == "2026-11-23T09:31:40+00:00"
    edited = heard(edited_message=message(text="ill", edit_date=1795426360))
    assert edited.extra["sent_at"] == "2026-11-23T09:32:40+00:00"


@pytest.mark.parametrize("date", [None, "soon", -1, 0, 2**62])
def test_a_time_of_writing_that_cannot_be_read_is_left_out(date):
    assert "sent_at" not in heard(message=message(text="ill", date=date)).extra


@pytest.mark.fault("E6")
@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
def test_what_is_said_in_a_group_is_not_heard(kind):
    group = {"id": -100200300, "type": kind}
    assert heard(message=message(chat=group, text="Amy is ill")) is None
    assert heard(channel_post={"chat": group, "text": "hello"}) is None


def test_other_bots_are_not_heard():
    assert heard(message=message(**{"from": SANA | {"is_bot": True}}, text="hi")) is None


@pytest.mark.parametrize(("status", "blocked"), [("kicked", True), ("member", False)])
def test_blocking_and_unblocking_are_heard(status, blocked):
    change = {"chat": CHAT, "from": SANA, "new_chat_member": {"status": status}}
    assert heard(my_chat_member=change).blocked is blocked


def test_other_changes_of_membership_are_not():
    change = {"chat": CHAT, "from": SANA, "new_chat_member": {"status": "left"}}
    assert heard(my_chat_member=change) is None


def test_a_button_says_what_stands_behind_say():
    pressed = {"id": "4382", "from": SANA, "message": {"chat": CHAT, "date": 0}, "data": "say:2"}
    said = heard(callback_query=pressed)
    assert (said.text, said.extra) == ("2", {"callback_query": "4382"})
    assert heard(callback_query=pressed | {"data": "r:01J9ZK3V5Q:ill"}) is None


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ({"photo": [{"file_id": "x"}]}, "photo"),
        ({"voice": {"file_id": "x"}}, "voice"),
        ({"document": {"file_id": "x"}}, "document"),
    ],
)
def test_an_attachment_is_named_and_its_caption_is_the_text(part, kind):
    said = heard(message=message(caption="doctor's note", **part))
    assert (said.attachments, said.text) == ((kind,), "doctor's note")


@pytest.mark.fault("E4")
@pytest.mark.parametrize(
    "update",
    [
        {},
        {"update_id": True},
        {"update_id": 1, "message": None},
        {"update_id": 1, "message": []},
        {"update_id": 1, "poll": {}},
        {"update_id": 2**70, "message": message(text="x")},
        {"update_id": 1, "message": message(text="x", chat=None)},
        {"update_id": 1, "message": message(new_chat_title="x")},
        [],
        None,
        "text",
    ],
)
def test_unknown_and_broken_updates_are_nothing(update):
    assert read(update, BOT) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["message", "chat", "from", "id", "text", "type", "contact", "photo",
                         "data", "callback_query", "my_chat_member", "new_chat_member", "caption",
                         "edited_message", "status", "user_id", "phone_number"]),
        inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@pytest.mark.fault("E4")
@given(JSON)
def test_no_update_makes_reading_raise(update):
    read(update, BOT)
    read({"update_id": 1, "message": update}, BOT)
    read({"update_id": 1, "message": message(contact=update, text=update)}, BOT)
    read({"update_id": 1, "callback_query": update}, BOT)
    read({"update_id": 1, "my_chat_member": update}, BOT)
