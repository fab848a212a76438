"""How many parts a text is billed as: GSM-7 or UCS-2, counted as carriers count."""

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("^{}\\[~]|€\f")


def count_segments(text: str) -> int:
    """Return the number of parts; an empty text still is one."""
    if all(sign in GSM or sign in GSM_TWICE for sign in text):
        sizes = [2 if sign in GSM_TWICE else 1 for sign in text]
        return _parts(sizes, alone=160, joined=153)
    sizes = [len(sign.encode("utf-16-be")) // 2 for sign in text]
    return _parts(sizes, alone=70, joined=67)


def _parts(sizes: list[int], alone: int, joined: int) -> int:
    if sum(sizes) <= alone:
        return 1
    parts, room = 1, joined
    for size in sizes:
        # A sign of two units never straddles two parts.
        if size > room:
            parts, room = parts + 1, joined
        room -= size
    return parts
