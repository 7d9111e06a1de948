// Package store keeps Ringside's rows in ClickHouse: migrations of the schema, the [Writer] that turns what the core
// drains into inserts, checkpoints of the core's state, and readers. All of it speaks clickhouse-go over HTTP, to the
// embedded engine and to a server alike.
package store
