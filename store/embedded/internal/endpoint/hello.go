package endpoint

import (
	"strings"

	chproto "github.com/ClickHouse/ch-go/proto"
)

// handshake is the statement by which clickhouse-go opens a connection.
const handshake = "SELECT displayName(), version(), revision(), timezone()"

// Revisions of the native protocol that change a block's layout.
const (
	revisionBlockInfo     = 51903
	revisionSerialization = 54454
)

// isHandshake reports whether the statement must be answered by hello.
func isHandshake(q *request) bool {
	return q.revision > 0 && strings.Join(strings.Fields(q.stmt.Text), " ") == handshake
}

// hello answers the handshake. clickhouse-go decodes this one answer by its own
// revision, and all that follow by the revision it finds in it. libchdb writes
// blocks of revision 0 only, so 0 is what it must find.
func hello(version string, revision int) []byte {
	var b chproto.Buffer
	if revision >= revisionBlockInfo {
		b.PutUVarInt(1) // field: overflows
		b.PutBool(false)
		b.PutUVarInt(2) // field: bucket
		b.PutInt32(-1)
		b.PutUVarInt(0) // no more fields
	}
	b.PutUVarInt(4) // columns
	b.PutUVarInt(1) // rows
	column := func(name, kind string, value func()) {
		b.PutString(name)
		b.PutString(kind)
		if revision >= revisionSerialization {
			b.PutBool(false) // no custom serialization
		}
		value()
	}
	column("displayName()", "String", func() { b.PutString("ringside") })
	column("version()", "String", func() { b.PutString(version) })
	column("revision()", "UInt32", func() { b.PutUInt32(0) })
	column("timezone()", "String", func() { b.PutString("UTC") })
	return b.Buf
}
