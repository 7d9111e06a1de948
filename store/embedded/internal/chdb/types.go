package chdb

// Param is a named query parameter, {Name:Type} in the statement; Value is the
// text form that ClickHouse parses by the type.
type Param struct{ Name, Value string }

// Stats counts what a statement did: rows of its result, rows and bytes read
// from storage, rows and bytes written.
type Stats struct {
	ResultRows   uint64
	ReadRows     uint64
	ReadBytes    uint64
	WrittenRows  uint64
	WrittenBytes uint64
}

func (s *Stats) add(o Stats) {
	s.ResultRows += o.ResultRows
	s.ReadRows += o.ReadRows
	s.ReadBytes += o.ReadBytes
	s.WrittenRows += o.WrittenRows
	s.WrittenBytes += o.WrittenBytes
}
