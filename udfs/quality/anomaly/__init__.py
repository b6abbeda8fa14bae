"""Filters for events that no customer made and values that no field has: bots, click rings, outliers."""
