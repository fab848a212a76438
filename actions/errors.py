"""What can go wrong in a way that a person can mend."""

from __future__ import annotations


class NotPossibleError(Exception):
    """An action that cannot be done, said in plain words: what, and how to mend it.

    The message names no child and no adult.
    """
