//go:build !(linux && amd64)

package chdb

import "errors"

// ErrPlatform says why there is no library to load.
var ErrPlatform = errors.New("the embedded ClickHouse exists for Linux on x86-64 with glibc only")

// Library cannot be loaded on this platform.
type Library struct{}

// Conn cannot be opened on this platform.
type Conn struct{}

// Insert cannot be opened on this platform.
type Insert struct{}

func Load(string) (*Library, error)               { return nil, ErrPlatform }
func (*Library) Version() string                  { return "" }
func (*Library) Connect(...string) (*Conn, error) { return nil, ErrPlatform }
func (*Conn) Close()                              {}
func (*Conn) Query(string, string, []Param, func([]byte) error) (Stats, error) {
	return Stats{}, ErrPlatform
}
func (*Conn) Exec(string) error { return ErrPlatform }
func (*Conn) Stream(string, string, []Param, func([]byte) error) (Stats, error) {
	return Stats{}, ErrPlatform
}
func (*Conn) Insert(string, string, []Param) (*Insert, error) { return nil, ErrPlatform }
func (*Insert) Append([]byte) error                           { return ErrPlatform }
func (*Insert) Done() (Stats, error)                          { return Stats{}, ErrPlatform }
func (*Insert) Cancel()                                       {}
func (*Insert) Close()                                        {}
