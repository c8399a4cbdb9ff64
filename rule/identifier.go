package rule

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"tidemark/table"
)

// identifier makes a GUID of texts: the same of the same, on every machine.
func identifier(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(p)))
		h.Write(n[:])
		h.Write([]byte(p))
	}
	b := h.Sum(nil)[:16]
	b[6] = b[6]&0x0f | 0x80 // version 8: of one's own making
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// hash is a fingerprint of texts.
func hash(parts ...string) uint64 {
	var d xxhash.Digest
	d.Reset()
	var n [8]byte
	for _, p := range parts {
		binary.LittleEndian.PutUint64(n[:], uint64(len(p)))
		d.Write(n[:])
		d.WriteString(p)
	}
	return d.Sum64()
}

// ParseTime reads a time as people and files write it: 2026-01-02T00:10:00Z,
// 2026-01-02 00:10, 2026-01-02. Without a zone it is UTC.
func ParseTime(text string) (time.Time, error) {
	t, ok := table.ParseTime(strings.TrimSpace(text))
	if !ok {
		return time.Time{}, fmt.Errorf("%q is no time such as 2026-01-02T00:10:00Z", text)
	}
	return t.Go(), nil
}
