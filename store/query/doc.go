// Package query turns a metric and a filter into SQL with named parameters. Every value is a parameter of ClickHouse
// ({name:Type}); the text is made of constants only, so that no value can change a statement. The package knows no
// driver: it is shared by the terminal, the page and the Grafana plugin.
package query
