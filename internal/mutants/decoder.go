package main

// From the vendor's JSON to events.
var decoderMutations = []mutation{
	{name: "decode-max-value", bug: "DateTime.MaxValue is an instant", file: "ingest/scan/time.go",
		old: "case year == 9999:", new: "case year > 9999:", by: test{"ingest/scan", "TestTime"}},
	{name: "decode-offset-sign", bug: "an offset from UTC is added", file: "ingest/scan/time.go",
		old: "minute*60 + second - offset", new: "minute*60 + second + offset", by: test{"ingest/scan", "TestTime"}},
	{name: "decode-six-digits", bug: "the seventh digit of a timestamp is cut off", file: "ingest/scan/time.go",
		old: "p>>32&0xff*100 + p>>48) / 10)", new: "p>>32&0xff*100 + p>>48) / 100 * 10)", by: test{"ingest/scan", "TestTime"}},
	{name: "decode-leap-century", bug: "1900 is a leap year", file: "ingest/scan/time.go",
		old: "year%4 == 0 && (year%100 != 0 || year%400 == 0)", new: "year%4 == 0", by: test{"ingest/scan", "TestNoTime"}},
	{name: "decode-null-is-wrong", bug: "a null time is wrong, not absent", file: "ingest/scan/time.go",
		old: "\tcase Null:\n\t\treturn 0, s.null()\n", new: "\tcase Null:\n\t\ts.Skip()\n\t\treturn 0, Wrong\n", by: test{"ingest/scan", "TestNoTime"}},
	{name: "decode-micros-round-up", bug: "instants before 1970 are rounded to zero", file: "ingest/time.go",
		old: "\tif int64(t) < m*TicksPerMicrosecond {\n\t\tm--\n\t}\n", new: "", by: test{"ingest", "TestMicrosRoundDown"}},
	{name: "decode-optional-zero", bug: "a number that is absent is 0", file: "ingest/vendors/enreach/values.go",
		old: "\tif shape == scan.Found {\n\t\tto.Valid = true\n", new: "\tif shape <= scan.Wrong {\n\t\tto.Valid = true\n", by: test{"ingest/vendors/enreach", "TestQuirksAgreeWithOracle"}},
	{name: "decode-type-carries-over", bug: "an unknown type is taken for the one that stands before it", file: "ingest/vendors/enreach/values.go",
		old: "\t\te.Type = ingest.TypeUnknown\n", new: "", by: test{"ingest/vendors/enreach", "TestLastTypeCounts"}},
	{name: "decode-nan-is-zero", bug: "a mean of nothing is 0", file: "ingest/vendors/enreach/figures.go",
		old: "return 0, scan.Absent", new: "return 0, scan.Found", by: test{"ingest/vendors/enreach", "TestQuirksAgreeWithOracle"}},
}
