package storage

import (
	"math/bits"
	"slices"
	"sync/atomic"
)

// postings are the rows of a column of strings by their places in the
// dictionary, so that the rows of few of its values are looked up and not
// searched. Nothing of it is on disk: it is made of an extent that has been
// searched before, and kept like all else that was read.
//
// Rows are in buckets by the upper bits of their codes, each with the lower
// bits beside it. To put all in order would take several times as long, for
// the processor's cache holds the ends of some hundred buckets, but not those
// of each code's rows; and a bucket of some hundred rows is soon searched.
type postings struct {
	low     int      // how many lower bits
	starts  []int32  // of buckets in entries, and the end of the last
	entries []uint32 // row, and above rowBits the lower bits of its code; ascending in a bucket
	often   []int32  // codes that too many rows have; these are not listed
}

const (
	rowBits    = 20 // of maxExtentRows
	bucketRows = 512
)

func (p *postings) size() int64 { return int64(4*len(p.starts) + 4*len(p.entries) + 256) }

// of appends the rows of some codes, which are ascending, to out, in ascending
// order; false where one of them is not listed.
func (p *postings) of(codes []int32, rows int, out []int32) ([]int32, bool) {
	from, buckets := len(out), 0
	for len(codes) > 0 {
		b, n := int(codes[0]>>p.low), 1
		for n < len(codes) && int(codes[n]>>p.low) == b {
			n++
		}
		if b+1 >= len(p.starts) {
			break // nothing has them
		}
		if slices.ContainsFunc(codes[:n], func(c int32) bool { return slices.Contains(p.often, c) }) {
			return out[:from], false
		}
		out = p.bucket(b, codes[:n], out)
		codes, buckets = codes[n:], buckets+1
	}
	if buckets > 1 {
		sortRows(out[from:], rows)
	}
	return out, true
}

// bucket appends the rows of codes that are all in one bucket.
func (p *postings) bucket(b int, codes, out []int32) []int32 {
	entries := p.entries[p.starts[b]:p.starts[b+1]]
	mask := int32(1)<<p.low - 1
	if len(codes) == 1 {
		want := uint32(codes[0] & mask)
		for _, e := range entries {
			if e>>rowBits == want {
				out = append(out, int32(e&(1<<rowBits-1)))
			}
		}
		return out
	}
	var set [1 << (32 - rowBits) / 64]uint64
	for _, c := range codes {
		set[c&mask>>6] |= 1 << (c & mask & 63)
	}
	for _, e := range entries {
		if c := e >> rowBits; set[c>>6]>>(c&63)&1 != 0 {
			out = append(out, int32(e&(1<<rowBits-1)))
		}
	}
	return out
}

// sortRows sorts distinct rows below n; many by a bitmap of all.
func sortRows(list []int32, n int) {
	if len(list) < n/256 {
		slices.Sort(list)
		return
	}
	set := make([]uint64, (n+63)/64)
	for _, row := range list {
		set[row>>6] |= 1 << (row & 63)
	}
	k := 0
	for i, w := range set {
		for ; w != 0; w &= w - 1 {
			list[k] = int32(64*i + bits.TrailingZeros64(w))
			k++
		}
	}
}

// newPostings lists the rows of a dictionary of so many strings by their codes.
func newPostings(c codes, distinct int) *postings {
	switch {
	case c.b8 != nil:
		return listRows(c.b8, distinct)
	case c.b16 != nil:
		return listRows(c.b16, distinct)
	}
	return listRows(c.b32, distinct)
}

func listRows[T uint8 | uint16 | int32](codes []T, distinct int) *postings {
	p := &postings{}
	counts := make([]int32, distinct)
	for _, c := range codes {
		counts[c]++
	}
	leave, total := make([]uint64, (distinct+63)/64), int32(0)
	for c, n := range counts {
		if int(n) > len(codes)/fewRows {
			p.often = append(p.often, int32(c))
			leave[c>>6] |= 1 << (c & 63)
			counts[c] = 0
		}
		total += counts[c]
	}
	for p.low < 32-rowBits && int(total)<<p.low < distinct*bucketRows {
		p.low++
	}
	next := make([]int32, (distinct-1)>>p.low+2) // where the next row of a bucket goes
	for c, n := range counts {
		next[c>>p.low+1] += n
	}
	for b := range next[1:] {
		next[b+1] += next[b]
	}
	p.starts, p.entries = slices.Clone(next), make([]uint32, total)
	low := p.low
	for i, c := range codes {
		if c := uint32(c); leave[c>>6]>>(c&63)&1 == 0 {
			at := &next[c>>low]
			p.entries[*at] = c&(1<<low-1)<<rowBits | uint32(i)
			*at++
		}
	}
	return p
}

// searchWork is how many rows of a column have been searched in vain for want
// of its postings, and how often these have been made.
type searchWork struct {
	rows atomic.Int64
	made atomic.Int32
}

// due reports that the work of making postings is worth it: all rows have been
// searched twice, and twice as often each time that they did not stay in the
// cache. In memory that was not used for a second, making them takes as long
// as a few searches.
func (w *searchWork) due(rows int) bool { return w.rows.Load() >= int64(rows)<<(1+w.made.Load()) }

// postings are nil where codes are to be searched.
func (c storedColumn) postings() (*postings, error) {
	if c.u.rows < pageRows {
		return nil, nil
	}
	if p, ok := c.u.scan.src.t.store.cache.peek(c.key(cachedPostings, 0)).(*postings); ok {
		return p, nil
	}
	if !c.m.searched.due(c.u.rows) {
		return nil, nil
	}
	return get1(c, cachedPostings, 0, func() (*postings, error) {
		nums, err := c.numbers()
		if err != nil {
			return nil, err
		}
		all, err := c.readCodes(nums, 0, c.u.rows)
		if err != nil {
			return nil, err
		}
		c.m.searched.rows.Store(0)
		c.m.searched.made.Add(1)
		return newPostings(all, c.m.zone.distinct), nil
	})
}
