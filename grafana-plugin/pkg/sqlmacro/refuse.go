package sqlmacro

import (
	"fmt"
	"slices"
	"strings"
)

// reaching are the functions that read or write beyond ClickHouse's own tables, or only cost time, by how their names begin.
var reaching = []string{"url", "file", "remote", "cluster", "s3", "gcs", "cosn", "hdfs", "azure", "mysql", "postgresql", "mongodb", "redis", "sqlite", "jdbc", "odbc",
	"executable", "iceberg", "deltalake", "hudi", "paimon", "arrowflight", "ytsaurus", "kafka", "python", "dictionary", "dictget", "dicthas", "dictis", "joinget",
	"catboost", "prometheus", "rabbitmq", "sleep", "addressto"}

// exactly are those whose names other functions' names begin with.
var exactly = []string{"input", "loop", "nats", "oss", "trap"}

// harmless begin like one of them and reach nothing.
var harmless = []string{"urlhash", "urlhierarchy", "urlpathhierarchy"}

// first are the words that a reading statement begins with.
var first = []string{"select", "with", "show", "describe", "desc", "explain", "exists"}

// check refuses what is not one reading statement. ClickHouse is told to read only, too; this is for what reading can reach.
func check(tokens []token) error {
	code := slices.DeleteFunc(slices.Clone(tokens), func(t token) bool { return t.kind == opaque && !number(t) && !literal(t) })
	for len(code) > 0 && code[len(code)-1].text == ";" {
		code = code[:len(code)-1]
	}
	begin := 0
	for begin < len(code) && code[begin].text == "(" {
		begin++
	}
	if begin == len(code) {
		return fmt.Errorf("the SQL is empty")
	}
	if !slices.Contains(first, strings.ToLower(code[begin].text)) {
		return fmt.Errorf("the SQL begins with %.32q: only reading is allowed, with %s", code[begin].text, strings.ToUpper(strings.Join(first, ", ")))
	}
	for i, t := range code {
		behind := ""
		if i+1 < len(code) {
			behind = code[i+1].text
		}
		lower := strings.ToLower(t.name)
		switch {
		case t.text == ";":
			return fmt.Errorf("the SQL has several statements: only one is allowed")
		case t.kind == word && lower == "into" && strings.EqualFold(behind, "outfile"):
			return fmt.Errorf("INTO OUTFILE is not allowed: only reading is")
		case t.kind == word && lower == "format" && i+2 == len(code) && i > begin:
			return fmt.Errorf("leave FORMAT %s out: rows become Grafana's frames", behind)
		case aFile(code, i):
			return fmt.Errorf("%.64s is a file: only tables may be read", t.text)
		case (t.kind == word || t.kind == quoted) && behind == "(" && reaches(lower):
			return fmt.Errorf("the function %.64q is not allowed: it reaches beyond the tables of ClickHouse", t.name)
		}
	}
	return nil
}

func number(t token) bool  { return t.text[0] >= '0' && t.text[0] <= '9' }
func literal(t token) bool { return t.text[0] == '\'' }

func reaches(name string) bool {
	if slices.Contains(harmless, name) {
		return false
	}
	return slices.Contains(exactly, name) || slices.ContainsFunc(reaching, func(r string) bool { return strings.HasPrefix(name, r) })
}

// aFile tells whether the token names a file in the place of a table, as ClickHouse allows without a server.
func aFile(code []token, i int) bool {
	t := code[i]
	if i > 0 && t.text[0] == '\'' {
		before := strings.ToLower(code[i-1].name)
		return before == "from" || before == "join" || before == "table" || before == "describe" || before == "desc"
	}
	return i > 1 && t.kind == quoted && code[i-1].text == "." && strings.EqualFold(code[i-2].name, "default") && strings.ContainsAny(t.name, "./")
}
