package storage

import (
	"math"

	"tidemark/table"
)

// zoneRows is the number of rows of an extent that share a range in its zones.
const zoneRows = 65536

// maxBound is how many bytes of the least and greatest string are kept.
const maxBound = 64

// zone is what is known of a column without reading it.
type zone struct {
	rows, nulls int
	distinct    int // strings: how many there are in the dictionary
	all         span
	blocks      []span // of zoneRows rows each; numbers only
}

// span is a range of values that holds all values of some rows that are not
// null. empty: there are none.
type span struct {
	empty      bool
	lo, hi     int64 // Int64s, and Bools as 0 and 1
	flo, fhi   float64
	slo, shi   string
	unbounded  bool // the greatest string was too long to keep
	notOrdered bool // there is a NaN
}

// newZone computes the zone of a column.
func newZone(c *column) *zone {
	z := &zone{rows: c.n, nulls: c.nulls}
	if c.dict != nil {
		z.distinct = c.dict.len()
	}
	if c.nulls == c.n {
		z.all.empty = true
		return z
	}
	if c.phys == table.Strings {
		z.all.slo = c.dict.at(0)
		z.all.shi = c.dict.at(c.dict.len() - 1)
		if len(z.all.slo) > maxBound {
			z.all.slo = z.all.slo[:maxBound] // not greater than the whole
		}
		if len(z.all.shi) > maxBound {
			z.all.shi, z.all.unbounded = "", true
		}
		// The strings must not keep the dictionary alive.
		z.all.slo, z.all.shi = string([]byte(z.all.slo)), string([]byte(z.all.shi))
		return z
	}
	if c.constant {
		z.all = c.span(0, 1)
		return z
	}
	z.all.empty = true
	for a := 0; a < c.n; a += zoneRows {
		b := c.span(a, min(a+zoneRows, c.n))
		z.blocks = append(z.blocks, b)
		z.all = z.all.union(b)
	}
	if len(z.blocks) == 1 || c.phys == table.Bools {
		z.blocks = nil
	}
	return z
}

// span returns the range of rows [a,b) of a column that is not of strings.
func (c *column) span(a, b int) span {
	s := span{empty: true, lo: math.MaxInt64, hi: math.MinInt64, flo: math.Inf(1), fhi: math.Inf(-1)}
	for i := a; i < b; i++ {
		if c.isNull(i) {
			continue
		}
		s.empty = false
		switch c.phys {
		case table.Int64s:
			v := c.intAt(i)
			s.lo, s.hi = min(s.lo, v), max(s.hi, v)
		case table.Float64s:
			v := c.floatAt(i)
			s.notOrdered = s.notOrdered || v != v
			s.flo, s.fhi = min(s.flo, v), max(s.fhi, v)
		case table.Bools:
			v := int64(0)
			if c.boolAt(i) {
				v = 1
			}
			s.lo, s.hi = min(s.lo, v), max(s.hi, v)
		}
	}
	if s.empty {
		return span{empty: true}
	}
	return s
}

// least is a dictionary of the least of the strings alone, nil where that is
// not known.
func (s span) least() *dict {
	if s.empty || len(s.slo) >= maxBound {
		return nil // it may have been cut off
	}
	return dictOf(s.slo)
}

func (s span) union(o span) span {
	if s.empty {
		return o
	}
	if o.empty {
		return s
	}
	return span{lo: min(s.lo, o.lo), hi: max(s.hi, o.hi), flo: min(s.flo, o.flo), fhi: max(s.fhi, o.fhi),
		notOrdered: s.notOrdered || o.notOrdered}
}

// excludes reports that no value in the range satisfies the predicate. When
// in doubt it is false.
func (s span) excludes(p table.Predicate, phys table.Physical) bool {
	if s.empty {
		return true // null satisfies no predicate
	}
	if s.notOrdered || len(p.Values) == 0 {
		return false
	}
	if p.Op == table.Equal {
		for _, v := range p.Values {
			if !s.outside(v, phys) {
				return false
			}
		}
		return true
	}
	switch v := p.Values[0].(type) {
	case int64:
		return phys == table.Int64s && excludesOrder(p.Op, s.lo, s.hi, v)
	case float64:
		return phys == table.Float64s && v == v && excludesOrder(p.Op, s.flo, s.fhi, v)
	case string:
		// An empty column has no part that is not empty.
		none := p.Op == table.Contains || p.Op == table.Has || p.Op == table.HasPrefix
		return none && phys == table.Strings && !s.unbounded && s.shi == "" && v != ""
	}
	return false
}

// outside reports that the value is surely not in the range.
func (s span) outside(v any, phys table.Physical) bool {
	switch v := v.(type) {
	case int64:
		return phys == table.Int64s && (v < s.lo || v > s.hi)
	case float64:
		return phys == table.Float64s && (v < s.flo || v > s.fhi)
	case bool:
		n := int64(0)
		if v {
			n = 1
		}
		return phys == table.Bools && (n < s.lo || n > s.hi)
	case string:
		return phys == table.Strings && (v < s.slo || !s.unbounded && v > s.shi)
	}
	return false
}

func excludesOrder[T int64 | float64](op table.PredicateOp, lo, hi, v T) bool {
	switch op {
	case table.Less:
		return lo >= v
	case table.LessEqual:
		return lo > v
	case table.Greater:
		return hi <= v
	case table.GreaterEqual:
		return hi < v
	}
	return false
}

// excludesRows reports that no row of [a,b) satisfies the predicate.
func (z *zone) excludesRows(p table.Predicate, phys table.Physical, a, b int) bool {
	if z.all.excludes(p, phys) {
		return true
	}
	if len(z.blocks) == 0 {
		return false
	}
	for k := a / zoneRows; k <= (b-1)/zoneRows; k++ {
		if !z.blocks[k].excludes(p, phys) {
			return false
		}
	}
	return true
}

// A zone is stored as: nulls, distinct, then the range of the whole and of
// the blocks. A range is a byte of flags and its two ends.
const (
	spanEmpty      = 1
	spanUnbounded  = 2
	spanNotOrdered = 4
)

func (w *writer) span(s span, p table.Physical) {
	flags := byte(0)
	for _, f := range []struct {
		on  bool
		bit byte
	}{{s.empty, spanEmpty}, {s.unbounded, spanUnbounded}, {s.notOrdered, spanNotOrdered}} {
		if f.on {
			flags |= f.bit
		}
	}
	w.byte(flags)
	if s.empty {
		return
	}
	switch p {
	case table.Strings:
		w.string(s.slo)
		w.string(s.shi)
	case table.Float64s:
		w.float(s.flo)
		w.float(s.fhi)
	default:
		w.int(s.lo)
		w.int(s.hi)
	}
}

func (r *reader) span(p table.Physical) (s span) {
	flags := r.byte()
	s.empty, s.unbounded, s.notOrdered = flags&spanEmpty != 0, flags&spanUnbounded != 0, flags&spanNotOrdered != 0
	if s.empty {
		return s
	}
	switch p {
	case table.Strings:
		s.slo, s.shi = r.string(), r.string()
	case table.Float64s:
		s.flo, s.fhi = r.float(), r.float()
	default:
		s.lo, s.hi = r.int(), r.int()
	}
	return s
}

func (w *writer) zone(z *zone, p table.Physical) {
	w.uint(uint64(z.nulls))
	w.uint(uint64(z.distinct))
	w.span(z.all, p)
	w.uint(uint64(len(z.blocks)))
	for _, b := range z.blocks {
		w.span(b, p)
	}
}

func (r *reader) zone(rows int, p table.Physical) *zone {
	z := &zone{rows: rows, nulls: r.count(rows), distinct: r.count(rows + 1)}
	z.all = r.span(p)
	n := r.count((rows + zoneRows - 1) / zoneRows)
	for i := 0; i < n && r.err == nil; i++ {
		z.blocks = append(z.blocks, r.span(p))
	}
	if r.err == nil && n != 0 && n != (rows+zoneRows-1)/zoneRows {
		r.fail("zones")
	}
	return z
}

// same reports whether two ranges are equal; used by Verify.
func (s span) same(o span, p table.Physical) bool {
	a, b := &writer{}, &writer{}
	a.span(s, p)
	b.span(o, p)
	return string(a.b) == string(b.b)
}
