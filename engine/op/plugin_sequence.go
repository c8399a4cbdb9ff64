package op

import (
	"cmp"
	"slices"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

func init() {
	registerPlugin(Plugin{
		Name: "sequence_detect", Doc: "Finds rows that satisfy predicates one after the other, in limited time.",
		Params: []string{"TimelineColumn", "MaxSequenceStepWindow", "MaxSequenceSpan"}, Least: 3, Rest: "Name = Predicate, … dim",
		Examples: []fn.Example{{Query: `range x from 1 to 9 step 1 | evaluate sequence_detect(x, 2, 5, a=(x == 3), b=(x == 5)) | project Duration`, Want: `2`}},
		bind:     bindSequenceDetect,
	})
}

// sequences is a call of sequence_detect.
type sequences struct {
	at          *expr.Column
	step, span  expr.Expr
	predicates  []expr.Expr
	dims        []*expr.Column
	cols        []table.Column
	dimTypes    []table.Type
	nPredicates int
}

func bindSequenceDetect(c *pluginCall) Node {
	a := &activity{c: c}
	s := &sequences{}
	var ok bool
	if s.at, ok = c.column(c.args[0]); !ok {
		return nil
	}
	if a.at = s.at; s.at.T.Physical() != table.Int64s {
		c.b.fail(c.args[0].Span(), "KS141", "", "the timeline must be a datetime, timespan or whole number, not a %s", s.at.T)
		return nil
	}
	if s.step, ok = a.distance(c.args[1]); !ok {
		return nil
	}
	if s.span, ok = a.distance(c.args[2]); !ok {
		return nil
	}
	names, ok := s.arguments(c)
	if !ok {
		return nil
	}
	s.cols = named(s.dims)
	s.dimTypes = Types(s.cols)
	for _, name := range names {
		s.cols = append(s.cols, table.Column{Name: uniqueName(s.cols, name+"_"+s.at.Name), Type: s.at.T})
	}
	length := table.Timespan
	if s.at.T != table.Datetime {
		length = s.at.T
	}
	s.cols = append(s.cols, table.Column{Name: uniqueName(s.cols, "Duration"), Type: length})
	exprs := append([]expr.Expr{s.at}, s.predicates...)
	return c.over(append(exprs, asExprs(s.dims...)...), s.cols, func(b *vec.Batch) (*vec.Batch, error) { return s.run(b), nil })
}

// arguments sorts the predicates from the dimensions: predicates give true or
// false, and come first.
func (s *sequences) arguments(c *pluginCall) ([]string, bool) {
	var names []string
	for i, x := range c.rest() {
		e := c.b.scalar(x, c.rs)
		if e.Type() == table.Unknown {
			return nil, false
		}
		if col, isCol := e.(*expr.Column); isCol && (e.Type() != table.Bool || len(s.dims) > 0) {
			s.dims = append(s.dims, col)
			continue
		}
		if e.Type() != table.Bool || len(s.dims) > 0 {
			c.b.fail(x.Span(), "KS141", "usage: evaluate "+c.plugin.Usage(), "a predicate, or after those a column, is expected here")
			return nil, false
		}
		name := "e" + itoa(i+1)
		if n, ok := x.(*parser.Named); ok {
			name = n.Names[0].Name
		}
		names, s.predicates = append(names, name), append(s.predicates, e)
	}
	if len(names) == 0 {
		c.b.fail(c.call.Span(), "KS119", "usage: evaluate "+c.plugin.Usage(), "sequence_detect() needs a predicate")
		return nil, false
	}
	s.nPredicates = len(names)
	return names, true
}

func (s *sequences) run(b *vec.Batch) *vec.Batch {
	dims, n := make([]int32, b.N), min(1, b.N)
	var keys []vec.Column
	if len(s.dims) > 0 {
		by := vec.NewGrouper(s.dimTypes)
		dims = by.IDs(b.Cols[1+s.nPredicates:], b.N)
		keys, n = by.Keys(), by.Len()
	}
	groups := make([][]int32, n)
	for row := range b.N {
		if !b.Cols[0].IsNull(row) {
			groups[dims[row]] = append(groups[dims[row]], int32(row))
		}
	}
	step, _ := valueOf(s.step).(int64)
	span, _ := valueOf(s.span).(int64)
	type found struct {
		dim   int
		times []int64
	}
	var all []found
	for dim, rows := range groups {
		slices.SortStableFunc(rows, func(x, y int32) int { return cmp.Compare(b.Cols[0].Int64(int(x)), b.Cols[0].Int64(int(y))) })
		f := &sequenceFinder{b: b, rows: rows, n: s.nPredicates, step: step, span: span}
		f.from(0, nil)
		for _, times := range f.out {
			all = append(all, found{dim, times})
		}
	}
	slices.SortStableFunc(all, func(l, r found) int { return slices.Compare(l.times, r.times) })
	out := newBuilders(s.cols, len(all))
	for _, f := range all {
		var row []any
		for _, k := range keys {
			row = append(row, k.Value(f.dim))
		}
		for _, t := range f.times {
			row = append(row, t)
		}
		out.add(append(row, f.times[len(f.times)-1]-f.times[0])...)
	}
	return out.batch()
}

// sequenceFinder finds all ways to satisfy the predicates in order of time.
type sequenceFinder struct {
	b          *vec.Batch
	rows       []int32
	n          int
	step, span int64
	out        [][]int64
}

// from goes on from a sequence with the rows at i and after.
func (f *sequenceFinder) from(i int, times []int64) {
	k := len(times)
	if k == f.n {
		f.out = append(f.out, slices.Clone(times))
		return
	}
	for ; i < len(f.rows); i++ {
		row := int(f.rows[i])
		at := f.b.Cols[0].Int64(row)
		if k > 0 && (at-times[k-1] > f.step || at-times[0] > f.span) {
			return
		}
		if isTrue(f.b.Cols[1+k], row) {
			f.from(i+1, append(times, at))
		}
	}
}
