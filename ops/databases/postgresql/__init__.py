"""PostgreSQL: replication slots, publications, snapshots that name the transactions they see."""
