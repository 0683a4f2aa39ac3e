"""The command line, ``python -m nn``: train and predict, and what they share."""
