package cli

import (
	"context"
	"time"

	"github.com/google/uuid"

	"ringside/internal/engine"
	"ringside/internal/wallboard"
)

// board is the built-in wallboard of a process; nil where no HTTP is served.
type board struct{ *wallboard.Board }

func newBoard(address string, names map[uuid.UUID]string) *board {
	if address == "" {
		return nil
	}
	return &board{wallboard.New(names)}
}

// observer is what the engine shows its rows to.
func (b *board) observer() engine.Observer {
	if b == nil {
		return nil
	}
	return b.Board
}

// mount serves the page and publishes the board's sizes.
func (b *board) mount(h *engine.Health, m *engine.Metrics) {
	handler := b.Handler()
	for _, pattern := range wallboard.Paths() {
		h.Handle(pattern, handler)
	}
	for name, size := range map[string]func(wallboard.Sizes) int64{
		"ringside_wallboard_queues":             func(s wallboard.Sizes) int64 { return s.Queues },
		"ringside_wallboard_agents":             func(s wallboard.Sizes) int64 { return s.Agents },
		"ringside_wallboard_readers":            func(s wallboard.Sizes) int64 { return s.Readers },
		"ringside_wallboard_dropped_rows_total": func(s wallboard.Sizes) int64 { return s.Dropped },
	} {
		m.Gauge(name, func() float64 { return float64(size(b.Sizes())) })
	}
}

// run keeps the board until ctx ends.
func (b *board) run(ctx context.Context, e *engine.Engine) {
	b.Run(ctx, func() wallboard.Status {
		s := wallboard.Status{Behind: e.Behind(time.Now()).Round(time.Second)}
		if err := e.Ready(); err != nil {
			s.Trouble = err.Error()
		}
		return s
	})
}
