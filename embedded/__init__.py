"""The whole stack on one machine without Docker: one module per service."""
