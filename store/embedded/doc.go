// Package embedded runs ClickHouse inside Ringside: libchdb in a supervised
// child process, behind ClickHouse's HTTP interface on a loopback port, so that
// the driver, the statements and the tables are those of a server.
//
// The child is the program itself, started again with a hidden argument.
// Whoever uses this package therefore begins main (and TestMain; see package
// embeddedtest) with
//
//	embedded.ChildMain()
//
// which returns at once in any process but such a child.
package embedded
