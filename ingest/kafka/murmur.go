package kafka

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/google/uuid"
)

// PartitionFor returns the partition, of n, that an organization's records belong to: that of Java's default
// partitioner for the key OrganizationKey.
func PartitionFor(org uuid.UUID, n int) int32 {
	if n <= 0 {
		panic("BUG: a topic without partitions")
	}
	var key [36]byte
	putKey(&key, org)
	return int32(murmur2(key[:])&0x7fffffff) % int32(n)
}

// OrganizationKey returns the key of an organization's records: its id as lower-case text.
func OrganizationKey(org uuid.UUID) []byte {
	var key [36]byte
	putKey(&key, org)
	return key[:]
}

func putKey(b *[36]byte, id uuid.UUID) {
	hex.Encode(b[0:], id[0:4])
	hex.Encode(b[9:], id[4:6])
	hex.Encode(b[14:], id[6:8])
	hex.Encode(b[19:], id[8:10])
	hex.Encode(b[24:], id[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
}

// murmur2 is the hash of org.apache.kafka.common.utils.Utils.murmur2.
func murmur2(data []byte) uint32 {
	const (
		seed = 0x9747b28c
		m    = 0x5bd1e995
		r    = 24
	)
	h := uint32(seed) ^ uint32(len(data))
	for len(data) >= 4 {
		k := binary.LittleEndian.Uint32(data) * m
		k ^= k >> r
		h = h*m ^ k*m
		data = data[4:]
	}
	switch len(data) {
	case 3:
		h ^= uint32(data[2]) << 16
		fallthrough
	case 2:
		h ^= uint32(data[1]) << 8
		fallthrough
	case 1:
		h = (h ^ uint32(data[0])) * m
	}
	h = (h ^ h>>13) * m
	return h ^ h>>15
}
