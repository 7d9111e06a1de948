package spool

import (
	"encoding/binary"
	"hash/crc32"
)

const (
	magic        = "RSSPOOL1"
	recordHeader = 8
	// MaxRecord is the longest record that is taken.
	MaxRecord = 2 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum covers a record's number, its length and its bytes.
func checksum(number uint64, payload []byte) uint32 {
	var head [12]byte
	binary.LittleEndian.PutUint64(head[:8], number)
	binary.LittleEndian.PutUint32(head[8:], uint32(len(payload)))
	return crc32.Update(crc32.Checksum(head[:], castagnoli), castagnoli, payload)
}

func appendRecord(b []byte, number uint64, payload []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(payload)))
	b = binary.LittleEndian.AppendUint32(b, checksum(number, payload))
	return append(b, payload...)
}

// parseRecord returns the record at the beginning of b and its length with the header. ok is false where b does not begin
// with the whole record of that number; need is then how many bytes would have to be there to tell, 0 if it is none.
func parseRecord(b []byte, number uint64) (payload []byte, size, need int, ok bool) {
	if len(b) < recordHeader {
		return nil, 0, recordHeader, false
	}
	length := int(binary.LittleEndian.Uint32(b))
	if length > MaxRecord {
		return nil, 0, 0, false
	}
	size = recordHeader + length
	if len(b) < size {
		return nil, 0, size, false
	}
	payload = b[recordHeader:size:size]
	if binary.LittleEndian.Uint32(b[4:]) != checksum(number, payload) {
		return nil, 0, 0, false
	}
	return payload, size, 0, true
}
