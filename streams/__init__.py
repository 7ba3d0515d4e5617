"""PROCESS: raw topics become conformed topics; what cannot be read becomes a dead letter."""
