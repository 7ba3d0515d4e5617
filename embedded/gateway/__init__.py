"""An embedded ClickHouse server: chDB, the engine as a library, behind ClickHouse's native protocol and its HTTP.

Unmodified clients: clickhouse-driver by one protocol revision (54459), clickhouse-connect, Grafana's data source and
curl by HTTP (`http/`). What it is and is not: docs/warehouse.md.

A native client's statement, from the wire to the engine and back:

    server → client → requests, channel (wire, frames, blocks, walk) → pool, session → statements
           → insert (staging) | results (progress, watch) → packets

    python -m embedded.gateway --path DIR --port 9000 --http-port 8123 --user suoi --password-file FILE
"""
