package ingest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"tidemark/table"
)

// seen knows the EventIds of stored rows, by table and by the day of
// TimeGenerated, as 64-bit hashes. A row and its copy have the same time, so
// only the days of the rows at hand must be in memory. The hashes are kept in
// marks of at most perMark of them and change in the same batch as the rows.
//
// Batches that are committed at the same time have lanes of marks to
// themselves: one that fails leaves the marks of the others as they are.
type seen struct {
	dst      table.Appender
	days     map[dayKey]*day
	contents map[contentsKey]*contents // see repeat.go
	tick     int                       // counts batches
	had      [maxLanes]bool            // the database may have marks of the lane
	opened   bool                      // had has been read
}

type dayKey struct {
	table string
	epoch uint64
	day   int32      // since the year 1; -1 for rows without a time
	of    generation // of a window, in place of a day
}

type day struct {
	set   hashSet
	lanes [maxLanes]lane
	used  int // tick of the last use
	pins  int // claims that have ids of the day
}

// lane is a row of marks, numbered from 0. All but the last are full.
type lane struct {
	last  []byte // content of the last mark
	marks int    // how many marks are full
}

const (
	perMark   = 4096    // hashes in a mark
	maxHashes = 4 << 20 // in memory
	dayCost   = 64      // hashes that take as much memory as a day without any
	maxLanes  = 8       // batches that are committed at the same time
)

func newSeen(dst table.Appender) *seen {
	return &seen{dst: dst, days: map[dayKey]*day{}, contents: map[contentsKey]*contents{}}
}

// day is the day of a row's TimeGenerated.
func (r *rows) day(row int) int32 {
	if r.time < 0 || !r.cols[r.time].isSet(row) {
		return -1
	}
	return int32(r.cols[r.time].ints[row] / int64(table.Day))
}

func markOf(key dayKey, lane, n int) string {
	name := table.RowMarks(key.table, key.epoch)
	if g := key.of; g.n > 0 {
		name += fmt.Sprintf("window/%d/%d/%d", g.span, g.n%generations, n)
	} else {
		name += fmt.Sprintf("%d/%d", key.day, n)
	}
	if lane > 0 {
		name += fmt.Sprintf("/%d", lane)
	}
	return name
}

// laneMark says that a lane other than the first has been used, so that its
// marks are looked for.
func laneMark(lane int) string { return fmt.Sprintf("ingest/lane/%d", lane) }

// mark adds the marks for the ids of a claim.
func (s *seen) mark(c *claim, marks map[string][]byte) {
	fresh := false
	for d, p := range c.days {
		if len(p.ids) > 0 {
			fresh = true
			d.lanes[c.lane].add(p.key, c.lane, p.ids, marks)
		}
	}
	if fresh && c.lane > 0 && !s.had[c.lane] {
		marks[laneMark(c.lane)] = []byte{1}
	}
}

// add adds ids to the last mark of the lane, and begins another when it is
// full.
func (l *lane) add(key dayKey, n int, ids []uint64, marks map[string][]byte) {
	l.last = slices.Clone(l.last) // what was in it a failed batch may want back
	head := key.of.head()
	for _, id := range ids {
		if len(l.last) == 0 {
			l.last = append(l.last, head...)
		}
		l.last = binary.LittleEndian.AppendUint64(l.last, id)
		if len(l.last) == len(head)+8*perMark {
			marks[markOf(key, n, l.marks)] = l.last
			l.marks, l.last = l.marks+1, nil
		}
	}
	if len(l.last) > 0 {
		marks[markOf(key, n, l.marks)] = slices.Clone(l.last)
	}
}

// day returns the hashes of a day, read from the marks if need be.
func (s *seen) day(key dayKey) (*day, error) {
	if d, ok := s.days[key]; ok {
		d.used = s.tick
		return d, nil
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	d := &day{used: s.tick}
	for n, had := range s.had {
		if n > 0 && !had {
			continue
		}
		if err := d.read(s.dst, key, n); err != nil {
			return nil, fmt.Errorf("read the ids of stored rows: %w", err)
		}
	}
	s.days[key] = d
	return d, nil
}

// open finds out which lanes have been used.
func (s *seen) open() error {
	if s.opened {
		return nil
	}
	for n := 1; n < maxLanes; n++ {
		m, err := s.dst.Mark(laneMark(n))
		if err != nil {
			return fmt.Errorf("read which ids are stored: %w", err)
		}
		s.had[n] = s.had[n] || m != nil
	}
	s.opened = true
	return nil
}

// read reads a lane.
func (d *day) read(dst table.Appender, key dayKey, n int) error {
	l := &d.lanes[n]
	head := key.of.head()
	for {
		m, err := dst.Mark(markOf(key, n, l.marks))
		if err != nil {
			return err
		}
		if !bytes.HasPrefix(m, head) {
			return nil // there is none, or an old one that nobody has written over
		}
		ids := m[len(head):]
		for i := 0; i+8 <= len(ids); i += 8 {
			d.set.add(binary.LittleEndian.Uint64(ids[i:]))
		}
		if len(ids) < 8*perMark {
			l.last = slices.Clone(m[:len(m)/8*8])
			return nil
		}
		l.marks++
	}
}

// cost is how much memory the day takes, in hashes.
func (d *day) cost() int { return dayCost + len(d.set.slots)/2 }

// forget drops the days that have not been used for longest while too many
// hashes are in memory. What is claimed stays: it is not in the marks yet.
func (s *seen) forget() {
	s.tick++
	size := 0
	for _, d := range s.days {
		size += d.cost()
	}
	if size <= maxHashes {
		return
	}
	var free []dayKey
	for key, d := range s.days {
		if d.pins == 0 {
			free = append(free, key)
		}
	}
	slices.SortFunc(free, func(a, b dayKey) int { return s.days[a].used - s.days[b].used })
	for _, key := range free {
		if size <= maxHashes || len(s.days) == 1 {
			return
		}
		size -= s.days[key].cost()
		delete(s.days, key)
	}
}

// hashSet is a set of numbers that are hashes already, none of them 0.
type hashSet struct {
	slots []uint64 // 0 is empty; a power of two of them
	n     int
}

// place returns where v is, or the empty slot where it would be.
func (h *hashSet) place(v uint64) int {
	mask := len(h.slots) - 1
	i := int(v) & mask
	for h.slots[i] != v && h.slots[i] != 0 {
		i = (i + 1) & mask
	}
	return i
}

func (h *hashSet) has(v uint64) bool { return h.n > 0 && h.slots[h.place(v)] == v }

// add reports whether v was not in the set.
func (h *hashSet) add(v uint64) bool {
	if h.n*2 >= len(h.slots) {
		h.grow()
	}
	i := h.place(v)
	if h.slots[i] == v {
		return false
	}
	h.slots[i] = v
	h.n++
	return true
}

// remove takes out v. Numbers behind it move up, so that they are found.
func (h *hashSet) remove(v uint64) {
	if !h.has(v) {
		return
	}
	mask := len(h.slots) - 1
	hole := h.place(v)
	h.n--
	for i := (hole + 1) & mask; h.slots[i] != 0; i = (i + 1) & mask {
		// What belongs behind the hole, up to where it is, stays.
		if home := int(h.slots[i]) & mask; (i-home)&mask >= (i-hole)&mask {
			h.slots[hole], hole = h.slots[i], i
		}
	}
	h.slots[hole] = 0
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
