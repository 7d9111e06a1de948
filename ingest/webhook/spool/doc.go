// Package spool keeps records on disk until somebody else has them: appended in order, fsynced before Append returns,
// handed out in the same order, removed once they are dropped. Its size is bounded.
//
// # Files
//
// A folder of segments. A segment's name is the number of its first record, in hexadecimal; records are numbered from 0 as
// long as the folder exists. A segment begins with eight bytes that name the format; then come records: length (uint32,
// little endian), CRC-32C (uint32) of the record's number, length and bytes, and the bytes. The number is in the checksum so
// that what was once in a reused block of the disk is no record.
//
// Nothing is ever appended to a segment of an earlier process, so whatever a crash left behind the last whole record is
// ignored, not repaired: it was acknowledged to nobody. What is damaged before that is passed over to the end of what is
// known to be there, counted, and a copy of the segment kept for a person to look at.
//
// The file `position` says how far records have been dropped. It is written without fsync: after a power cut some records
// are handed out again, so they must be such that this does no harm.
package spool
