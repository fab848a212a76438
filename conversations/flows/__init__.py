"""The flows, one file each. No flow imports another."""
