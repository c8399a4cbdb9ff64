package op

import (
	"math"
	"slices"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// A scanCond is a condition of a scan, made ready. There are six kinds:
//
//   - and, or: parts that are tried one after the other, cheap ones first
//   - equal: a column of strings and values it is to equal; these are looked
//     up in the dictionary, so that rows compare codes
//   - lifted: whatever reads one column of strings; it is decided once for
//     each value of the dictionary, and rows look the verdict up by their code
//   - between: a column of whole numbers and the range it is to be in
//   - present: a column of whole numbers that is not to be null
//   - any other: evaluated over the rows that are left
//
// Those between fall back to the last where a block cannot be read so.
type scanCond struct {
	e       expr.Expr // over the source's schema
	columns []int     // that it reads
	and, or []*scanCond
	equal   []string
	lifted  *expr.OverDict
	name    string // of what is lifted: the same in every query, "" unknown
	passed  passedValues
	ranged  bool
	lo, hi  int64
	present bool
	cost    int
}

// What conditions cost: the order in which they are tried.
const (
	costCompare = iota // numbers, codes
	costText           // a test of each distinct text
	costCompute        // anything else of one column
	costMany           // of several columns
	costVolatile
)

// scanConds makes conditions ready that are all to be true, those that cost least
// first. Ranges of one column become one.
func scanConds(es []expr.Expr, width int) []*scanCond {
	var out []*scanCond
	for _, c := range condParts(es, width) {
		i := slices.IndexFunc(out, func(o *scanCond) bool { return c.ranged && o.ranged && o.columns[0] == c.columns[0] })
		if i < 0 {
			out = append(out, c)
			continue
		}
		o := out[i]
		o.e = &expr.Logic{And: true, L: o.e, R: c.e}
		o.lo, o.hi = max(o.lo, c.lo), min(o.hi, c.hi)
	}
	return out
}

// condParts makes conditions ready, those that cost least first.
func condParts(es []expr.Expr, width int) []*scanCond {
	out := make([]*scanCond, len(es))
	for i, e := range es {
		out[i] = newScanCond(e, width)
	}
	slices.SortStableFunc(out, func(a, b *scanCond) int { return a.cost - b.cost })
	return out
}

func newScanCond(e expr.Expr, width int) *scanCond {
	c := &scanCond{e: e, cost: costMany}
	used := make([]bool, width)
	expr.Columns(e, used)
	for i, ok := range used {
		if ok {
			c.columns = append(c.columns, i)
		}
	}
	switch {
	case expr.Any(e, isVolatile):
		c.cost = costVolatile
	case len(c.columns) == 1:
		c.ofOneColumn()
	default:
		c.ofParts(width)
	}
	return c
}

func isVolatile(e expr.Expr) bool {
	c, ok := e.(*expr.Call)
	return ok && (c.Volatile || c.Window)
}

// anyVolatile reports whether anything within e is.
func anyVolatile(e expr.Expr) bool { return expr.Any(e, isVolatile) }

func (c *scanCond) ofOneColumn() {
	c.cost = costCompute
	p, ok := predicate(c.e)
	if column(c.e).T.Physical() == table.Strings {
		c.lifted, c.name = &expr.OverDict{}, sameAs(c.e)
		switch {
		case ok && p.Op == table.Equal:
			c.cost = costCompare
			for _, v := range p.Values {
				if s, ok := v.(string); ok {
					c.equal = append(c.equal, s)
				}
			}
		case ok:
			c.cost = costText
		}
		return
	}
	if ok {
		c.between(p)
	}
	if call, isCall := c.e.(*expr.Call); isCall && call.Name == "isnotnull" {
		col, plain := call.Args[0].(*expr.Column)
		if c.present = plain && col.T.Physical() == table.Int64s; c.present {
			c.cost = costCompare
		}
	}
}

// column is the one column that e reads.
func column(e expr.Expr) (found *expr.Column) {
	expr.Any(e, func(x expr.Expr) bool {
		c, ok := x.(*expr.Column)
		if ok {
			found = c
		}
		return ok
	})
	return found
}

func (c *scanCond) between(p table.Predicate) {
	if len(p.Values) != 1 {
		return
	}
	v, ok := p.Values[0].(int64)
	if !ok {
		return
	}
	c.lo, c.hi = math.MinInt64, math.MaxInt64
	switch p.Op {
	case table.Equal:
		c.lo, c.hi = v, v
	case table.Less:
		if v == math.MinInt64 {
			return // nothing is less
		}
		c.hi = v - 1
	case table.LessEqual:
		c.hi = v
	case table.Greater:
		if v == math.MaxInt64 {
			return
		}
		c.lo = v + 1
	case table.GreaterEqual:
		c.lo = v
	default:
		return
	}
	c.ranged, c.cost = true, costCompare
}

// ofParts takes an and or an or of several columns apart. A row counts where
// the whole is true, so it does not matter which parts are null or false.
func (c *scanCond) ofParts(width int) {
	l, ok := c.e.(*expr.Logic)
	if !ok {
		return
	}
	if parts := flatten(l, l.And); l.And {
		c.and = scanConds(parts, width)
	} else {
		c.or = condParts(parts, width)
	}
}

// flatten lists what an and of ands, or an or of ors, is made of.
func flatten(e expr.Expr, and bool) []expr.Expr {
	if l, ok := e.(*expr.Logic); ok && l.And == and {
		return append(flatten(l.L, and), flatten(l.R, and)...)
	}
	return []expr.Expr{e}
}

// clone copies the condition for another goroutine; what is known of
// dictionaries is shared.
func (c *scanCond) clone() *scanCond {
	out := *c
	out.e = c.e.Clone()
	out.and, out.or = cloneConds(c.and), cloneConds(c.or)
	return &out
}

func cloneConds(cs []*scanCond) []*scanCond {
	out := make([]*scanCond, len(cs))
	for i, c := range cs {
		out[i] = c.clone()
	}
	return out
}

// rows gives the rows of sel (all where nil) for which the condition is true.
// It never gives nil.
func (c *scanCond) rows(r *blockReader, sel []int32) ([]int32, error) {
	switch {
	case len(c.and) > 0:
		for _, part := range c.and {
			var err error
			if sel, err = part.rows(r, sel); err != nil || len(sel) == 0 {
				return sel, err
			}
		}
		return sel, nil
	case len(c.or) > 0:
		return c.anyOf(r, sel)
	case c.lifted != nil:
		if p, ok := r.packed(c.columns[0]); ok {
			if out, ok := c.byCode(r, p, sel); ok {
				return out, nil
			}
		}
	case c.ranged:
		if out, ok, err := c.byRange(r, sel); ok || err != nil {
			return out, err
		}
	case c.present:
		if out, ok, err := c.byPresence(r, sel); ok || err != nil {
			return out, err
		}
	}
	return c.eval(r, sel)
}

// anyOf tries each part on the rows that no part before it took.
func (c *scanCond) anyOf(r *blockReader, sel []int32) ([]int32, error) {
	out, left := []int32{}, sel
	for _, part := range c.or {
		found, err := part.rows(r, left)
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			out = vec.Merge(out, found)
			left = vec.Without(left, found, r.n)
		}
		if left != nil && len(left) == 0 {
			break
		}
	}
	return out, nil
}

// byCode decides the values of the dictionary. It declines where these are
// many more than the rows.
func (c *scanCond) byCode(r *blockReader, p *vec.Packed, sel []int32) ([]int32, bool) {
	if len(c.equal) == 1 {
		code := p.Find(c.equal[0])
		if code < 0 {
			return []int32{}, true
		}
		return p.Equal(code, sel, r.buffer()), true
	}
	rows := r.n
	if sel != nil {
		rows = len(sel)
	}
	kin := r.kin() * rows / max(1, r.n)
	if p.Values.Len() > max(256, 2*kin) && !c.lifted.Has(p.Values) {
		return nil, false
	}
	pass, passed := c.lifted.Pass(p.Values, func(values vec.Column, n int) vec.Column {
		in := &vec.Batch{Cols: make([]vec.Column, r.width), N: n}
		in.Cols[c.columns[0]] = values
		return c.e.Eval(in)
	})
	switch {
	case passed == 0:
		return []int32{}, true
	case passed == len(pass):
		if sel == nil {
			sel = vec.Every(r.n)
		}
		return sel, true
	}
	return p.Pass(pass, sel, r.buffer()), true
}

func (c *scanCond) byRange(r *blockReader, sel []int32) ([]int32, bool, error) {
	if c.lo > c.hi {
		return []int32{}, true, nil
	}
	if b, ok := r.block.(rangedBlock); ok && sel == nil {
		if out, ok := b.Between(c.columns[0], c.lo, c.hi, r.buffer()); ok {
			return out, true, nil
		}
	}
	col, err := r.columnFor(c.columns[0], sel)
	if err != nil {
		return nil, false, err
	}
	a, ok := col.Arr.(*array.Int64)
	if !ok || col.Const || a.NullN() > 0 {
		return nil, false, nil
	}
	return vec.Between(a.Int64Values(), c.lo, c.hi, sel, r.buffer()), true, nil
}

func (c *scanCond) byPresence(r *blockReader, sel []int32) ([]int32, bool, error) {
	if b, ok := r.block.(presentBlock); ok && sel == nil {
		if valid, ok := b.Present(c.columns[0]); ok {
			if valid == nil {
				return vec.Every(r.n), true, nil
			}
			return vec.Set(valid, r.n, r.buffer()), true, nil
		}
	}
	col, err := r.columnFor(c.columns[0], sel)
	if err != nil {
		return nil, false, err
	}
	if col.Const {
		return nil, false, nil
	}
	if sel == nil {
		return vec.Present(col.Arr, r.buffer()), true, nil
	}
	out := r.buffer()
	for _, i := range vec.Present(col.Arr, r.buffer()) {
		out = append(out, sel[i])
	}
	return out, true, nil
}

func (c *scanCond) eval(r *blockReader, sel []int32) ([]int32, error) {
	in := &vec.Batch{Cols: make([]vec.Column, r.width), N: r.n}
	if sel != nil {
		in.N = len(sel)
	}
	in.Kin = r.kin() * in.N / max(1, r.n)
	for _, i := range c.columns {
		col, err := r.columnFor(i, sel)
		if err != nil {
			return nil, err
		}
		in.Cols[i] = col
	}
	pass := vec.Selected(c.e.Eval(in), in.N)
	if sel == nil {
		return pass, nil
	}
	for i, p := range pass { // in place: pass[i] >= i is read before it is written
		pass[i] = sel[p]
	}
	return pass, nil
}
