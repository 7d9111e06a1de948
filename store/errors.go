package store

import (
	"context"
	"errors"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// refusedCodes are ClickHouse's errors about the data of a block: some row in it will never be accepted. Anything else
// (network, space, memory, too many parts, a table that is missing, wrong credentials) may pass or can be mended, and
// is retried.
var refusedCodes = map[int32]string{
	6:   "CANNOT_PARSE_TEXT",
	38:  "CANNOT_PARSE_DATE",
	41:  "CANNOT_PARSE_DATETIME",
	69:  "ARGUMENT_OUT_OF_BOUND",
	70:  "CANNOT_CONVERT_TYPE",
	72:  "CANNOT_PARSE_NUMBER",
	117: "INCORRECT_DATA",
	128: "TOO_LARGE_ARRAY_SIZE",
	131: "TOO_LARGE_STRING_SIZE",
	321: "VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE",
	349: "CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN",
	376: "CANNOT_PARSE_UUID",
	407: "DECIMAL_OVERFLOW",
	469: "VIOLATED_CONSTRAINT",
	691: "UNKNOWN_ELEMENT_OF_ENUM",
}

// refusedForData tells whether err says that ClickHouse will never take a row of the block.
func refusedForData(err error) bool {
	var e *clickhouse.Exception
	if !errors.As(err, &e) {
		return false
	}
	_, ok := refusedCodes[e.Code]
	return ok
}

// reasonOf is a short, bounded label of an error, for metrics.
func reasonOf(err error) string {
	var e *clickhouse.Exception
	switch {
	case errors.As(err, &e):
		switch e.Code {
		case 241:
			return "memory"
		case 243:
			return "space"
		case 252:
			return "too_many_parts"
		case 202, 159:
			return "overload"
		}
		return "server"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	default:
		return "network"
	}
}
