"""SERVE: conformed topics become warehouse tables."""
