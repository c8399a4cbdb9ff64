package op

import (
	"cmp"
	"context"
	"io"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"

	"tidemark/engine/agg"
	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// pickedRows is an aggregation over a table that picks a row of each group and
// gives columns of it, as arg_max() does. Of all rows it reads no more than keys
// and first argument, and keeps of a group no more than that and the place of
// the row; everything else is read of the rows that were picked, block by block,
// as a scan would give them.
type pickedRows struct {
	node *aggregate
	env  *Env
	find *aggregateStream // finds the places
	held *reservation     // the bits of the rows

	once    sync.Once
	err     error
	blocks  *keptPlaces
	mu      sync.Mutex
	extents []pickedExtent
	taken   int        // extents that a stream is at or has done
	single  *vec.Batch // the row without keys where the table has none
	open    int        // streams
}

// pickedExtent are blocks of an extent.
type pickedExtent struct{ blocks []keptBlock }

// picks returns the aggregation over a table, and one that finds the places of
// the rows, as its last column; nil where the results are not the columns of rows.
func (a *aggregate) picks() (of, find *aggregate) {
	if len(a.aggs) != 1 || len(a.aggs[0].args) < 2 {
		return nil, nil
	}
	if _, ok := a.aggs[0].make().(agg.Picker); !ok {
		return nil, nil
	}
	if p, ok := a.in.(*project); ok && !slices.ContainsFunc(p.exprs, anyVolatile) &&
		p.computesOnce(append(slices.Clone(a.keys), a.aggs[0].args[0])) {
		a = a.through(p)
	}
	pick := a.aggs[0]
	// Reals that are equal may be written in several ways: which of them is
	// given is not the row's, but the group's.
	isReal := func(e expr.Expr) bool { return e.Type().Physical() == table.Float64s }
	if _, ok := a.in.(*scan); !ok || slices.ContainsFunc(a.keys, isReal) || isReal(pick.args[0]) ||
		slices.ContainsFunc(a.keys, anyVolatile) || slices.ContainsFunc(pick.args, anyVolatile) {
		return nil, nil
	}
	return a, &aggregate{in: a.in, keys: a.keys, cols: a.cols, blank: everything(len(a.cols)), aggs: []aggregation{{
		name: pick.name, args: pick.args[:1], cols: []table.Column{pick.cols[0], {Name: "$place", Type: table.Long}},
		make: func() agg.State { return pick.make().(agg.Picker).Rows() },
	}}}
}

// throughPicked is the aggregation over rows that are picked, where there is but
// a projection between: it can take them block by block.
func (a *aggregate) throughPicked() *aggregate {
	p, ok := a.in.(*project)
	if !ok {
		return a
	}
	below, ok := p.in.(*aggregate)
	if !ok || slices.ContainsFunc(p.exprs, anyVolatile) || !p.computesOnce(a.reads()) {
		return a
	}
	if of, _ := below.picks(); of == nil {
		return a
	}
	return a.through(p)
}

// openPicked opens n streams over the rows that find picks.
func (a *aggregate) openPicked(ctx context.Context, env *Env, find *aggregate, n int) ([]Stream, error) {
	in := a.in.(*scan)
	rows, err := in.begin(ctx, env, nil)
	if err != nil {
		return nil, err
	}
	p := &pickedRows{node: a, env: env, blocks: &keptPlaces{}, held: env.Budget.reserve("summarize"), open: n}
	p.find = &aggregateStream{node: find, env: env, in: in.streams(rows, env, env.Threads), places: p.blocks}
	out := make([]Stream, n)
	for i := range out {
		s := &pickedStream{rows: p, at: -1, alone: n == 1}
		for _, e := range append(slices.Clone(a.keys), a.aggs[0].args...) {
			s.exprs = append(s.exprs, newBlockExpr(expr.Remap(e, in.read), in).clone())
		}
		out[i] = s
	}
	return out, nil
}

// run finds the rows.
func (p *pickedRows) run(ctx context.Context) error {
	for {
		b, err := p.find.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		p.blocks.mark(b.Cols[len(b.Cols)-1])
		p.held.force(p.blocks.size)
	}
	p.find.forget()
	p.held.force(p.blocks.size)
	p.byExtent()
	if len(p.blocks.blocks) == 0 && len(p.node.keys) == 0 {
		p.single = newGroups(p.node, p.env, p.held).results(true)
	}
	return nil
}

// byExtent puts the blocks together by their extents.
func (p *pickedRows) byExtent() {
	last := int64(-1)
	for _, b := range p.blocks.blocks {
		if b.first>>32 != last {
			last = b.first >> 32
			p.extents = append(p.extents, pickedExtent{})
		}
		e := &p.extents[len(p.extents)-1]
		e.blocks = append(e.blocks, b)
	}
}

// take gives the block that a stream which is at an extent should read next: of
// that extent, of one that nobody is at, or at last of any.
func (p *pickedRows) take(at *int) (block keptBlock, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if *at < 0 || len(p.extents[*at].blocks) == 0 {
		if p.taken < len(p.extents) {
			*at = p.taken
			p.taken++
		} else if *at = slices.IndexFunc(p.extents, func(e pickedExtent) bool { return len(e.blocks) > 0 }); *at < 0 {
			return keptBlock{}, false
		}
	}
	e := &p.extents[*at]
	block, e.blocks = e.blocks[0], e.blocks[1:]
	return block, true
}

func (p *pickedRows) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open--; p.open > 0 {
		return nil
	}
	p.held.release()
	return p.find.Close()
}

// pickedStream gives rows that were picked.
type pickedStream struct {
	rows    *pickedRows
	exprs   []*blockExpr // keys and arguments
	at      int          // the extent that blocks are taken from, or -1
	alone   bool         // there is no other
	last    extentReader
	rowsOf  []int32 // scratch
	scratch buffers
	closed  bool
}

func (s *pickedStream) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	return s.rows.close()
}

func (s *pickedStream) Next(ctx context.Context) (*vec.Batch, error) {
	r, err := s.nextRows(ctx)
	if err == io.EOF {
		if b := s.rows.takeSingle(); b != nil {
			return b, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return s.read(r)
}

// nextRows gives the rows that were picked of the next block.
func (s *pickedStream) nextRows(ctx context.Context) (*blockReader, error) {
	p := s.rows
	p.once.Do(func() { p.err = p.run(ctx) })
	if p.err != nil {
		return nil, p.err
	}
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		block, ok := p.take(&s.at)
		if !ok {
			s.last.leave()
			return nil, io.EOF
		}
		rows := p.blocks.rows(block, s.rowsOf[:0])
		if len(rows) == 0 {
			continue
		}
		s.rowsOf = rows
		s.last.enter(block.Block)
		r := newBlockReader(block.Block, p.scan().src.Schema().Len(), &s.scratch)
		if len(rows) < r.n {
			r.sel = rows
		}
		return r, nil
	}
}

// below is for columns of the table alone: what is computed of them is computed
// once for whatever reads it.
func (s *pickedStream) below(e expr.Expr) (expr.Expr, bool) {
	plain := len(s.rows.node.keys) > 0 // otherwise there may be a row that is none of the table
	out := expr.Replace(e, func(c *expr.Column) expr.Expr {
		plain = plain && s.exprs[c.Index].plain
		return s.exprs[c.Index].e
	})
	return out, plain
}

func (p *pickedRows) scan() *scan    { return p.node.in.(*scan) }
func (s *pickedStream) table() *scan { return s.rows.scan() }
func (s *pickedStream) env() *Env    { return s.rows.env }

func (p *pickedRows) takeSingle() *vec.Batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.single
	p.single = nil
	return b
}

// read gives the columns of rows.
func (s *pickedStream) read(r *blockReader) (*vec.Batch, error) {
	out := &vec.Batch{Cols: make([]vec.Column, len(s.exprs)), N: r.rows(), Kin: r.kin() * r.rows() / r.n}
	if err := s.readAhead(r); err != nil {
		return nil, err
	}
	for i, x := range s.exprs {
		if i < len(s.rows.node.blank) && s.rows.node.blank[i] {
			out.Cols[i] = vec.Constant(x.e.Type(), nil)
			continue
		}
		col, err := x.column(r)
		if err != nil {
			return nil, err
		}
		out.Cols[i] = col
	}
	return out, nil
}

// readAhead reads the columns that are needed by all cores, where whoever asked
// reads alone: rows of few extents, as of one hour, are soon found, and then
// each of them has many columns.
func (s *pickedStream) readAhead(r *blockReader) error {
	if !s.alone {
		return nil
	}
	var columns []int
	for i, x := range s.exprs {
		if i < len(s.rows.node.blank) && s.rows.node.blank[i] {
			continue
		}
		for _, c := range x.columns {
			if !slices.Contains(columns, c) {
				columns = append(columns, c)
			}
		}
	}
	return r.readBy(s.rows.env.Threads, columns)
}

// keptPlaces are the blocks of a scan, for those who come back to some of their
// rows, and which these are. Places are in the order of rows.
type keptPlaces struct {
	mu     sync.Mutex
	blocks []keptBlock
	marks  []vec.Marks // by extent
	size   int64       // of marks
}

// keptBlock is a block and the place of its first row.
type keptBlock struct {
	table.Block
	first int64
}

// orderedBlock knows where it is in its table.
type orderedBlock interface {
	// First is the extent, by number, and the place in it of the first row.
	First() (extent, row int)
}

// add keeps a block and gives the place of its first row.
func (k *keptPlaces) add(b table.Block) int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	first := place(len(k.blocks), 0)
	if o, ok := b.(orderedBlock); ok {
		first = place(o.First())
	}
	k.blocks = append(k.blocks, keptBlock{b, first})
	return first
}

// mark marks the rows at some places.
func (k *keptPlaces) mark(places vec.Column) {
	k.markable()
	for i, at := range vec.Int64s(places.Arr) {
		if !places.IsNull(i) {
			k.set(at)
		}
	}
}

// markable makes room for the marks, once all blocks are there.
func (k *keptPlaces) markable() {
	if k.marks != nil {
		return
	}
	slices.SortFunc(k.blocks, func(a, b keptBlock) int { return cmp.Compare(a.first, b.first) })
	for _, b := range k.blocks {
		for extent := int(b.first >> 32); len(k.marks) <= extent; {
			k.marks = append(k.marks, nil)
		}
		m := &k.marks[b.first>>32]
		words := (int(uint32(b.first))+b.Rows())/64 + 1
		*m = append(*m, make(vec.Marks, words-len(*m))...)
		k.size += 40
	}
	for _, m := range k.marks {
		k.size += 8 * int64(len(m))
	}
}

// set marks the row at a place. Several goroutines may.
func (k *keptPlaces) set(at int64) {
	row := uint32(at)
	atomic.OrUint64(&k.marks[at>>32][row>>6], 1<<(row&63))
}

// rows appends the rows of a block that are marked to out.
func (k *keptPlaces) rows(b keptBlock, out []int32) []int32 {
	m, first, n := k.marks[b.first>>32], int(uint32(b.first)), b.Rows()
	for at := first; at < first+n; {
		w, skip := m[at>>6]>>(at&63), 64-at&63
		for ; w != 0; w &= w - 1 {
			row := at + bits.TrailingZeros64(w)
			if row >= first+n {
				break
			}
			out = append(out, int32(row-first))
		}
		at += skip
	}
	return out
}

// extentReader is who reads blocks of one extent after the other, and tells each
// that it is done with.
type extentReader struct{ last table.Block }

// restingBlock can let go of what its extent has read.
type restingBlock interface{ Rest() }

func (e *extentReader) enter(b table.Block) {
	if e.last != nil && extentOf(e.last) != extentOf(b) {
		e.leave()
	}
	e.last = b
}

func (e *extentReader) leave() {
	if b, ok := e.last.(restingBlock); ok {
		b.Rest()
	}
	e.last = nil
}
