package rule

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"maps"
	"slices"
)

// Seen is fingerprints of rows and, for each, the tick that saw it, in
// milliseconds since 1970. As JSON it is a text: 16 bytes for each, in base64.
type Seen map[uint64]int64

// maxSeen bounds what one rule remembers. Beyond, the oldest are forgotten: a
// row may then raise a second alert, but none is lost.
const maxSeen = 20_000

func (s Seen) trim() {
	if len(s) <= maxSeen {
		return
	}
	times := slices.Sorted(maps.Values(s))
	limit := times[len(times)-maxSeen]
	maps.DeleteFunc(s, func(_ uint64, at int64) bool { return at < limit })
	for _, k := range slices.Sorted(maps.Keys(s)) { // of the same tick, some
		if len(s) <= maxSeen {
			return
		}
		if s[k] == limit {
			delete(s, k)
		}
	}
}

// MarshalJSON writes the text.
func (s Seen) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, 16*len(s))
	for _, k := range slices.Sorted(maps.Keys(s)) {
		b = binary.BigEndian.AppendUint64(b, k)
		b = binary.BigEndian.AppendUint64(b, uint64(s[k]))
	}
	return json.Marshal(base64.StdEncoding.EncodeToString(b))
}

// UnmarshalJSON reads the text.
func (s *Seen) UnmarshalJSON(text []byte) error {
	var t string
	if err := json.Unmarshal(text, &t); err != nil {
		return err
	}
	b, err := base64.StdEncoding.DecodeString(t)
	if err == nil && len(b)%16 != 0 {
		err = errors.New("it has the wrong length")
	}
	if err != nil {
		return err
	}
	*s = Seen{}
	for ; len(b) > 0; b = b[16:] {
		(*s)[binary.BigEndian.Uint64(b)] = int64(binary.BigEndian.Uint64(b[8:]))
	}
	return nil
}
