"""From raw lines to frames: validated, cleaned, hashed, by bucket."""
