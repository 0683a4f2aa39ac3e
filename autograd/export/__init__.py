"""The same operations elsewhere: the rows of the table, written in other languages."""
