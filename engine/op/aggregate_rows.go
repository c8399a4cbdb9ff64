package op

import (
	"context"
	"io"
	"slices"
	"sync"

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

// pickedExtent are blocks of an extent of which rows were picked.
type pickedExtent struct {
	extent any
	blocks []int
}

// picks returns an aggregation that finds the places of the rows, as its last
// column; nil where the results of this one are not the columns of rows.
func (a *aggregate) picks() *aggregate {
	_, isScan := a.in.(*scan)
	if !isScan || len(a.aggs) != 1 || len(a.aggs[0].args) < 2 {
		return nil
	}
	pick := a.aggs[0]
	if _, ok := pick.make().(agg.Picker); !ok {
		return nil
	}
	// Reals that are equal may be written in several ways: which of them is
	// given is not the row's, but the group's.
	isReal := func(e expr.Expr) bool { return e.Type().Physical() == table.Float64s }
	volatile := func(e expr.Expr) bool { return expr.Any(e, isVolatile) }
	if slices.ContainsFunc(a.keys, isReal) || isReal(pick.args[0]) ||
		slices.ContainsFunc(a.keys, volatile) || slices.ContainsFunc(pick.args, volatile) {
		return nil
	}
	return &aggregate{in: a.in, keys: a.keys, cols: a.cols, blank: everything(len(a.cols)), aggs: []aggregation{{
		name: pick.name, args: pick.args[:1], cols: []table.Column{pick.cols[0], {Name: "$place", Type: table.Long}},
		make: func() agg.State { return pick.make().(agg.Picker).Rows() },
	}}}
}

// openPicked opens n streams over the rows that find picks.
func (a *aggregate) openPicked(ctx context.Context, env *Env, find *aggregate, n int) ([]Stream, error) {
	in := a.in.(*scan)
	rows, err := in.begin(ctx, env)
	if err != nil {
		return nil, err
	}
	p := &pickedRows{node: a, env: env, blocks: &keptPlaces{}, held: env.Budget.reserve("summarize"), open: n}
	p.find = &aggregateStream{node: find, env: env, in: in.streams(rows, env, env.Threads), places: p.blocks}
	out := make([]Stream, n)
	for i := range out {
		s := &pickedStream{rows: p, width: in.src.Schema().Len()}
		scan := p.find.in[0].(*scanStream)
		for _, e := range append(slices.Clone(a.keys), a.aggs[0].args...) {
			s.exprs = append(s.exprs, newBlockExpr(e, scan).clone())
		}
		out[i] = s
	}
	return out, nil
}

// run finds the rows.
func (p *pickedRows) run(ctx context.Context) error {
	n := int64(0)
	for {
		b, err := p.find.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		n += p.blocks.mark(b.Cols[len(b.Cols)-1])
		p.held.force(p.blocks.size)
	}
	p.find.forget()
	p.held.force(p.blocks.size)
	if n == 0 && len(p.node.keys) == 0 {
		p.single = newGroups(p.node, p.env, p.held).results(true)
	}
	at := map[any]int{}
	for i, b := range p.blocks.blocks {
		if p.blocks.marks[i] == nil {
			continue
		}
		e := extentOf(b)
		k, ok := at[e]
		if !ok || e == nil {
			k = len(p.extents)
			at[e] = k
			p.extents = append(p.extents, pickedExtent{extent: e})
		}
		p.extents[k].blocks = append(p.extents[k].blocks, i)
	}
	return nil
}

// take gives the number of a block that a stream which is at an extent should
// read next: of that extent, of one that nobody is at, or at last of any.
func (p *pickedRows) take(at *int) (block int, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if *at < 0 || len(p.extents[*at].blocks) == 0 {
		if p.taken < len(p.extents) {
			*at = p.taken
			p.taken++
		} else if *at = slices.IndexFunc(p.extents, func(e pickedExtent) bool { return len(e.blocks) > 0 }); *at < 0 {
			return 0, false
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
	width   int
	at      int // the extent that blocks are taken from, 1 more
	last    extentReader
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
	p := s.rows
	p.once.Do(func() { p.err = p.run(ctx) })
	if p.err != nil {
		return nil, p.err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if b := p.takeSingle(); b != nil {
		return b, nil
	}
	at := s.at - 1
	i, ok := p.take(&at)
	s.at = at + 1
	if !ok {
		s.last.leave()
		return nil, io.EOF
	}
	return s.read(p.blocks.blocks[i], p.blocks.marks[i])
}

func (p *pickedRows) takeSingle() *vec.Batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.single
	p.single = nil
	return b
}

// read gives the columns of the rows that are marked.
func (s *pickedStream) read(block table.Block, marks vec.Marks) (*vec.Batch, error) {
	s.last.enter(block)
	r := newBlockReader(block, s.width, &s.scratch)
	if n := marks.Count(); n < r.n {
		r.marks, r.marked = marks, n
	}
	out := &vec.Batch{Cols: make([]vec.Column, len(s.exprs)), N: r.rows(), Kin: r.kin() * r.rows() / r.n}
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

// keptPlaces are the blocks of a scan, for those who come back to some of their
// rows, and which these are.
type keptPlaces struct {
	mu     sync.Mutex
	blocks []table.Block
	marks  []vec.Marks // by block; nil where no row is marked
	size   int64       // of marks
}

// add keeps a block and gives its number.
func (k *keptPlaces) add(b table.Block) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.blocks = append(k.blocks, b)
	return len(k.blocks) - 1
}

// mark marks the rows at some places and gives how many that were.
func (k *keptPlaces) mark(places vec.Column) (n int64) {
	if k.marks == nil {
		k.marks = make([]vec.Marks, len(k.blocks))
		k.size = 40 * int64(len(k.blocks))
	}
	for i, at := range vec.Int64s(places.Arr) {
		if places.IsNull(i) {
			continue
		}
		m := &k.marks[at>>32]
		if *m == nil {
			*m = make(vec.Marks, (k.blocks[at>>32].Rows()+63)/64)
			k.size += 8 * int64(len(*m))
		}
		row := uint32(at)
		(*m)[row>>6] |= 1 << (row & 63)
		n++
	}
	return n
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
