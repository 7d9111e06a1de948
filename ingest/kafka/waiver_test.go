package kafka

import (
	"testing"
	"testing/synctest"
	"time"
)

// A topic that sends nothing, though there is more, holds the others up for 5 s; then they go on as fast as the clock, and
// after two Paces freely. What it has yet to deliver is never further behind than a Pace and the time it was away.
func TestTopicsWithoutDataAreWaivedByAndBy(t *testing.T) {
	const pace = 15 * time.Minute
	for _, tc := range []struct {
		name string
		away time.Duration // 0: for ever
		took time.Duration // until the others are read to their end
		lead time.Duration // how far they are ahead of the topic's next record at most; 0: it never comes
	}{
		{"for moments", 3 * time.Second, 10 * time.Second, pace},
		{"for some time, twice", 20 * time.Minute, 40*time.Minute + 10*time.Second, pace + 20*time.Minute},
		{"for ever", 0, 2*pace + time.Second, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				away := &scriptedFetcher{times: minutes(0, 6000, 1), stall: 30, away: tc.away}
				p := scripted(pace, &scriptedFetcher{times: minutes(0, 6000, 1)}, away)
				began := time.Now()
				if err := p.Start(t.Context(), nil); err != nil {
					t.Fatal(err)
				}
				var read [2]int64 // by topic: the next minute
				for read[0] < 6000 || tc.away > 0 && read[1] < 6000 {
					b, err := p.Next(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					read[b.Topic[1]-'0'] = b.NextOffset
					b.Release()
					took := time.Since(began)
					lead := time.Duration(read[0]-1-read[1]) * time.Minute
					if took < holdUp && lead > pace || took < 2*pace && lead > pace+took+time.Minute {
						t.Fatalf("after %s the others are %s ahead", took, lead)
					}
					if lead > tc.lead+time.Minute && tc.lead > 0 {
						t.Fatalf("the others are %s ahead of what was away for %s", lead, tc.away)
					}
				}
				if took := time.Since(began); took > tc.took {
					t.Errorf("it took %s", took)
				}
				p.stop()
			})
		})
	}
}

// Who is not behind stays so: what comes in while a topic is away is delivered as it comes.
func TestTheLiveAreNotHeldUpForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &liveFetcher{began: time.Now(), every: 100 * time.Millisecond}
		p := scripted(time.Minute, &f.scriptedFetcher, &scriptedFetcher{times: minutes(-60*24, 0, 1), stall: 7, per: 7})
		p.lanes[0].fetcher = f
		if err := p.Start(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		for time.Since(f.began) < 5*time.Minute {
			b, err := p.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			passed := time.Since(f.began)
			if behind := passed - time.Duration(b.NextOffset)*f.every; b.Topic == "t0" && passed > holdUp+time.Second && behind > time.Second {
				t.Fatalf("after %s it is %s behind", passed, behind)
			}
			b.Release()
		}
		p.stop()
	})
}
