#!/bin/bash
# Run once by MariaDB's image, when its data folder is new: a database for every agency of the demonstration.
set -euo pipefail
for name in $AGENCIES; do
  docker_process_sql <<< "CREATE DATABASE IF NOT EXISTS \`$name\` CHARACTER SET utf8mb4"
done
