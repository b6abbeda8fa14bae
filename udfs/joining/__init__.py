"""Impressions wait for the feedback that names them, and become examples when their windows close."""
