"""What a model and its loss look like."""
