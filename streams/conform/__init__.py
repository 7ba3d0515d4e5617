"""Conform: a change of a source table becomes a typed row version with its codes unified as of their date."""
