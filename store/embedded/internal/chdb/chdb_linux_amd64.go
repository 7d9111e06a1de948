package chdb

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Every symbol below exists since 26.7.3; older builds lack the insert stream.
type symbols struct {
	connect       func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	closeConn     func(conn unsafe.Pointer)
	query         paramsCall
	streamQuery   paramsCall
	streamFetch   func(conn, result unsafe.Pointer) unsafe.Pointer
	streamCancel  func(conn, result unsafe.Pointer)
	destroyResult func(result unsafe.Pointer)
	resultBuffer  func(result unsafe.Pointer) unsafe.Pointer
	resultLength  func(result unsafe.Pointer) uintptr
	resultError   func(result unsafe.Pointer) unsafe.Pointer
	rowsRead      func(result unsafe.Pointer) uint64
	storageRows   func(result unsafe.Pointer) uint64
	storageBytes  func(result unsafe.Pointer) uint64
	rowsWritten   func(result unsafe.Pointer) uint64
	bytesWritten  func(result unsafe.Pointer) uint64
	insertOpen    paramsCall
	insertAppend  func(stream, data unsafe.Pointer, length uintptr) int32
	insertDone    func(stream unsafe.Pointer) unsafe.Pointer
	insertError   func(stream unsafe.Pointer) unsafe.Pointer
	insertCancel  func(stream unsafe.Pointer)
	insertDestroy func(stream unsafe.Pointer)
	setSignals    func(enabled int32)
	version       func() unsafe.Pointer
}

// paramsCall is the shape of the calls that take a statement, a format and
// named parameters, all with explicit lengths.
type paramsCall func(conn, query unsafe.Pointer, queryLen uintptr, format unsafe.Pointer, formatLen uintptr,
	names, nameLens, values, valueLens unsafe.Pointer, count uintptr) unsafe.Pointer

// Library is libchdb, loaded into this process.
type Library struct{ s symbols }

// Load opens the library at path and binds its functions. It can be loaded
// once per process and never unloaded.
func Load(path string) (*Library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", path, err)
	}
	l := &Library{}
	for _, b := range []struct {
		function any
		name     string
	}{
		{&l.s.connect, "chdb_connect"},
		{&l.s.closeConn, "chdb_close_conn"},
		{&l.s.query, "chdb_query_with_params_n"},
		{&l.s.streamQuery, "chdb_stream_query_with_params_n"},
		{&l.s.streamFetch, "chdb_stream_fetch_result"},
		{&l.s.streamCancel, "chdb_stream_cancel_query"},
		{&l.s.destroyResult, "chdb_destroy_query_result"},
		{&l.s.resultBuffer, "chdb_result_buffer"},
		{&l.s.resultLength, "chdb_result_length"},
		{&l.s.resultError, "chdb_result_error"},
		{&l.s.rowsRead, "chdb_result_rows_read"},
		{&l.s.storageRows, "chdb_result_storage_rows_read"},
		{&l.s.storageBytes, "chdb_result_storage_bytes_read"},
		{&l.s.rowsWritten, "chdb_result_rows_written"},
		{&l.s.bytesWritten, "chdb_result_bytes_written"},
		{&l.s.insertOpen, "chdb_stream_insert_with_params_n"},
		{&l.s.insertAppend, "chdb_stream_append"},
		{&l.s.insertDone, "chdb_stream_done"},
		{&l.s.insertError, "chdb_stream_insert_error"},
		{&l.s.insertCancel, "chdb_stream_cancel_insert"},
		{&l.s.insertDestroy, "chdb_destroy_insert_stream"},
		{&l.s.setSignals, "chdb_set_signal_handlers_enabled"},
		{&l.s.version, "chdb_version"},
	} {
		address, err := purego.Dlsym(handle, b.name)
		if err != nil {
			return nil, fmt.Errorf("%s is not a libchdb of the version needed: %w", path, err)
		}
		purego.RegisterFunc(b.function, address)
	}
	// Handlers of ClickHouse would replace those the Go runtime depends on.
	l.s.setSignals(0)
	return l, nil
}

// Version is the library's version, for example "26.7.3".
func (l *Library) Version() string { return goString(l.s.version()) }

// Connect opens a connection. The first one starts the engine, configured by
// its arguments (--path, --config-file, …), and the end of the last one stops
// it in order. The others must name the same path. Arguments that name a
// setting apply to their connection alone. Arguments are a matter of trust:
// nothing a client sent belongs here.
func (l *Library) Connect(args ...string) (*Conn, error) {
	var pin runtime.Pinner
	defer pin.Unpin()
	argv := make([]*byte, 0, len(args)+2)
	for _, a := range append([]string{"clickhouse"}, args...) {
		argv = append(argv, cString(&pin, a))
	}
	argv = append(argv, nil)
	pin.Pin(&argv[0])
	handle := l.s.connect(int32(len(argv)-1), unsafe.Pointer(&argv[0]))
	if handle == nil {
		return nil, newException("ClickHouse refused the connection; its reason is in the log")
	}
	return &Conn{s: &l.s, handle: handle}, nil
}

// cString is s as C wants it, at an address that stays.
func cString(pin *runtime.Pinner, s string) *byte {
	b := make([]byte, len(s)+1)
	copy(b, s)
	pin.Pin(&b[0])
	return &b[0]
}

func goString(p unsafe.Pointer) string {
	if p == nil {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(p, n)) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(p), n))
}
