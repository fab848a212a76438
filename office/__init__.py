"""What staff see: sign-in, today's list, one key that confirms."""
