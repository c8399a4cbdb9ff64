package agg

import (
	"math/bits"

	"tidemark/engine/vec"
)

// Waiter is a state whose rows can wait in parts, to be told apart a part at a
// time, when groups are many: the tables of all groups at once would be out of
// the processor's cache, each worker would have its own, and all be merged.
type Waiter interface {
	Placed
	// Wait makes rows that wait, those of the state's groups first.
	Wait(left, right, parts []int32) *PairRows
	// TakeAll takes rows that have waited into the state: groups has their groups.
	TakeAll(groups []int32, rows []PairRow)
}

// PairRow is a row of the group that a pair of numbers stands for.
type PairRow struct {
	Left, Right int32
	placedKey
}

// Parts is how many parts rows wait in.
const Parts = 256

const chunkRows = 256

// PairRows are rows that wait, the rows of a group in the same part. Of a group
// more than one may wait.
type PairRows struct {
	state argRow
	parts [Parts]pairPart
	free  []*[chunkRows]PairRow
	held  int // chunks, free ones too
	tell  pairTable
}

// pairPart is some of the rows.
type pairPart struct {
	chunks []*[chunkRows]PairRow
	n      int
	once   int // how many there were when each group had one
}

// Wait: parts has the part of each group.
func (s *argRow) Wait(left, right, parts []int32) *PairRows {
	w := &PairRows{state: argRow{t: s.t, flip: s.flip}}
	for g, k := range s.best {
		if k.place != 0 {
			w.add(parts[g], PairRow{left[g], right[g], k})
		}
	}
	s.best = nil
	return w
}

func (w *PairRows) add(part int32, row PairRow) {
	p := &w.parts[part]
	if p.n%chunkRows == 0 {
		if len(w.free) == 0 {
			w.held++
			w.free = append(w.free, new([chunkRows]PairRow))
		}
		p.chunks = append(p.chunks, w.free[len(w.free)-1])
		w.free = w.free[:len(w.free)-1]
	}
	p.chunks[p.n/chunkRows][p.n%chunkRows] = row
	p.n++
}

// roomy is how many rows wait in a part before groups are told apart.
const roomy = 1 << 14

// Add takes in rows with their pairs, parts, arguments and places.
func (w *PairRows) Add(left, right, parts []int32, c vec.Column, places []int64) {
	in := keys(c, w.state.t)
	for i, l := range left {
		w.add(parts[i], PairRow{l, right[i], w.state.placed(in, i, places[i])})
	}
	for p := range w.parts {
		if w.parts[p].n > max(roomy, 2*w.parts[p].once) {
			w.compact(&w.parts[p])
		}
	}
}

// Compact keeps one row of each group.
func (w *PairRows) Compact() {
	for p := range w.parts {
		if w.parts[p].n > w.parts[p].once {
			w.compact(&w.parts[p])
		}
	}
	w.held -= len(w.free)
	w.free = nil
}

func (w *PairRows) compact(p *pairPart) {
	w.tell.begin(p.n)
	p.each(func(row *PairRow) { w.tell.take(row) })
	p.n, p.once = len(w.tell.rows), len(w.tell.rows)
	for i, row := range w.tell.rows {
		p.chunks[i/chunkRows][i%chunkRows] = row
	}
	used := (p.n + chunkRows - 1) / chunkRows
	w.free = append(w.free, p.chunks[used:]...)
	clear(p.chunks[used:])
	p.chunks = p.chunks[:used]
}

func (p *pairPart) each(f func(row *PairRow)) {
	for i, c := range p.chunks {
		for k := range c[:min(chunkRows, p.n-i*chunkRows)] {
			f(&c[k])
		}
	}
}

// Rows gives the rows of a part, and forgets them.
func (w *PairRows) Rows(part int) []PairRow {
	var out []PairRow
	p := &w.parts[part]
	p.each(func(row *PairRow) { out = append(out, *row) })
	w.drop(p)
	return out
}

func (w *PairRows) drop(p *pairPart) {
	w.held -= len(p.chunks)
	*p = pairPart{}
}

// Size is the memory held, in bytes.
func (w *PairRows) Size() int64 {
	return int64(w.held)*(chunkRows*24+8) + int64(cap(w.tell.rows))*24 + 4*int64(cap(w.tell.slots))
}

// A PairPicker finds the row of each group among those that wait in several
// places. It is used by one goroutine.
type PairPicker struct{ tell pairTable }

// Pick calls f with the place of the row of each group of a part. Numbers of all
// but the first rows are taken to be what to has for them, unless that is nil.
func (p *PairPicker) Pick(rows []*PairRows, to [][2][]int32, part int, f func(place int64)) {
	n := 0
	for _, w := range rows {
		n += w.parts[part].n
	}
	p.tell.begin(n)
	for i, w := range rows {
		take := p.tell.take
		if i > 0 {
			take = func(row *PairRow) {
				here := *row
				if to[i][0] != nil {
					here.Left = to[i][0][row.Left]
				}
				if to[i][1] != nil {
					here.Right = to[i][1][row.Right]
				}
				p.tell.take(&here)
			}
		}
		w.parts[part].each(take)
	}
	for i := range p.tell.rows {
		f(p.tell.rows[i].place&^nullPlace - 1)
	}
}

// pairTable finds the row of each of some groups, by open addressing.
type pairTable struct {
	rows  []PairRow
	slots []int32 // place in rows, 1 more; a power of two of them
}

// begin makes the table ready for up to n groups.
func (t *pairTable) begin(n int) {
	size := 1 << bits.Len(uint(max(15, n+n/2)))
	if cap(t.slots) < size {
		t.slots = make([]int32, size)
	} else {
		t.slots = t.slots[:size]
		clear(t.slots)
	}
	if cap(t.rows) < n {
		t.rows = make([]PairRow, 0, n+n/8)
	}
	t.rows = t.rows[:0]
}

// take keeps a row where it is better than the one of its group so far.
func (t *pairTable) take(row *PairRow) {
	mask := uint64(len(t.slots) - 1)
	key := (uint64(uint32(row.Left))<<32 | uint64(uint32(row.Right))) * 0x9e3779b97f4a7c15
	for i := (key ^ key>>32) & mask; ; i = (i + 1) & mask {
		at := t.slots[i]
		if at == 0 {
			t.rows = append(t.rows, *row)
			t.slots[i] = int32(len(t.rows))
			return
		}
		if have := &t.rows[at-1]; have.Left == row.Left && have.Right == row.Right {
			if row.better(&have.placedKey) {
				have.placedKey = row.placedKey
			}
			return
		}
	}
}
