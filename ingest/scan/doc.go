// Package scan reads JSON in one pass over the bytes, without allocating: it walks the members of an object, converts
// the values that are wanted and skips the others. Decoders of vendors' messages are built on it.
//
// # What it accepts
//
// Exactly what encoding/json accepts ([json.Valid]), skipped parts included: RFC 8259 without a byte order mark, nesting
// down to 10,000 levels, and no text after the value. A message is known to be valid once [Scanner.End] has returned
// nil, so nothing may be believed before that.
//
// # What values mean
//
//   - Strings: as in encoding/json. Escapes are resolved, a surrogate without its partner and bytes that are not UTF-8
//     become U+FFFD. A string without any of these is a slice of the message; another one is written to an [Arena].
//   - Repeated names: every occurrence is handed out in order, so that the last one wins where the caller overwrites.
//     null is [Absent] and overwrites nothing, which is what encoding/json does to fields of a struct.
//   - Names are compared exactly. encoding/json also takes other upper and lower case; no vendor needs that.
//   - Conversions are wider than encoding/json's, because vendors are inconsistent: numbers and booleans in strings,
//     whole numbers written with a fraction, UUIDs in braces, times without a zone. Each conversion says what it takes.
package scan
