//go:build linux && amd64

package chdb

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNewException(t *testing.T) {
	for text, code := range map[string]int{
		"Code: 60. DB::Exception: Table t does not exist. (UNKNOWN_TABLE)": 60,
		"  Code: 241. DB::Exception: x":                                    241,
		"Failed to parse INSERT query":                                     codeUnknown,
		"in the text Code: 60.":                                            codeUnknown,
		"Code: 99999999999999999999. x":                                    codeUnknown,
	} {
		ex := newException(text)
		if ex.Code != code || !strings.Contains(ex.Error(), text) || !codePattern.MatchString(ex.Message) {
			t.Errorf("%q: %d %q", text, ex.Code, ex.Message)
		}
	}
}

// library loads libchdb into the test's own process; only one test can.
func library(t *testing.T) *Library {
	path := os.Getenv("RINGSIDE_LIBCHDB")
	if path == "" {
		path = filepath.Join("..", "..", "..", "..", ".cache", "engine", "libchdb.so")
	}
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("RINGSIDE_TEST_ALL") == "1" {
			t.Fatal(err)
		}
		t.Skipf("the embedded ClickHouse is not here (run make engine): %v", err)
	}
	l, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLibrary(t *testing.T) {
	l := library(t)
	args := []string{"--path=" + t.TempDir()}
	base, err := l.Connect(args...)
	if err != nil {
		t.Fatal(err)
	}
	defer base.Close()
	t.Run("query", func(t *testing.T) {
		var got string
		stats, err := base.Query("SELECT {a:String} || {b:String}", "TSV", []Param{{"a", `x\0`}, {"b", ""}}, func(b []byte) error {
			got = string(b)
			return nil
		})
		if err != nil || got != "x\\0\n" || stats.ResultRows != 1 {
			t.Errorf("%q, %+v, %v", got, stats, err)
		}
		stopped := errors.New("stopped")
		if _, err := base.Query("SELECT 1", "TSV", nil, func([]byte) error { return stopped }); err != stopped {
			t.Errorf("the user's error: %v", err)
		}
		var ex *Exception
		if err := base.Exec("SELECT * FROM nowhere"); !errors.As(err, &ex) || ex.Code != 60 {
			t.Errorf("%v", err)
		}
	})
	t.Run("settings of one connection", func(t *testing.T) {
		c, err := l.Connect(append(args, "--max_threads=1", "--log_comment=it's = --x")...)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for conn, want := range map[*Conn]string{c: "it's = --x\n", base: "\n"} {
			_, err := conn.Query("SELECT getSetting('log_comment')", "TSVRaw", nil, func(b []byte) error {
				if string(b) != want {
					t.Errorf("%q, want %q", b, want)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("stream", func(t *testing.T) { testStream(t, base) })
	t.Run("insert", func(t *testing.T) { testInsert(t, base) })
	t.Run("other path", func(t *testing.T) {
		if _, err := l.Connect("--path=" + t.TempDir()); err == nil {
			t.Error("a second path was accepted")
		}
	})
}

func testStream(t *testing.T, c *Conn) {
	blocks, bytes := 0, 0
	stats, err := c.Stream("SELECT number FROM numbers(200000)", "RowBinary", nil, func(b []byte) error {
		blocks++
		bytes += len(b)
		return nil
	})
	if err != nil || bytes != 1600000 || blocks < 2 || stats.ResultRows != 200000 {
		t.Errorf("%d blocks, %d bytes, %+v, %v", blocks, bytes, stats, err)
	}
	stopped := errors.New("stopped")
	if _, err := c.Stream("SELECT number FROM numbers(100000000000)", "RowBinary", nil, func([]byte) error { return stopped }); err != stopped {
		t.Errorf("the user's error: %v", err)
	}
	var ex *Exception
	if _, err := c.Stream("SELECT throwIf(number = 150000) FROM numbers(200000)", "RowBinary", nil, func([]byte) error { return nil }); !errors.As(err, &ex) || ex.Code != 395 {
		t.Errorf("midway: %v", err)
	}
	if err := c.Exec("SELECT 1"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func testInsert(t *testing.T, c *Conn) {
	if err := c.Exec("CREATE TABLE default.t (n UInt8) ENGINE = MergeTree ORDER BY n"); err != nil {
		t.Fatal(err)
	}
	open := func() *Insert {
		t.Helper()
		ins, err := c.Insert("INSERT INTO default.t", "CSV", nil)
		if err != nil {
			t.Fatal(err)
		}
		return ins
	}
	ins := open()
	if err := errors.Join(ins.Append([]byte("1\n2")), ins.Append(nil), ins.Append([]byte("\n3\n"))); err != nil {
		t.Fatal(err)
	}
	if stats, err := ins.Done(); err != nil || stats.WrittenRows != 3 {
		t.Errorf("%+v, %v", stats, err)
	}
	ins.Close()
	ins = open()
	_ = ins.Append([]byte("4\n"))
	ins.Cancel()
	ins.Close()
	ins = open()
	_ = ins.Append([]byte("5\n"))
	ins.Close()
	ins = open()
	// Whether the fault shows at once or at the end, it shows.
	err := ins.Append([]byte("6\nx\n"))
	if err == nil {
		_, err = ins.Done()
	}
	ins.Close()
	var ex *Exception
	if !errors.As(err, &ex) || ex.Code == codeUnknown {
		t.Errorf("broken data: %v", err)
	}
	if _, err := c.Insert("INSERT INTO default.nowhere", "CSV", nil); !errors.As(err, &ex) || ex.Code != 60 {
		t.Errorf("no table: %v", err)
	}
	_, err = c.Query("SELECT groupArray(n) FROM (SELECT n FROM default.t ORDER BY n)", "TSV", nil, func(b []byte) error {
		if string(b) != "[1,2,3]\n" {
			t.Errorf("rows %s", b)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
