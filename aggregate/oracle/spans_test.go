package oracle

import "testing"

func TestUnion(t *testing.T) {
	for _, test := range []struct {
		name     string
		spans    []span
		from, to int64
		want     int64
	}{
		{"none", nil, 0, 100, 0},
		{"apart", []span{{10, 20}, {30, 35}}, 0, 100, 15},
		{"overlapping", []span{{15, 30}, {10, 20}}, 0, 100, 20},
		{"touching", []span{{10, 20}, {20, 30}}, 0, 100, 20},
		{"one within another", []span{{10, 40}, {15, 20}}, 0, 100, 30},
		{"cut", []span{{10, 40}}, 20, 30, 10},
		{"outside", []span{{10, 20}}, 20, 30, 0},
		{"backwards", []span{{20, 10}}, 0, 100, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := length(union(test.spans, test.from, test.to)); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}
