// Package soak keeps the report of the long proofs: one table, a row for each block of seeds or inputs, from which a proof that was
// interrupted goes on.
package soak

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const header = `# Long proofs

What ` + "`make soak`" + ` has tried, a row for each block of seeds, or of inputs. A proof goes on after its last; *differences* are from the truth of the simulation.

| proof | seeds or inputs | tried | differences | took | ended |
| --- | --- | --- | ---: | ---: | --- |
`

// Row is one block of a proof.
type Row struct {
	Proof       string
	First, Last uint64 // seeds, or inputs of a fuzz test; 0: it has none
	Tried       string // in words, as "200 kills"
	Differences int
	Took        time.Duration
	Ended       time.Time
}

// Append adds a row to the report at path, which it begins if need be.
func Append(path string, r Row) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("soak report: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("soak report: %w", err)
	}
	defer f.Close()
	seeds := ""
	if r.Last > 0 {
		seeds = fmt.Sprintf("%d–%d", r.First, r.Last)
	}
	text := fmt.Sprintf("| %s | %s | %s | %d | %s | %s |\n", r.Proof, seeds, r.Tried, r.Differences,
		r.Took.Round(time.Second), r.Ended.UTC().Format("2006-01-02 15:04"))
	if info, err := f.Stat(); err != nil {
		return fmt.Errorf("soak report: %w", err)
	} else if info.Size() == 0 {
		text = header + text
	}
	if _, err := f.WriteString(text); err != nil {
		return fmt.Errorf("soak report: %w", err)
	}
	return nil
}

// Next returns the seed after the last that the report at path has for a proof, first if it has none. Rows without seeds
// say nothing of it.
func Next(path, proof string, first uint64) (uint64, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return first, nil
	}
	if err != nil {
		return 0, fmt.Errorf("soak report: %w", err)
	}
	defer f.Close()
	next := first
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "|")
		if len(cells) < 3 || strings.TrimSpace(cells[1]) != proof {
			continue
		}
		seeds := strings.TrimSpace(cells[2])
		if seeds == "" {
			continue
		}
		_, last, ok := strings.Cut(seeds, "–")
		seed, err := strconv.ParseUint(last, 10, 64)
		if !ok || err != nil {
			return 0, fmt.Errorf("soak report: the seeds of %q cannot be read: %s", proof, seeds)
		}
		next = max(next, seed+1)
	}
	if err := lines.Err(); err != nil {
		return 0, fmt.Errorf("soak report: %w", err)
	}
	return next, nil
}
