package enreach

import (
	"math"

	"ringside/ingest"
	"ringside/ingest/scan"
)

func (d *Decoder) eventType(e *ingest.Event) scan.Shape {
	shape := d.text(&e.TypeName)
	if shape == scan.Found {
		e.Type = ingest.TypeUnknown
		if number := typeNames.Find(e.TypeName); number > 0 {
			e.Type = ingest.Type(number)
			d.scanner.Expect(uint8(number))
		}
	}
	return shape
}

// typeNames numbers the names of the event types by their Type.
var typeNames = func() *scan.Names {
	var list []string
	for t := ingest.TypeUnknown + 1; t < ingest.NumTypes; t++ {
		list = append(list, t.String())
	}
	return scan.NewNames(list...)
}()

func (d *Decoder) text(to *[]byte) scan.Shape {
	text, shape := d.scanner.Text(&d.arena)
	if shape == scan.Found {
		*to = text
	}
	return shape
}

func (d *Decoder) time(to *ingest.Time) scan.Shape {
	t, shape := d.scanner.Time()
	if shape == scan.Found {
		*to = t
	}
	return shape
}

func (d *Decoder) bool(to *bool) scan.Shape {
	b, shape := d.scanner.Bool()
	if shape == scan.Found {
		*to = b
	}
	return shape
}

func (d *Decoder) int32(to *int32) scan.Shape {
	n, shape := d.scanner.Int(math.MinInt32, math.MaxInt32)
	if shape == scan.Found {
		*to = int32(n)
	}
	return shape
}

func (d *Decoder) optInt(to *ingest.OptInt) scan.Shape {
	shape := d.int32(&to.Value)
	if shape == scan.Found {
		to.Valid = true
	}
	return shape
}

// queueDate reads a date, as YYYY-MM-DD or as a time of which the date counts.
func (d *Decoder) queueDate(to *[]byte) scan.Shape {
	text, shape := d.scanner.Text(&d.arena)
	if shape != scan.Found {
		return shape
	}
	if len(text) == 0 {
		return scan.Absent
	}
	if _, ok := scan.ParseDate(text); !ok {
		if _, ok = scan.ParseTime(text); !ok {
			return scan.Wrong
		}
	}
	*to = text[:len("2006-01-02")]
	return scan.Found
}
