package webhook

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkRequest is a request from the wire to Kafka's acknowledgement, many at once; client and broker are in the figure.
func BenchmarkRequest(b *testing.B) {
	s := newSite(b, nil)
	event := string(body("QueueCallInArrived", 1))
	b.SetParallelism(32)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		c := client(b)
		for pb.Next() {
			r, err := http.NewRequest(http.MethodPost, s.url("enreach"), strings.NewReader(event))
			if err != nil {
				b.Error(err)
				return
			}
			r.Header.Set(headerBenemenToken, token)
			res, err := c.Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
		}
	})
}
