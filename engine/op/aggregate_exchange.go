package op

import (
	"context"
	"io"
	"sync"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/agg"
	"tidemark/engine/vec"
	"tidemark/table"
)

// exchange makes each worker of an aggregation the owner of some of the groups:
// who reads a block hands the rows of others' groups over to them. So no group
// is in two workers, the tables of each are smaller, and nothing is merged at
// the end, which one worker would do alone. It pays where groups are many, or
// large as sets of values are.
//
// Who owns a row is told by the number that one of its keys, a column of
// strings, has in all workers.
type exchange struct {
	key     int // which of the keys
	numbers *vec.Numbering

	mu      sync.Mutex
	change  sync.Cond // of what is below
	queues  [][]handed
	reading int // workers that may hand over more
	free    [][]int32
	stopped bool // by an error of one
}

// handed are rows for another worker: those of a block, or a batch.
type handed struct {
	block table.Block
	sel   []int32
	batch *vec.Batch
}

const (
	// mostHanded is how many blocks may wait for a worker.
	mostHanded = 4
	// ownerKeys is how many values a key must have for each worker, so that
	// all have about as much to do.
	ownerKeys = 64
)

// exchanging returns the exchange of an aggregation's workers, nil where each
// does better with groups of its own; it looks at the first block to tell.
func (a *aggregate) exchanging(ctx context.Context, in *blockInput, workers int) (*exchange, error) {
	if in == nil || workers < 2 || len(in.keys) == 0 {
		return nil, nil
	}
	block, err := in.scan.peek(ctx)
	if block == nil {
		return nil, err
	}
	r := newBlockReader(block, in.scan.width, &in.scan.scratch)
	groups, owner := 1, -1
	for i, k := range in.keys {
		p, ok := k.ofBlock(r)
		if !ok {
			continue
		}
		n := p.Values.Len()
		if groups < r.kin() {
			groups *= n
		}
		if owner < 0 && n >= ownerKeys*workers && in.numbersOf(k) != nil {
			owner = i
		}
	}
	if owner < 0 || groups < r.kin()/4 && !a.waits() {
		return nil, nil
	}
	x := &exchange{key: owner, numbers: in.numbersOf(in.keys[owner]), queues: make([][]handed, workers), reading: workers}
	x.change.L = &x.mu
	return x, nil
}

// ofBlock gives the codes of the column that the expression is one of.
func (x *blockExpr) ofBlock(r *blockReader) (*vec.Packed, bool) {
	if !x.coded || !x.plain {
		return nil, false
	}
	return r.packed(x.columns[0])
}

// waits reports whether an aggregation holds so much of each group that it lets
// rows wait.
func (a *aggregate) waits() bool {
	for _, x := range a.aggs {
		if _, ok := x.make().(agg.Settler); ok {
			return true
		}
	}
	return false
}

// consumeExchanged is consumeBlocks for worker w of an exchange.
func (g *groups) consumeExchanged(ctx context.Context, in *blockInput, x *exchange, w int) (err error) {
	reads := true
	defer func() { x.leave(reads, err) }()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, state := x.take(w, reads)
		switch state {
		case takeRows:
			err = g.addHanded(ctx, in, h)
			x.giveBack(h.sel)
		case takeNone:
			return nil
		default:
			var block table.Block
			if block, err = in.scan.nextInOrder(ctx); err == io.EOF {
				x.leave(true, nil)
				reads, err = false, nil
			} else if err == nil {
				err = g.share(ctx, in, x, w, block)
			}
		}
		if err != nil {
			return err
		}
	}
}

// share hands the rows of a block over to their owners, and takes in its own.
func (g *groups) share(ctx context.Context, in *blockInput, x *exchange, w int, block table.Block) error {
	r := newBlockReader(block, in.scan.width, &in.scan.scratch)
	if err := r.filter(in.scan.where); err != nil || r.rows() == 0 {
		return err
	}
	p, ok := in.keys[x.key].ofBlock(r)
	if !ok {
		return g.shareBatch(ctx, in, x, w, r)
	}
	parts := x.lists(r.n)
	x.split(p, r, g.owners(x, p.Values), parts)
	for o, sel := range parts {
		if o != w && len(sel) > 0 {
			x.give(o, handed{block: block, sel: sel})
			parts[o] = nil
		}
	}
	if len(parts[w]) > 0 {
		if err := g.addHanded(ctx, in, handed{block: block, sel: parts[w]}); err != nil {
			return err
		}
	}
	x.giveBack(parts...)
	return nil
}

// ownersOf has the owner of each value of a dictionary.
type ownersOf struct {
	values *array.String
	owner  []uint8
}

func (g *groups) owners(x *exchange, values *array.String) []uint8 {
	if g.owned.values != nil && vec.SameArray(g.owned.values, values) {
		return g.owned.owner
	}
	numbers, _ := x.numbers.Of(values)
	owner := make([]uint8, len(numbers))
	for code, number := range numbers {
		owner[code] = x.owner(number)
	}
	g.owned = ownersOf{values, owner}
	return owner
}

// owner is the worker that has the rows with a number.
func (x *exchange) owner(number int32) uint8 { return uint8(int(number) % len(x.queues)) }

// split puts the rows that are left of a block into lists by owner.
func (x *exchange) split(p *vec.Packed, r *blockReader, owner []uint8, parts [][]int32) {
	sel := r.selection()
	switch {
	case p.B8 != nil:
		splitCodes(p.B8, sel, owner, parts)
	case p.B16 != nil:
		splitCodes(p.B16, sel, owner, parts)
	default:
		splitCodes(p.B32, sel, owner, parts)
	}
}

func splitCodes[T uint8 | uint16 | int32](codes []T, sel []int32, owner []uint8, parts [][]int32) {
	if sel == nil {
		for row, c := range codes {
			o := owner[c]
			parts[o] = append(parts[o], int32(row))
		}
		return
	}
	for _, row := range sel {
		o := owner[codes[row]]
		parts[o] = append(parts[o], row)
	}
}

// shareBatch is share for a block without codes.
func (g *groups) shareBatch(ctx context.Context, in *blockInput, x *exchange, w int, r *blockReader) error {
	b, err := in.scan.read(r)
	if err != nil {
		return err
	}
	key := g.keys[x.key].Eval(b)
	parts := x.lists(b.N)
	for row := range b.N {
		o := uint8(0)
		if !key.IsNull(row) {
			o = x.owner(x.numbers.Number(key.Str(row)))
		}
		parts[o] = append(parts[o], int32(row))
	}
	for o, sel := range parts {
		if len(sel) == 0 {
			continue
		}
		if h := (handed{batch: b.Gather(sel)}); o != w {
			x.give(o, h)
		} else if err := g.addHanded(ctx, in, h); err != nil {
			return err
		}
	}
	x.giveBack(parts...)
	return nil
}

func (g *groups) addHanded(ctx context.Context, in *blockInput, h handed) error {
	if h.batch != nil {
		g.add(h.batch)
		return g.fit(ctx)
	}
	r := newBlockReader(h.block, in.scan.width, &in.scan.scratch)
	if len(h.sel) < r.n {
		r.sel = h.sel
	}
	if err := g.addBlock(r, in); err != nil {
		return err
	}
	return g.fit(ctx)
}

// give hands rows over to a worker.
func (x *exchange) give(to int, h handed) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.queues[to] = append(x.queues[to], h)
	x.change.Broadcast()
}

// What take tells a worker.
const (
	takeRows = iota // there are rows for it
	takeRead        // there are none; it may read on
	takeNone        // no more can come
)

// take returns rows for worker w. A worker that reads waits while others have
// much to do, one that has read all there is until there are rows for it. As
// nobody waits who has rows, somebody always works.
func (x *exchange) take(w int, reads bool) (handed, int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for {
		switch q := x.queues[w]; {
		case x.stopped:
			return handed{}, takeNone
		case len(q) > 0:
			h := q[0]
			q[0] = handed{}
			x.queues[w] = q[1:]
			x.change.Broadcast()
			return h, takeRows
		case reads && !x.full():
			return handed{}, takeRead
		case !reads && x.reading == 0:
			return handed{}, takeNone
		}
		x.change.Wait()
	}
}

// full reports whether a worker has as much to do as may wait for it.
func (x *exchange) full() bool {
	for _, q := range x.queues {
		if len(q) >= mostHanded {
			return true
		}
	}
	return false
}

// leave says that a worker hands nothing over any more.
func (x *exchange) leave(read bool, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if read {
		x.reading--
	}
	x.stopped = x.stopped || err != nil
	x.change.Broadcast()
}

// lists returns an empty list of rows for each worker, with room for n.
func (x *exchange) lists(n int) [][]int32 {
	x.mu.Lock()
	defer x.mu.Unlock()
	out := make([][]int32, len(x.queues))
	for i := range out {
		if last := len(x.free) - 1; last >= 0 && cap(x.free[last]) >= n {
			out[i], x.free = x.free[last], x.free[:last]
		} else {
			out[i] = make([]int32, 0, n)
		}
	}
	return out
}

// giveBack takes lists that are no longer needed.
func (x *exchange) giveBack(lists ...[]int32) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, l := range lists {
		if cap(l) > 0 {
			x.free = append(x.free, l[:0])
		}
	}
}
