#!/bin/sh
# Makes the secrets of docker-compose.yml that are not there yet: one random text per file, in the folder given or in
# deploy/secrets. Nobody but its owner may enter that folder; the files themselves must be readable by everybody,
# because each container reads them as a user of its own.
set -eu
folder=${1:-"$(dirname "$0")/secrets"}
mkdir -p "$folder"
chmod 0700 "$folder"
for name in warehouse postgres mariadb grafana; do
  file=$folder/$name.password
  [ -s "$file" ] && continue
  head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n' > "$file.new"
  chmod 0444 "$file.new"
  mv "$file.new" "$file"
  echo "$file is made"
done
