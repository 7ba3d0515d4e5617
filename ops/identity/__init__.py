"""Persons, seen by an operator."""
