package endpoint

import (
	"strings"

	"ringside/store/embedded/internal/sqltext"
)

// streamable are the formats in which the concatenation of separately written
// blocks is the whole result. The others have headers, footers or separators,
// which libchdb would repeat for every block.
var streamable = map[string]bool{
	"native": true, "rowbinary": true, "msgpack": true, "null": true,
	"tabseparated": true, "tsv": true, "tabseparatedraw": true, "tsvraw": true, "raw": true, "tskv": true,
	"csv": true, "jsoneachrow": true, "jsonlines": true, "ndjson": true, "jsoncompacteachrow": true,
	"jsonstringseachrow": true, "jsoncompactstringseachrow": true, "lineasstring": true, "rawblob": true,
}

// streams reports whether a result can be passed on block by block.
func (q *request) streams() bool {
	if q.stmt.Kind != sqltext.Select || q.stmt.Totals || !streamable[strings.ToLower(q.output())] {
		return false
	}
	for _, p := range q.settings {
		if p.Name == "extremes" && p.Value != "0" {
			return false
		}
	}
	return true
}

// output is the format the result is in.
func (q *request) output() string {
	if q.stmt.Format != "" && q.stmt.Kind != sqltext.InsertData {
		return q.stmt.Format
	}
	return q.format
}

// contentType is the media type a server gives for a format.
func contentType(format string) string {
	f := strings.ToLower(format)
	switch {
	case strings.HasPrefix(f, "jsoneachrow"), strings.Contains(f, "eachrow"), f == "jsonlines", f == "ndjson":
		return "application/x-ndjson; charset=UTF-8"
	case strings.HasPrefix(f, "json"):
		return "application/json; charset=UTF-8"
	case strings.HasPrefix(f, "csv"):
		return "text/csv; charset=UTF-8"
	case strings.HasPrefix(f, "tabseparated"), strings.HasPrefix(f, "tsv"):
		return "text/tab-separated-values; charset=UTF-8"
	case f == "native", strings.HasPrefix(f, "rowbinary"), f == "parquet", strings.HasPrefix(f, "arrow"), f == "orc", f == "avro", f == "msgpack":
		return "application/octet-stream"
	}
	return "text/plain; charset=UTF-8"
}
