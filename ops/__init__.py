"""OPERATE: what a person or an alert asks of a running stack."""
