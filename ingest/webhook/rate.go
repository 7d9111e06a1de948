package webhook

import (
	"sync"
	"time"
)

// bucket limits a rate: it holds burst tokens, fills at rate, and each event takes one.
type bucket struct {
	rate, burst float64

	mu     sync.Mutex
	filled float64
	at     time.Time
}

// newBucket returns nil, which limits nothing, for a rate of 0.
func newBucket(rate float64, burst int) *bucket {
	if rate <= 0 {
		return nil
	}
	b := &bucket{rate: rate, burst: float64(burst)}
	if burst == 0 {
		b.burst = 2 * rate
	}
	b.burst = max(1, b.burst)
	b.filled = b.burst
	return b
}

// take takes one, or tells how long until there is one.
func (b *bucket) take(now time.Time) (wait time.Duration) {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.at.IsZero() {
		b.filled = min(b.burst, b.filled+b.rate*max(0, now.Sub(b.at).Seconds()))
	}
	b.at = now
	if b.filled >= 1 {
		b.filled--
		return 0
	}
	return time.Duration((1 - b.filled) / b.rate * float64(time.Second))
}
