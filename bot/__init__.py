"""What comes in: one file a channel, each verifies and reads, nothing else."""
