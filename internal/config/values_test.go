package config

import (
	"encoding"
	"testing"
	"time"
)

func TestValuesReadWhatTheyWrite(t *testing.T) {
	tests := []struct {
		text  string
		value interface {
			encoding.TextUnmarshaler
			encoding.TextMarshaler
		}
		want string // "" : refused
	}{
		{"1h", new(Duration), "1h"}, {"90m", new(Duration), "1h30m"}, {"3600s", new(Duration), "1h"}, {"10m", new(Duration), "10m"},
		{"1h0m5s", new(Duration), "1h0m5s"}, {"0s", new(Duration), "0s"}, {"250ms", new(Duration), "250ms"},
		{"100s", new(Duration), "1m40s"}, {"10", new(Duration), ""}, {"", new(Duration), ""}, {"1d", new(Duration), ""},
		{"65536", new(Bytes), "64KiB"}, {"1 MiB", new(Bytes), "1MiB"}, {"2GiB", new(Bytes), "2GiB"}, {"1500", new(Bytes), "1500"},
		{"0", new(Bytes), "0"}, {"12B", new(Bytes), "12"}, {"1MB", new(Bytes), ""}, {"99999999999GiB", new(Bytes), ""}, {"-1KiB", new(Bytes), "-1KiB"},
		{"08:00-16:30", new(Span), "08:00-16:30"}, {"8:00 - 24:00", new(Span), "08:00-24:00"}, {"00:00-24:00", new(Span), "00:00-24:00"},
		{"08:00", new(Span), ""}, {"08:00-24:01", new(Span), ""}, {"08:60-09:00", new(Span), ""}, {"08:0-09:00", new(Span), ""},
		{"10:00-10:00", new(Span), ""}, {"-1:00-02:00", new(Span), ""},
	}
	for _, k := range tests {
		err := k.value.UnmarshalText([]byte(k.text))
		if (err == nil) != (k.want != "") {
			t.Errorf("%T %q: error %v", k.value, k.text, err)
			continue
		}
		if err != nil {
			continue
		}
		got, err := k.value.MarshalText()
		if err != nil || string(got) != k.want {
			t.Errorf("%T %q: written %q, %v, want %q", k.value, k.text, got, err, k.want)
		}
	}
	if d := Duration(time.Minute).Std(); d != time.Minute {
		t.Errorf("Std: %v", d)
	}
}
