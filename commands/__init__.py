"""The console commands, one file each; app.py hands them the clock and the settings."""
