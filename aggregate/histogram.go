package aggregate

import "math/bits"

// Waits are counted in log-linear buckets: up to 127 µs one bucket each, above that 64 buckets to the octave. A bucket
// is at most 1/64 of its lower bound wide, so its middle is within 0.8 % of every wait in it, and histograms of any
// windows add up.
const (
	subBuckets   = 64
	linearBounds = 2 * subBuckets
)

// BucketOf returns the bucket of a wait of us microseconds; negative waits do not exist.
func BucketOf(us int64) uint16 {
	if us < 0 {
		panic("BUG: negative wait")
	}
	if us < linearBounds {
		return uint16(us)
	}
	exp := bits.Len64(uint64(us)) - 7 // us>>exp is in [64, 128)
	return uint16(exp*subBuckets + int(us>>exp))
}

// BucketBounds returns the waits [lo, hi) in µs that bucket b counts.
func BucketBounds(b uint16) (lo, hi int64) {
	if b < linearBounds {
		return int64(b), int64(b) + 1
	}
	exp := int(b)/subBuckets - 1
	m := int64(b) - int64(exp*subBuckets)
	return m << exp, (m + 1) << exp
}

// BucketValue returns the wait in µs that stands for bucket b: its middle, rounded down.
func BucketValue(b uint16) int64 {
	lo, hi := BucketBounds(b)
	return lo + (hi-lo)/2
}

// Percentile returns the nearest-rank percentile p (0 < p ≤ 100) of a histogram in ascending order of bucket, in µs, or
// Null when it is empty.
func Percentile(h []HistogramBucket, p float64) int64 {
	var n int64
	for _, b := range h {
		n += b.Count
	}
	if n == 0 {
		return Null
	}
	rank := int64(p / 100 * float64(n))
	if float64(rank) < p/100*float64(n) {
		rank++
	}
	rank = max(rank, 1)
	for _, b := range h {
		rank -= b.Count
		if rank <= 0 {
			return BucketValue(b.Bucket)
		}
	}
	panic("BUG: percentile beyond its histogram")
}

// histogram is sorted by bucket and holds no empty bucket.
type histogram []HistogramBucket

func (h *histogram) add(bucket uint16, n int64) {
	s := *h
	i := len(s)
	for i > 0 && s[i-1].Bucket >= bucket {
		i--
	}
	if i < len(s) && s[i].Bucket == bucket {
		s[i].Count += n
		switch {
		case s[i].Count < 0:
			panic("BUG: more waits taken back than were counted")
		case s[i].Count == 0:
			*h = append(s[:i], s[i+1:]...)
		}
		return
	}
	if n < 0 {
		panic("BUG: a wait taken back that was not counted")
	}
	s = append(s, HistogramBucket{})
	copy(s[i+1:], s[i:])
	s[i] = HistogramBucket{bucket, n}
	*h = s
}

// appendMerged appends the sum of a and b to dst.
func appendMerged(dst []HistogramBucket, a, b histogram) []HistogramBucket {
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Bucket < b[0].Bucket:
			dst, a = append(dst, a[0]), a[1:]
		case len(a) == 0 || b[0].Bucket < a[0].Bucket:
			dst, b = append(dst, b[0]), b[1:]
		default:
			dst = append(dst, HistogramBucket{a[0].Bucket, a[0].Count + b[0].Count})
			a, b = a[1:], b[1:]
		}
	}
	return dst
}
