"""The policies of real schools, as data: one TOML file each."""
