package engine

import "fmt"

// Counts are how events fared. Received is the sum of the others.
type Counts struct {
	Received, Accepted, Duplicate, Late, Rejected, Orphan int64
}

// String is the line that `replay` ends with.
func (c Counts) String() string {
	return fmt.Sprintf("received=%d accepted=%d duplicate=%d late=%d rejected=%d orphan=%d",
		c.Received, c.Accepted, c.Duplicate, c.Late, c.Rejected, c.Orphan)
}

// Check returns an error unless the counts add up.
func (c Counts) Check() error {
	if sum := c.Accepted + c.Duplicate + c.Late + c.Rejected + c.Orphan; sum != c.Received {
		return fmt.Errorf("the counts do not add up: %d events received, %d accounted for (%s)", c.Received, sum, c)
	}
	return nil
}

// Minus returns what was added since then.
func (c Counts) Minus(then Counts) Counts {
	return Counts{c.Received - then.Received, c.Accepted - then.Accepted, c.Duplicate - then.Duplicate,
		c.Late - then.Late, c.Rejected - then.Rejected, c.Orphan - then.Orphan}
}

func (c Counts) plus(d Counts) Counts {
	return Counts{c.Received + d.Received, c.Accepted + d.Accepted, c.Duplicate + d.Duplicate,
		c.Late + d.Late, c.Rejected + d.Rejected, c.Orphan + d.Orphan}
}
