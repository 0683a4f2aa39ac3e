"""The engine, to be read in this order: table, formula, floats, domain, printer, operators, value,
reverse, functions, interop; guard, modes, errors, notation, number are what they stand on.
"""
