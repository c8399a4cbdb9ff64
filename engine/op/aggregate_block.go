package op

import (
	"context"
	"io"

	"tidemark/engine/agg"
	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// blockStream is a stream of rows of a table, which those who know may take block
// by block instead.
type blockStream interface {
	Stream
	// nextRows gives a reader of the rows that are left of the next block which
	// has some. It is valid until the next call.
	nextRows(ctx context.Context) (*blockReader, error)
	// below gives an expression over the stream's columns as one over those of
	// the table; false where that would be computed more often.
	below(e expr.Expr) (expr.Expr, bool)
	table() *scan
	env() *Env
}

// blockInput is what an aggregation over a table reads of a block: keys and
// arguments over the source's schema. What depends on one column of strings
// alone is not spread over the rows: it is computed by code.
type blockInput struct {
	stream  blockStream
	keys    []*blockExpr
	args    [][]*blockExpr
	numbers map[int]*vec.Numbering // of columns of strings

	places *keptPlaces // set: of the blocks, for states that ask for places of rows
	last   extentReader
	at     []int64 // scratch
	parts  []int32 // scratch
}

// blockInput returns how the aggregation reads a stream of a table's blocks,
// nil where the stream is none.
func (a *aggregate) blockInput(in Stream, places *keptPlaces) *blockInput {
	s, ok := in.(blockStream)
	if !ok {
		return nil
	}
	b := &blockInput{stream: s, numbers: map[int]*vec.Numbering{}, places: places}
	exprs := func(list []expr.Expr) (out []*blockExpr) {
		for _, e := range list {
			below, can := s.below(e)
			ok = ok && can
			out = append(out, newBlockExpr(below, s.table()))
		}
		return out
	}
	b.keys = exprs(a.keys)
	for _, x := range a.aggs {
		b.args = append(b.args, exprs(x.args))
	}
	if !ok {
		return nil
	}
	return b
}

// number makes the groups use the numbers that a table's strings have.
func (b *blockInput) number(g *groups) {
	for i, k := range b.keys {
		if n := b.numbersOf(k); n != nil {
			g.by.Number(i, n)
		}
	}
	for i, s := range g.states {
		if s, ok := s.(agg.Numbered); ok {
			if n := b.numbersOf(b.args[i][0]); n != nil {
				s.Number(n)
			}
		}
	}
}

func (b *blockInput) numbersOf(x *blockExpr) *vec.Numbering {
	if !x.plain || x.e.Type() != table.String {
		return nil
	}
	column := x.columns[0]
	if b.numbers[column] == nil {
		b.numbers[column] = b.stream.env().Numbers.Of(b.stream.table().src.Name(), column)
	}
	return b.numbers[column]
}

// clone is for another worker, over its stream. What is known of dictionaries
// is shared.
func (b *blockInput) clone(in Stream) *blockInput {
	out := &blockInput{stream: in.(blockStream), numbers: b.numbers, places: b.places}
	for _, k := range b.keys {
		out.keys = append(out.keys, k.clone())
	}
	for _, args := range b.args {
		var c []*blockExpr
		for _, x := range args {
			c = append(c, x.clone())
		}
		out.args = append(out.args, c)
	}
	return out
}

// blockExpr is an expression over the columns of a block.
type blockExpr struct {
	e       expr.Expr
	columns []int          // that it reads
	plain   bool           // it is one of them itself
	coded   bool           // it reads one, of strings, and nothing else
	over    *expr.OverDict // its values by dictionary, where it is coded but not plain
	bin     int64          // it is bin() of one, of whole numbers, by this size
	places  []uint16       // of the rows of the last block in its bins
}

// newBlockExpr makes one of an expression over the columns of a scan's source.
func newBlockExpr(e expr.Expr, s *scan) *blockExpr {
	x := &blockExpr{e: e}
	_, x.plain = x.e.(*expr.Column)
	x.bin = binSize(x.e)
	used := make([]bool, s.src.Schema().Len())
	expr.Columns(x.e, used)
	for i, ok := range used {
		if ok {
			x.columns = append(x.columns, i)
		}
	}
	if len(x.columns) == 1 && column(x.e).T.Physical() == table.Strings && !expr.Any(x.e, isVolatile) {
		x.coded = true
		if !x.plain {
			x.over = &expr.OverDict{}
		}
	}
	return x
}

func (x *blockExpr) clone() *blockExpr {
	out := *x
	out.e, out.places = x.e.Clone(), nil
	return &out
}

// byCode gives the expression for the rows that are left of a block without
// spreading it over them; false where it is better computed a row at a time:
// where few rows are left, or far fewer than the dictionary has values.
func (x *blockExpr) byCode(r *blockReader) (*vec.Coded, bool) {
	if !x.coded || r.rows() < r.n/16 {
		return nil, false
	}
	p, ok := r.packed(x.columns[0])
	if !ok {
		return nil, false
	}
	c := &vec.Coded{Packed: p, Sel: r.selection(), Kin: r.kin() * r.rows() / r.n}
	if x.plain {
		return c, true
	}
	if p.Values.Len() > max(256, 2*c.Kin) && !x.over.Has(p.Values) {
		return nil, false
	}
	of := x.over.Column(p.Values, x.e.Type(), func(values vec.Column, n int) vec.Column {
		in := &vec.Batch{Cols: make([]vec.Column, r.width), N: n}
		in.Cols[x.columns[0]] = values
		return x.e.Eval(in)
	})
	if of.Const {
		return nil, false
	}
	c.Of = &of
	return c, true
}

// column computes the expression for the rows that are left of a block.
func (x *blockExpr) column(r *blockReader) (vec.Column, error) {
	if x.plain {
		return r.column(x.columns[0])
	}
	in := &vec.Batch{Cols: make([]vec.Column, r.width), N: r.rows(), Kin: r.kin() * r.rows() / r.n}
	for _, i := range x.columns {
		col, err := r.column(i)
		if err != nil {
			return vec.Column{}, err
		}
		in.Cols[i] = col
	}
	return x.e.Eval(in), nil
}

// consumeBlocks groups all blocks of a table that the stream gets.
func (g *groups) consumeBlocks(ctx context.Context, in *blockInput) error {
	for {
		r, err := in.stream.nextRows(ctx)
		if err == io.EOF {
			in.last.leave()
			return nil
		}
		if err != nil {
			return err
		}
		if err := g.addBlock(r, in); err != nil {
			return err
		}
		if err := g.fit(ctx); err != nil {
			return err
		}
	}
}

func (g *groups) addBlock(r *blockReader, in *blockInput) error {
	if b, ok := r.block.(countedBlock); ok {
		g.addCounted(b)
		return nil
	}
	n := r.rows()
	keys := make([]vec.GroupKey, len(in.keys))
	for i, x := range in.keys {
		if c, ok := x.byCode(r); ok {
			keys[i].Coded = c
			continue
		}
		if b, ok := x.byBins(r); ok {
			keys[i].Bins = b
			continue
		}
		col, err := x.column(r)
		if err != nil {
			return err
		}
		keys[i].Col = col
	}
	if g.wait != nil {
		return g.addWaiting(keys, r, in)
	}
	if g.onlyCounts() {
		if groups, rows, ok := g.by.Counts(keys, n); ok {
			g.addCounts(groups, rows)
			return nil
		}
	}
	ids := g.by.IDsOf(keys, n)
	for i, s := range g.states {
		s.Grow(g.by.Len())
		if p, ok := s.(agg.Placed); ok {
			col, err := in.placed(in.args[i][0], r)
			if err != nil {
				return err
			}
			p.AddPlaced(ids, col, in.at)
			g.mayWait(n)
			continue
		}
		if err := addTo(s, ids, in.args[i], r, len(keys) == 0); err != nil {
			return err
		}
	}
	return nil
}

// placed gives an argument of the rows that are left of a block, which is kept,
// and sets at to their places.
func (b *blockInput) placed(arg *blockExpr, r *blockReader) (vec.Column, error) {
	b.last.enter(r.block)
	b.at = placesOf(r, b.places.add(r.block), b.at[:0])
	return arg.column(r)
}

// placesOf appends the places of the rows that are left of a block, whose first
// row is at a place.
func placesOf(r *blockReader, first int64, out []int64) []int64 {
	if sel := r.selection(); sel != nil {
		for _, row := range sel {
			out = append(out, first+int64(row))
		}
		return out
	}
	for row := range r.n {
		out = append(out, first+int64(row))
	}
	return out
}

// addTo gives a state the rows that are left of a block; single says that they
// are all of one group.
func addTo(s agg.State, ids []int32, args []*blockExpr, r *blockReader, single bool) error {
	switch s := s.(type) {
	case agg.Counter:
		if len(args) == 0 && single {
			s.AddCounts(vec.OneGroup(1), []int64{int64(r.rows())})
			return nil
		}
	case agg.Coder:
		if c, ok := args[0].byCode(r); ok && s.AddCoded(ids, c) {
			return nil
		}
	}
	cols := make([]vec.Column, len(args))
	for j, x := range args {
		col, err := x.column(r)
		if err != nil {
			return err
		}
		cols[j] = col
	}
	s.Add(ids, cols, r.rows())
	return nil
}
