package wallboard

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
)

const (
	// maxShown is how many queues one reader gets, and maxListed how many organizations it can choose from.
	maxShown  = 1000
	maxListed = 1000
	// maxTogether is how many organizations are shown together to a reader who names none.
	maxTogether  = 100
	maxItems     = 100
	maxItemBytes = 200
)

// selection is whose queues a reader wants to see.
type selection struct {
	organizations []string // ids or names; empty: all, or the first where that is too many
	queues        []string // ids, or parts of names in lower case; empty: all
}

// parseSelection reads ?org= and ?queues=: lists with commas, each any number of times.
func parseSelection(values url.Values) (s selection, err error) {
	if s.organizations, err = items(values, "org"); err != nil {
		return s, err
	}
	s.queues, err = items(values, "queues")
	return s, err
}

func items(values url.Values, name string) (list []string, err error) {
	for _, value := range values[name] {
		for item := range strings.SplitSeq(value, ",") {
			if item = strings.ToLower(strings.TrimSpace(item)); item == "" {
				continue
			}
			if len(list) == maxItems || len(item) > maxItemBytes {
				return nil, fmt.Errorf("%s: at most %d names or ids of %d bytes", name, maxItems, maxItemBytes)
			}
			list = append(list, item)
		}
	}
	return list, nil
}

// wants tells whether a queue is chosen.
func (s *selection) wants(f *Figures) bool {
	if len(s.queues) == 0 {
		return true
	}
	id, name := f.ID.String(), strings.ToLower(f.Name)
	return slices.ContainsFunc(s.queues, func(item string) bool { return item == id || strings.Contains(name, item) })
}

// listing is an organization that a reader can choose.
type listing struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

// header is what the page shows of an organization as a whole.
type header struct {
	ID      uuid.UUID `json:"id"`
	Name    string    `json:"name"`
	Ahead   int64     `json:"ahead"`   // µs that its clock is ahead of the server's
	Stands  int64     `json:"stands"`  // µs; its clock stands at this instant; 0: it runs
	Horizon int64     `json:"horizon"` // µs; the newest event's time
	Agents  Agents    `json:"agents"`
	Left    int       `json:"left"` // queues that are chosen but not shown
}

func (b *Board) name(id uuid.UUID) string { return cmp.Or(b.names[id], id.String()) }

// listed returns the organizations by name. There may be a hundred thousand: they are sorted once for all readers.
func (b *Board) listed() []listing {
	if b.list.epoch == b.epoch && b.list.of != nil {
		return b.list.of
	}
	list := make([]listing, 0, len(b.organizations))
	for id := range b.organizations {
		list = append(list, listing{id, b.name(id)})
	}
	slices.SortFunc(list, func(x, y listing) int {
		return cmp.Or(strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)), bytes.Compare(x.ID[:], y.ID[:]))
	})
	b.list.of, b.list.epoch = list, b.epoch
	return list
}

// chosen returns the organizations of the selection, in the order of the list.
func (b *Board) chosen(s *selection, list []listing) (chosen []*organization) {
	if len(s.organizations) == 0 {
		together := list
		if len(list) > maxTogether {
			together = list[:1]
		}
		for _, l := range together {
			chosen = append(chosen, b.organizations[l.ID])
		}
		return chosen
	}
	for id, name := range b.names {
		if o := b.organizations[id]; o != nil && slices.Contains(s.organizations, strings.ToLower(name)) {
			chosen = append(chosen, o)
		}
	}
	for _, item := range s.organizations {
		if id, err := uuid.Parse(item); err == nil && b.organizations[id] != nil && !slices.Contains(chosen, b.organizations[id]) {
			chosen = append(chosen, b.organizations[id])
		}
	}
	slices.SortFunc(chosen, func(x, y *organization) int {
		return cmp.Or(strings.Compare(strings.ToLower(b.name(x.id)), strings.ToLower(b.name(y.id))), bytes.Compare(x.id[:], y.id[:]))
	})
	return chosen
}

// view is what one reader has been told. The board's lock is held by whoever uses it.
type view struct {
	board     *Board
	selection selection
	seen      uint64 // version
	epoch     uint64
	slot      uint64
	status    Status
	chosen    []*organization
	shown     map[*queue]bool
	ids       map[*organization]map[uuid.UUID]bool // shown queues, where a selection of queues counts agents
	left      map[*organization]int
}

func (b *Board) newView(s selection) *view {
	return &view{board: b, selection: s}
}

// begin takes up what the selection has at present, the first queues by name where they are too many.
func (v *view) begin() (list []listing, queues []*queue) {
	b := v.board
	list = b.listed()
	v.chosen = b.chosen(&v.selection, list)
	v.shown, v.left, v.ids = map[*queue]bool{}, map[*organization]int{}, map[*organization]map[uuid.UUID]bool{}
	for _, o := range v.chosen {
		var wanted []*queue
		for _, q := range o.queues {
			if v.selection.wants(&q.row) {
				wanted = append(wanted, q)
			}
		}
		slices.SortFunc(wanted, func(x, y *queue) int {
			return cmp.Or(strings.Compare(x.row.Name, y.row.Name), strings.Compare(x.row.ID.String(), y.row.ID.String()))
		})
		room := min(maxShown-len(v.shown), len(wanted))
		v.left[o] = len(wanted) - room
		for _, q := range wanted[:room] {
			v.show(o, q)
		}
		queues = append(queues, wanted[:room]...)
	}
	v.seen, v.epoch, v.slot, v.status = b.version, b.epoch, b.slot, b.status
	return list[:min(len(list), maxListed)], queues
}

func (v *view) show(o *organization, q *queue) {
	v.shown[q] = true
	if v.ids[o] == nil {
		v.ids[o] = map[uuid.UUID]bool{}
	}
	v.ids[o][q.row.ID] = true
}

// changes returns what has changed since the reader was last told. Its cost is that of the changes.
func (v *view) changes() (headers []header, queues []*queue) {
	b := v.board
	for _, o := range v.chosen {
		before := len(queues)
		for q := o.first; q != nil && q.changed > v.seen; q = q.older {
			switch {
			case v.shown[q]:
			case !v.selection.wants(&q.row):
				continue
			case len(v.shown) < maxShown:
				v.show(o, q) // it has come since
			default:
				continue
			}
			queues = append(queues, q)
		}
		if o.changed > v.seen || len(queues) > before {
			headers = append(headers, v.header(o))
		}
	}
	v.seen, v.status = b.version, b.status
	return headers, queues
}

// header returns the line of an organization; with a selection of queues its agents are those attached to one of them.
func (v *view) header(o *organization) header {
	h := header{ID: o.id, Name: v.board.name(o.id), Ahead: o.ahead(), Horizon: o.clock.Horizon, Agents: o.counts, Left: v.left[o]}
	if o.stands() {
		h.Stands = o.clock.Now
	}
	if len(v.selection.queues) > 0 {
		h.Agents = o.serving(v.ids[o])
	}
	return h
}

func (v *view) headers() []header {
	list := make([]header, 0, len(v.chosen))
	for _, o := range v.chosen {
		list = append(list, v.header(o))
	}
	return list
}
