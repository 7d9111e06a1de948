// Package e2e has tests that ask the plugin as Grafana does: its binary, over gRPC, with an embedded ClickHouse behind that two
// simulated contact centres have filled.
package e2e
