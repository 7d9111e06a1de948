// Package chdb binds the C interface of libchdb, ClickHouse as a library,
// without cgo. One process can hold one data directory, any number of
// connections to it, and one running statement on each connection.
package chdb

import (
	"regexp"
	"strconv"
)

// codeUnknown is ClickHouse's own code for errors that carry none.
const codeUnknown = 1002

// Exception is an error ClickHouse raised; Message is its text, code included,
// exactly as a server would send it.
type Exception struct {
	Code    int
	Message string
}

func (e *Exception) Error() string { return e.Message }

var codePattern = regexp.MustCompile(`^\s*Code: (\d+)\.`)

// newException gives text without a code the form that clients can parse.
func newException(text string) *Exception {
	if m := codePattern.FindStringSubmatch(text); m != nil {
		if code, err := strconv.Atoi(m[1]); err == nil && code > 0 {
			return &Exception{Code: code, Message: text}
		}
	}
	return Errorf(codeUnknown, "UNKNOWN_EXCEPTION", text)
}

// Errorf makes an exception of ClickHouse's form for a fault found before
// ClickHouse was asked.
func Errorf(code int, name, message string) *Exception {
	return &Exception{
		Code:    code,
		Message: "Code: " + strconv.Itoa(code) + ". DB::Exception: " + message + ". (" + name + ")",
	}
}
