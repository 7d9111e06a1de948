// Package datasource is the data source as Grafana sees it: queries, alerts, streams, pick-lists and the health check, each for
// the organizations that the data source is pinned to.
package datasource
