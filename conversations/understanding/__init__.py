"""Text to meaning: language, kind, detail, codes, children, days, safety. Pure and offline."""
