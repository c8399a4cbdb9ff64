package ingest

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/cespare/xxhash/v2"

	"tidemark/table"
)

// Rows without an EventId that come again within Options.DedupWindow are known
// by 64-bit hashes of their content, in generations: a new one begins after an
// eighth of the window, or when the one before is full. A row is known as long
// as its generation is not older than the window, so for an eighth longer at
// most. Generations are kept in marks as the days of EventIds are, in a ring:
// what a new one writes over is too old to matter.

const generations = 16 // in the ring

var generationRows = 1 << 16 // after which the next one begins; changed by tests

// generation tells the hashes of a window that came in one span of time.
type generation struct {
	span  table.Duration // of the window
	n     int64          // counts from 1; 0 is none
	start table.Time
}

// head is what the marks of a generation begin with.
func (g generation) head() []byte {
	if g.n == 0 {
		return nil
	}
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, uint64(g.n)), uint64(g.start))
}

// contentsKey tells windows apart: for each length a table has one by itself.
type contentsKey struct {
	table string
	epoch uint64
	span  table.Duration
}

// contents is a window as it is in memory.
type contents struct {
	contentsKey
	parts []*part // oldest first
}

// part is a generation.
type part struct {
	generation
	*day
}

func (w *contents) key(g generation) dayKey {
	return dayKey{table: w.table, epoch: w.epoch, of: g}
}

// repeated reports whether a row is stored already, or else claims its content.
// It returns the claim that has the same content if one is under way.
func (l *Loader) repeated(c *claim, r *rows, row int, epoch uint64) (stored bool, other *claim, err error) {
	w, err := l.seen.window(contentsKey{r.table, epoch, r.window})
	if err != nil {
		return false, nil, err
	}
	hash := r.content[row]
	now := w.turn(r.arrived)
	for _, p := range w.parts {
		if p.set.has(hash) {
			return true, l.claimant(c, p.day, hash), nil
		}
	}
	now.set.add(hash)
	mine := c.on(w.key(now.generation), now.day)
	mine.ids = append(mine.ids, hash)
	return false, nil, nil
}

// turn drops what is older than the window and returns the generation of the
// rows that arrive now.
func (w *contents) turn(now table.Time) *part {
	last := len(w.parts) - 1
	if last < 0 || w.parts[last].set.n >= generationRows || now-w.parts[last].start >= table.Time(w.span/8) {
		g := generation{w.span, 1, now}
		if last >= 0 {
			g.n, g.start = w.parts[last].n+1, max(now, w.parts[last].start)
		}
		w.parts = append(w.parts, &part{g, &day{}})
		last++
	}
	old := max(0, len(w.parts)-generations)
	for old < last && now-min(w.parts[old+1].start, w.parts[old].start+table.Time(w.span/8)) > table.Time(w.span) {
		old++
	}
	w.parts = slices.Delete(w.parts, 0, old)
	return w.parts[len(w.parts)-1]
}

// window returns a window, read from the marks if need be.
func (s *seen) window(key contentsKey) (*contents, error) {
	if w := s.contents[key]; w != nil {
		return w, nil
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	w := &contents{contentsKey: key}
	if err := w.read(s); err != nil {
		return nil, fmt.Errorf("read the window of stored rows: %w", err)
	}
	maps.DeleteFunc(s.contents, func(o contentsKey, _ *contents) bool { return o.table == key.table && o.epoch != key.epoch })
	s.contents[key] = w
	return w, nil
}

// read reads the generations that the marks have.
func (w *contents) read(s *seen) error {
	found := map[int64]generation{}
	newest := int64(0)
	for slot := range int64(generations) {
		for lane, had := range s.had {
			if lane > 0 && !had {
				continue
			}
			m, err := s.dst.Mark(markOf(w.key(generation{span: w.span, n: generations + slot}), lane, 0))
			if err != nil {
				return err
			}
			if len(m) >= 16 {
				g := generation{w.span, int64(binary.LittleEndian.Uint64(m)), table.Time(binary.LittleEndian.Uint64(m[8:]))}
				found[g.n], newest = g, max(newest, g.n)
			}
		}
	}
	for n := max(1, newest-generations+1); n <= newest; n++ {
		g, ok := found[n]
		if !ok {
			continue // no batch of it was stored
		}
		d := &day{}
		for lane, had := range s.had {
			if lane > 0 && !had {
				continue
			}
			if err := d.read(s.dst, w.key(g), lane); err != nil {
				return err
			}
		}
		w.parts = append(w.parts, &part{g, d})
	}
	return nil
}

// contentHash hashes what the record has said in the row under way, in
// whatever order; 0 without a window.
func (r *rows) contentHash() uint64 {
	if r.window <= 0 {
		return 0
	}
	sum := xxhash.Sum64(r.extra)
	for i := range r.cols {
		c := &r.cols[i]
		if !c.isSet(r.n) {
			continue
		}
		var b [16]byte
		binary.LittleEndian.PutUint64(b[:], r.names[i])
		binary.LittleEndian.PutUint64(b[8:], c.hash(r.n))
		sum += xxhash.Sum64(b[:])
	}
	return max(1, sum)
}

// hash hashes a value.
func (c *column) hash(row int) uint64 {
	switch c.typ.Physical() {
	case table.Strings:
		return xxhash.Sum64(c.text(row))
	case table.Int64s:
		return uint64(c.ints[row])
	case table.Float64s:
		return math.Float64bits(c.reals[row])
	}
	if c.bools[row] {
		return 1
	}
	return 0
}
