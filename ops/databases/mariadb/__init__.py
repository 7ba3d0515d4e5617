"""MariaDB: a binary log that nobody keeps for us, snapshots that say where it stood."""
