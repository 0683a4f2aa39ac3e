"""The rooms of ``python -m nn``: train, predict and demo, and what they share."""
