package ingest

import (
	"encoding/binary"
	"fmt"
	"slices"

	"tidemark/table"
)

// seen knows the EventIds of stored rows, by table and by the day of
// TimeGenerated, as 64-bit hashes. A row and its copy have the same time, so
// only the days of the rows at hand must be in memory. The hashes are kept in
// marks of at most perMark of them and change in the same batch as the rows.
type seen struct {
	dst  table.Appender
	days map[dayKey]*day
	size int // hashes in memory
	tick int // counts batches
}

type dayKey struct {
	table string
	day   int32 // since the year 1; -1 for rows without a time
}

type day struct {
	set   hashSet
	last  []byte // content of the last mark
	marks int    // how many marks are full
	used  int    // tick of the last use
	fresh bool   // the last mark has changed
}

const (
	perMark   = 4096    // hashes in a mark
	maxHashes = 4 << 20 // in memory
)

func newSeen(dst table.Appender) *seen {
	return &seen{dst: dst, days: map[dayKey]*day{}}
}

// filter drops the rows whose EventId is known, remembers those of the others,
// and adds the marks to say so. It returns how many rows it dropped.
func (s *seen) filter(r *rows, marks map[string][]byte) (int, error) {
	var keep []int // nil while all stay
	dropped := 0
	for row, id := range r.ids {
		known := false
		if id != 0 {
			key := dayKey{r.table, r.day(row)}
			d, err := s.day(key)
			if err != nil {
				return 0, err
			}
			if known = !d.set.add(id); !known {
				s.size++
				d.append(key, id, marks)
			}
		}
		switch {
		case known && keep == nil:
			keep = make([]int, row, len(r.ids))
			for i := range keep {
				keep[i] = i
			}
			dropped++
		case known:
			dropped++
		case keep != nil:
			keep = append(keep, row)
		}
	}
	for key, d := range s.days {
		if d.fresh {
			marks[markOf(key, d.marks)] = slices.Clone(d.last)
			d.fresh = false
		}
	}
	if keep != nil {
		r.keep(keep)
	}
	return dropped, nil
}

// day is the day of a row's TimeGenerated.
func (r *rows) day(row int) int32 {
	if r.time < 0 || !r.cols[r.time].isSet(row) {
		return -1
	}
	return int32(r.cols[r.time].ints[row] / int64(table.Day))
}

func markOf(key dayKey, n int) string {
	return fmt.Sprintf("ingest/ids/%s/%d/%d", key.table, key.day, n)
}

// append adds the hash to the last mark of the day and begins another when it
// is full.
func (d *day) append(key dayKey, id uint64, marks map[string][]byte) {
	d.last = binary.LittleEndian.AppendUint64(d.last, id)
	d.fresh = true
	if len(d.last) == 8*perMark {
		marks[markOf(key, d.marks)] = d.last
		d.marks, d.last, d.fresh = d.marks+1, nil, false
	}
}

// day returns the hashes of a day, read from the marks if need be.
func (s *seen) day(key dayKey) (*day, error) {
	if d, ok := s.days[key]; ok {
		d.used = s.tick
		return d, nil
	}
	d := &day{used: s.tick}
	for {
		m, err := s.dst.Mark(markOf(key, d.marks))
		if err != nil {
			return nil, fmt.Errorf("read the ids of stored rows: %w", err)
		}
		for i := 0; i+8 <= len(m); i += 8 {
			d.set.add(binary.LittleEndian.Uint64(m[i:]))
		}
		if len(m) < 8*perMark {
			d.last = slices.Clone(m[:len(m)/8*8])
			break
		}
		d.marks++
	}
	s.days[key] = d
	s.size += d.set.n
	return d, nil
}

// next forgets the days that have not been used for longest while too many
// hashes are in memory. It is called when a batch has been committed, so that
// nothing is forgotten that is not in the marks.
func (s *seen) next() {
	for s.size > maxHashes && len(s.days) > 1 {
		var oldest dayKey
		found := false
		for key, d := range s.days {
			if !found || d.used < s.days[oldest].used {
				oldest, found = key, true
			}
		}
		if s.days[oldest].used == s.tick {
			break // all are in use
		}
		s.size -= s.days[oldest].set.n
		delete(s.days, oldest)
	}
	s.tick++
}

// hashSet is a set of numbers that are hashes already.
type hashSet struct {
	slots []uint64 // 0 is empty; a power of two of them
	n     int
	zero  bool
}

// add reports whether v was not in the set.
func (h *hashSet) add(v uint64) bool {
	if v == 0 {
		had := h.zero
		h.zero = true
		return !had
	}
	if h.n*2 >= len(h.slots) {
		h.grow()
	}
	for i := v & uint64(len(h.slots)-1); ; i = (i + 1) & uint64(len(h.slots)-1) {
		switch h.slots[i] {
		case v:
			return false
		case 0:
			h.slots[i] = v
			h.n++
			return true
		}
	}
}

func (h *hashSet) grow() {
	old := h.slots
	h.slots, h.n = make([]uint64, max(64, 2*len(old))), 0
	for _, v := range old {
		if v != 0 {
			h.add(v)
		}
	}
}
