"""Our own objects at a source, called the same in every kind of database; their schema is `Source.capture_schema`."""

OWN_TABLES = ("heartbeat", "debezium_signal")
OWN_VIEWS = ("shape", "told")
"""What our tables are filled from: what the source says of itself."""
