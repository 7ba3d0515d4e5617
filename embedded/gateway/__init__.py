"""An embedded ClickHouse server: chDB, the engine as a library, behind ClickHouse's native TCP protocol.

What the path needs: unmodified clickhouse-driver. One protocol revision (54459) and everything it has between a client
and a table: settings, server-side parameters, compression, inserts of many blocks, streamed results, cancel. Left out:
HTTP, TLS, external tables, totals and extremes, server logs, query ids, columns of self-describing types (JSON,
Dynamic, Variant) and of AggregateFunction.

    python -m embedded.gateway --path DIR --host 127.0.0.1 --port 9000 --user suoi --password-file FILE
"""
