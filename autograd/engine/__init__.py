"""The engine, to be read in this order: table, formula, floats, domain, recorder, printer,
operators, value, reverse, functions, broadcast, interop; README.md says what each holds."""
