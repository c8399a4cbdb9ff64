package ingest

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"
)

// position is how far a text has been loaded. It is committed together with
// the rows that came before it. A text is known by its content, not by the
// file that holds it: renamed, copied and packed files are the same text.
type position struct {
	Offset int64  `json:"offset"`          // in bytes of the unpacked text
	Line   int64  `json:"line"`            // of what comes next
	Skip   bool   `json:"skip,omitempty"`  // it is inside a record that is too long
	State  []byte `json:"state,omitempty"` // of the splitter
	Format string `json:"format"`
	Prefix int    `json:"prefix"` // how much of the text the format was told from
	Whole  bool   `json:"whole,omitempty"`
	// Epochs are those of the tables that it has given rows to.
	Epochs   map[string]uint64 `json:"epochs,omitempty"`
	Again    bool              `json:"again,omitempty"` // some of what follows was loaded before tables were emptied
	Rows     int64             `json:"rows"`            // that the text has given so far, repeated ones too
	Rejected int64             `json:"rejected"`        // records
	At       time.Time         `json:"at"`
	Digest   []byte            `json:"digest"` // state of the digest of all text before Offset
	Sum      uint64            `json:"sum"`    // that digest
	Head     rung              `json:"head"`   // of up to headBytes
	Tail     uint64            `json:"tail"`   // digest of the last tailBytes before Offset
}

// rung is the digest of the first so many bytes of a text, a power of two.
type rung struct {
	Bytes int64  `json:"bytes"`
	Sum   uint64 `json:"sum"`
}

const (
	maxRung   = 64 << 10 // beginnings as long as this tell texts apart
	headBytes = 4096     // of the text, compared whenever a file is read on
	tailBytes = 256      // before the position, compared too
	// maxAlike is how many texts with the same beginning are kept: who has
	// more of them has the oldest loaded again if it comes again.
	maxAlike = 32
)

// trail takes in a text as it is read and knows the digests of its beginnings.
type trail struct {
	digest *xxhash.Digest
	n      int64
	sums   []uint64 // of the first 1, 2, 4 ... bytes
	top    rung     // the last of them
	head   rung
	tail   []byte
}

func newTrail() *trail { return &trail{digest: xxhash.New()} }

// behind returns the trail behind a position of a text that begins as t knows
// and has tail before the position.
func (t *trail) behind(p *position, tail []byte) (*trail, error) {
	n := &trail{digest: xxhash.New(), n: p.Offset, head: p.Head, tail: tail}
	if err := n.digest.UnmarshalBinary(p.Digest); err != nil {
		return nil, fmt.Errorf("read the position of a file: %w", err)
	}
	k := bits.Len64(uint64(min(p.Offset, maxRung))) - 1
	if k < 0 || k >= len(t.sums) {
		return nil, fmt.Errorf("read the position of a file: it is at %d of %d bytes", p.Offset, t.n)
	}
	n.sums = slices.Clone(t.sums[:k+1])
	n.top = rung{1 << k, t.sums[k]}
	return n, nil
}

func (t *trail) write(b []byte) {
	if len(b) >= tailBytes {
		t.tail = append(t.tail[:0], b[len(b)-tailBytes:]...)
	} else {
		t.tail = append(t.tail, b...)
		t.tail = t.tail[max(0, len(t.tail)-tailBytes):]
	}
	for len(b) > 0 {
		k := bits.Len64(uint64(t.n)) // the next rung is 1<<k
		part := b
		if next := int64(1)<<k - t.n; t.n < maxRung && int64(len(b)) >= next {
			part = b[:next]
		}
		t.digest.Write(part)
		t.n += int64(len(part))
		b = b[len(part):]
		if t.n <= maxRung && t.n == 1<<k {
			t.top = rung{t.n, t.digest.Sum64()}
			if t.n <= headBytes {
				t.head = t.top
			}
			t.sums = append(t.sums, t.top.Sum)
		}
	}
}

// fill sets what the position knows of the text before it.
func (t *trail) fill(p *position) error {
	var err error
	p.Digest, err = t.digest.MarshalBinary()
	p.Offset, p.Sum, p.Head, p.Tail = t.n, t.digest.Sum64(), t.head, xxhash.Sum64(t.tail)
	return err
}

// begins reports whether both texts begin alike, as far as both are known.
func (t *trail) begins(o *trail) bool {
	k := min(len(t.sums), len(o.sums)) - 1
	return k >= 0 && t.sums[k] == o.sums[k]
}

// scope parts positions of texts that were loaded in different ways: the same
// export may be loaded for two computers.
func (o *Options) scope() string {
	zone := ""
	if o.Zone != nil {
		zone = o.Zone.String()
	}
	mapping := ""
	if o.Mapping != nil {
		mapping = o.Mapping.text
	}
	return fmt.Sprintf("%016x", xxhash.Sum64String(o.Table+"\x00"+o.Computer+"\x00"+zone+"\x00"+mapping))
}

// textMark is the name of the mark with the positions of the texts that have
// this beginning.
func textMark(scope string, r rung) string {
	return fmt.Sprintf("ingest/text/%s/%d/%016x", scope, r.Bytes, r.Sum)
}

// fileMark is the name of the mark that tells which text a file had.
func fileMark(scope, file string) string { return "ingest/file/" + scope + "/" + file }

// fileNote says which text a file held when it was read last.
type fileNote struct {
	Top  rung  `json:"top"` // of its textMark
	Size int64 `json:"size"`
	// Time is when the file was last written, in nanoseconds.
	Time int64 `json:"time"`
	// Done says that the text of the file, which is packed, has been read to
	// its end.
	Done bool `json:"done,omitempty"`
}

func decodeMark[T any](l *Loader, name string) (T, error) {
	var v T
	b, err := l.dst.Mark(name)
	if err == nil && b != nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		err = fmt.Errorf("read the position of a file: %w", err)
	}
	return v, err
}

// encodeMark is the content of a mark; what has nothing in it deletes it.
func encodeMark(texts []position) ([]byte, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	return json.Marshal(texts)
}
