#!/bin/bash
# Run once by PostgreSQL's image, when its data folder is new: a database for every agency of the demonstration.
set -euo pipefail
for name in $AGENCIES; do
  psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --command "CREATE DATABASE \"$name\""
done
