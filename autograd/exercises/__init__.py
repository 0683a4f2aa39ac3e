"""Exercises: partials and grads to fill in, and what a wrong answer tells."""
