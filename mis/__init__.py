"""Registers in, codes out: the files that a school's own information system gives and takes."""
