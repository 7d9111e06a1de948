package store

import "slices"

// blockLimits bound one insert. ClickHouse refuses a block that spans more than 100 of its partitions.
type blockLimits struct {
	rows, bytes, chunks int
}

// blocks cuts rows into blocks within the limits and hands them to do until it fails; written counts the rows of the
// blocks that did not. Rows are reordered only if they span too many partitions.
func (t *table[K, R]) blocks(rows []entry[R], limit blockLimits, do func([]entry[R]) error) (written int, err error) {
	if t.chunk != nil && t.spans(rows, limit.chunks) > limit.chunks {
		slices.SortStableFunc(rows, func(a, b entry[R]) int {
			return int(min(max(t.chunk(&a.row)-t.chunk(&b.row), -1), 1))
		})
	}
	begin, bytes := 0, 0
	chunks := map[int64]struct{}{}
	for i := range rows {
		size := t.sizeOf(&rows[i])
		newChunk := false
		if t.chunk != nil {
			_, seen := chunks[t.chunk(&rows[i].row)]
			newChunk = !seen
		}
		if i > begin && (i-begin >= limit.rows || bytes+size > limit.bytes || newChunk && len(chunks) >= limit.chunks) {
			if err := do(rows[begin:i]); err != nil {
				return begin, err
			}
			begin, bytes = i, 0
			clear(chunks)
		}
		bytes += size
		if t.chunk != nil {
			chunks[t.chunk(&rows[i].row)] = struct{}{}
		}
	}
	if begin < len(rows) {
		if err := do(rows[begin:]); err != nil {
			return begin, err
		}
	}
	return len(rows), nil
}

// spans counts the partitions of rows, at most one more than enough.
func (t *table[K, R]) spans(rows []entry[R], enough int) int {
	seen := map[int64]struct{}{}
	for i := range rows {
		seen[t.chunk(&rows[i].row)] = struct{}{}
		if len(seen) > enough {
			break
		}
	}
	return len(seen)
}
