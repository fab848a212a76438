"""What we say next: pure functions from what was heard to what is said and done."""
