"""The stages, deterministic state machines between frames, and what keeps their state."""
