package store

import (
	"sync"

	"github.com/google/uuid"

	"ringside/aggregate"
)

// tableSpec says how rows of type R become rows of a table.
type tableSpec[K comparable, R any] struct {
	name string             // of the physical table
	set  aggregate.TableSet // when it is flushed
	// key is the sorting key after which rows are coalesced; nil: every row is kept, the table itself drops copies.
	key func(*R) K
	// chunk numbers the ClickHouse partition of a row; nil: the table has one.
	chunk        func(*R) int64
	organization func(*R) uuid.UUID
	deleted      func(*R) bool // nil: never
	history      bool          // tombstones are not for this table
	size         func(*R) int  // bytes beyond the entry itself
	// keep copies src into dst, which may hold an earlier row whose slices can be used again; nil: R holds no slices.
	keep    func(dst, src *R)
	columns []columnOf[R]
}

// table holds the rows of one table that are not acknowledged yet: at most one per key.
type table[K comparable, R any] struct {
	tableSpec[K, R]
	total *backlog // of the whole writer

	mu      sync.Mutex
	pending []entry[R]
	index   map[K]int

	flushing  sync.Mutex // held by the one flush at a time; guards what follows and the columns' buffers
	spare     []entry[R]
	spareKeys map[K]int
	reserver  reserver
}

// spareRows is the greatest buffer that is kept for the next flush.
const spareRows = 128 << 10

func newTable[K comparable, R any](spec tableSpec[K, R], total *backlog) *table[K, R] {
	t := &table[K, R]{tableSpec: spec, total: total}
	if spec.key != nil {
		t.index, t.spareKeys = map[K]int{}, map[K]int{}
	}
	return t
}

func (t *table[K, R]) tableSet() aggregate.TableSet { return t.set }

func (t *table[K, R]) pendingRows() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.pending)
}

// add takes in rows of one partition and version and keeps nothing of the caller's memory but strings.
func (t *table[K, R]) add(partition int32, version uint64, rows []R) {
	if len(rows) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range rows {
		deleted := t.deleted != nil && t.deleted(&rows[i])
		if deleted && t.history {
			continue
		}
		t.put(&rows[i], version, partition, deleted)
	}
}

func (t *table[K, R]) addOne(partition int32, version uint64, row *R) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.put(row, version, partition, t.deleted != nil && t.deleted(row))
}

// put needs mu.
func (t *table[K, R]) put(row *R, version uint64, partition int32, deleted bool) {
	if t.key == nil {
		t.append(row, version, partition, deleted)
		return
	}
	key := t.key(row)
	i, ok := t.index[key]
	if !ok {
		t.index[key] = len(t.pending)
		t.append(row, version, partition, deleted)
		return
	}
	e := &t.pending[i]
	if version < e.version {
		return
	}
	before := t.sizeOf(e)
	t.assign(e, row, version, partition, deleted)
	t.total.add(0, t.sizeOf(e)-before)
}

func (t *table[K, R]) append(row *R, version uint64, partition int32, deleted bool) {
	n := len(t.pending)
	if n < cap(t.pending) {
		t.pending = t.pending[:n+1] // with the old row in it, whose slices are used again
	} else {
		t.pending = append(t.pending, entry[R]{})
	}
	e := &t.pending[n]
	t.assign(e, row, version, partition, deleted)
	t.total.add(1, t.sizeOf(e))
}

func (t *table[K, R]) assign(e *entry[R], row *R, version uint64, partition int32, deleted bool) {
	e.version, e.partition, e.deleted = version, partition, deleted
	if t.keep == nil {
		e.row = *row
		return
	}
	t.keep(&e.row, row)
}

// entryBytes is what an entry costs besides its texts and lists.
const entryBytes = 512

func (t *table[K, R]) sizeOf(e *entry[R]) int {
	if t.size == nil {
		return entryBytes
	}
	return entryBytes + t.size(&e.row)
}

// take hands out the pending rows and begins a new buffer. The caller holds flushing.
func (t *table[K, R]) take() []entry[R] {
	t.mu.Lock()
	defer t.mu.Unlock()
	rows := t.pending
	t.pending, t.spare = t.spare[:0], nil
	t.index, t.spareKeys = t.spareKeys, t.index
	clear(t.spareKeys)
	return rows
}

// forget drops the pending rows of a partition up to a version; what has no versions stays.
func (t *table[K, R]) forget(partition int32, upTo uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	kept, dropped, bytes := t.pending[:0], 0, 0
	for i := range t.pending {
		e := &t.pending[i]
		if e.partition == partition && e.version > 0 && e.version <= upTo {
			dropped, bytes = dropped+1, bytes+t.sizeOf(e)
			continue
		}
		kept = append(kept, *e)
	}
	if dropped == 0 {
		return
	}
	clear(t.pending[len(kept):]) // their lists belong to rows that have moved
	t.pending = kept
	if t.key != nil {
		clear(t.index)
		for i := range kept {
			t.index[t.key(&kept[i].row)] = i
		}
	}
	t.total.add(-dropped, -bytes)
}

// settle counts rows as written.
func (t *table[K, R]) settle(rows []entry[R]) {
	bytes := 0
	for i := range rows {
		bytes += t.sizeOf(&rows[i])
	}
	t.total.add(-len(rows), -bytes)
}

// giveBack returns rows that could not be written; newer ones of the same key prevail.
func (t *table[K, R]) giveBack(rows []entry[R]) {
	t.settle(rows)
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range rows {
		e := &rows[i]
		if t.key != nil {
			if j, ok := t.index[t.key(&e.row)]; ok && t.pending[j].version >= e.version {
				continue
			}
		}
		t.put(&e.row, e.version, e.partition, e.deleted)
	}
}

// recycle keeps the memory of written rows for later ones, unless it is much.
func (t *table[K, R]) recycle(rows []entry[R]) {
	if cap(rows) <= spareRows {
		t.spare = rows[:0]
	}
}
