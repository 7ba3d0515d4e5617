"""Shared code lists that know their date: from a raw value and its evidence to a unit, or to why there is none."""
