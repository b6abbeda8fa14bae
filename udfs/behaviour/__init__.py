"""What users did before an impression, from keyed state, frozen when it was shown."""
