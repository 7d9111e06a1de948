package chdb

import (
	"runtime"
	"unsafe"
)

// Conn is one connection: a session with its own settings and database, and
// one statement at a time. It is not safe for concurrent use.
type Conn struct {
	s      *symbols
	handle unsafe.Pointer // chdb_connection *
}

// Close ends the connection; a statement still open on it is cancelled.
func (c *Conn) Close() {
	if c.handle != nil {
		c.s.closeConn(c.handle)
		c.handle = nil
	}
}

func (c *Conn) session() unsafe.Pointer { return *(*unsafe.Pointer)(c.handle) }

// Query runs a statement to its end and passes the whole result, in the given
// output format, to use. The bytes are ClickHouse's memory: they are gone when
// use returns. use is not called for an empty result.
func (c *Conn) Query(sql, format string, params []Param, use func([]byte) error) (Stats, error) {
	result := c.call(c.s.query, sql, format, params)
	if result == nil {
		return Stats{}, newException("ClickHouse gave no result")
	}
	defer c.s.destroyResult(result)
	if err := c.failure(result); err != nil {
		return Stats{}, err
	}
	stats := c.stats(result)
	if data := c.data(result); len(data) > 0 && use != nil {
		return stats, use(data)
	}
	return stats, nil
}

// Exec runs a statement whose result does not matter.
func (c *Conn) Exec(sql string) error {
	_, err := c.Query(sql, "Null", nil, nil)
	return err
}

// Stream runs a SELECT and passes its result to use, block by block as it is
// computed. Each block is formatted on its own, so the format must be one
// without header, footer or separator between rows. An error from use cancels
// the statement and is returned.
func (c *Conn) Stream(sql, format string, params []Param, use func([]byte) error) (Stats, error) {
	var stats Stats
	stream := c.call(c.s.streamQuery, sql, format, params)
	if stream == nil {
		return stats, newException("ClickHouse gave no result")
	}
	defer c.s.destroyResult(stream)
	if err := c.failure(stream); err != nil {
		return stats, err
	}
	for {
		more, err := c.fetch(stream, &stats, use)
		if err != nil || !more {
			return stats, err
		}
	}
}

func (c *Conn) fetch(stream unsafe.Pointer, stats *Stats, use func([]byte) error) (more bool, err error) {
	block := c.s.streamFetch(c.session(), stream)
	if block == nil {
		return false, nil
	}
	defer c.s.destroyResult(block)
	if err := c.failure(block); err != nil {
		return false, err
	}
	stats.add(c.stats(block))
	data := c.data(block)
	if len(data) == 0 {
		return false, nil
	}
	if err := use(data); err != nil {
		c.s.streamCancel(c.session(), stream)
		return false, err
	}
	return true, nil
}

func (c *Conn) failure(result unsafe.Pointer) error {
	if text := goString(c.s.resultError(result)); text != "" {
		return newException(text)
	}
	return nil
}

func (c *Conn) data(result unsafe.Pointer) []byte {
	n := c.s.resultLength(result)
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(c.s.resultBuffer(result)), n)
}

func (c *Conn) stats(result unsafe.Pointer) Stats {
	return Stats{
		ResultRows:   c.s.rowsRead(result),
		ReadRows:     c.s.storageRows(result),
		ReadBytes:    c.s.storageBytes(result),
		WrittenRows:  c.s.rowsWritten(result),
		WrittenBytes: c.s.bytesWritten(result),
	}
}

func (c *Conn) call(f paramsCall, sql, format string, params []Param) unsafe.Pointer {
	var pin runtime.Pinner
	defer pin.Unpin()
	// One spare element each, so that there is an address without parameters.
	names, values := make([]*byte, len(params)+1), make([]*byte, len(params)+1)
	nameLens, valueLens := make([]uintptr, len(params)+1), make([]uintptr, len(params)+1)
	for i, p := range params {
		names[i], nameLens[i] = cString(&pin, p.Name), uintptr(len(p.Name))
		values[i], valueLens[i] = cString(&pin, p.Value), uintptr(len(p.Value))
	}
	pin.Pin(&names[0])
	pin.Pin(&values[0])
	pin.Pin(&nameLens[0])
	pin.Pin(&valueLens[0])
	return f(c.session(),
		unsafe.Pointer(cString(&pin, sql)), uintptr(len(sql)),
		unsafe.Pointer(cString(&pin, format)), uintptr(len(format)),
		unsafe.Pointer(&names[0]), unsafe.Pointer(&nameLens[0]),
		unsafe.Pointer(&values[0]), unsafe.Pointer(&valueLens[0]), uintptr(len(params)))
}

// Insert is an INSERT that waits for its data.
type Insert struct {
	c      *Conn
	handle unsafe.Pointer // chdb_insert_stream
}

// Insert opens an INSERT, named without its FORMAT clause, whose data follow in
// the given input format. The connection takes no other statement until the
// insert is closed.
func (c *Conn) Insert(sql, format string, params []Param) (*Insert, error) {
	handle := c.call(c.s.insertOpen, sql, format, params)
	if text := goString(c.s.insertError(handle)); text != "" {
		c.s.insertDestroy(handle)
		return nil, newException(text)
	}
	return &Insert{c: c, handle: handle}, nil
}

// Append passes data on; ClickHouse copies them. It blocks while ClickHouse is
// 16 pieces behind.
func (i *Insert) Append(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	var pin runtime.Pinner
	defer pin.Unpin()
	pin.Pin(&data[0])
	if i.c.s.insertAppend(i.handle, unsafe.Pointer(&data[0]), uintptr(len(data))) == 0 {
		return nil
	}
	// The reason is only certain to be there once the insert has been ended.
	if _, err := i.Done(); err != nil {
		return err
	}
	return newException("the insert ended before its data")
}

// Done ends the data and waits until the rows are stored. Rows that Done
// reported without an error survive a crash of the process.
func (i *Insert) Done() (Stats, error) {
	result := i.c.s.insertDone(i.handle)
	if result == nil {
		return Stats{}, newException("ClickHouse gave no result")
	}
	defer i.c.s.destroyResult(result)
	if err := i.c.failure(result); err != nil {
		return Stats{}, err
	}
	return i.c.stats(result), nil
}

// Cancel gives the insert up. Blocks that ClickHouse has already stored stay.
func (i *Insert) Cancel() { i.c.s.insertCancel(i.handle) }

// Close releases the insert; one that is neither done nor cancelled is
// cancelled.
func (i *Insert) Close() {
	if i.handle != nil {
		i.c.s.insertDestroy(i.handle)
		i.handle = nil
	}
}
