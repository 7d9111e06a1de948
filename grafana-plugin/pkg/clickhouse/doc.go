// Package clickhouse runs statements: within limits of time, rows and bytes, read-only, and stopped in ClickHouse when
// nobody waits for them any more.
package clickhouse
