"""ClickHouse's HTTP interface: what clickhouse-connect, Grafana's data source, curl and JDBC speak.

A request is a statement in the URL, the body or both, with settings and parameters beside it; INSERTs bring their rows
in the body, in any format. Left out: HTTPS, progress in headers, roles, and the pages a browser would show.
"""
