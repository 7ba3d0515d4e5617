# Sourced once by the entry point of MariaDB's image, when its data folder is new: a database for every agency of the
# demonstration. Not executable, for a process of its own would not have the function; it sets nothing for the same reason.
# shellcheck shell=bash
for agency in $AGENCIES; do
  docker_process_sql <<< "CREATE DATABASE IF NOT EXISTS \`$agency\` CHARACTER SET utf8mb4"
done
