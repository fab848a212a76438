"""The rules of a school, pure: people, codes, policy, calendar, the first-day run."""
