"""What keeps bad data from models: duplicates, lateness, dead letters."""
