"""Verify: the source at one instant against the warehouse at the same instant, row by row, while changes flow."""
