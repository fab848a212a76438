"""One folder a language: what we say (messages.po) and what we understand (vocabulary.toml)."""
