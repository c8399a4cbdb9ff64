package op

import (
	"cmp"
	"context"
	"io"
	"slices"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// maxTopScan is the most rows that topScan keeps; above it, holding rows by
// reference and sorting them again and again costs more than it saves.
const maxTopScan = 10000

// topScan is top over a table. It reads the columns of the keys only, in
// blocks that promise the best rows first, passes over blocks that have none
// good enough, and reads the other columns for the rows that have won.
type topScan struct {
	env    *Env
	scan   *scan
	source table.Scan
	keys   []sortKey // over the source's schema
	conds  []*scanCond
	limit  int
	blocks []table.Block
	order  []promise
	next   atomic.Int64

	unknown bool // of some blocks it is not known what they may have
	done    bool
	closed  bool
}

// openTop opens top over a scan; nil where it is better done otherwise.
func (s *sorted) openTop(ctx context.Context, env *Env) (Stream, error) {
	in, ok := s.in.(*scan)
	if !ok || s.limit < 1 || s.limit > maxTopScan || len(s.keys) == 0 {
		return nil, nil
	}
	t := &topScan{env: env, scan: in, limit: int(s.limit)}
	for _, k := range s.keys {
		if expr.Any(k.e, isVolatile) {
			return nil, nil
		}
		k.e = expr.Remap(k.e, in.read)
		t.keys = append(t.keys, k)
	}
	source, err := in.begin(ctx, env, nil)
	if err != nil {
		return nil, err
	}
	t.source, t.conds = source, scanConds(in.where, in.src.Schema().Len())
	return t, nil
}

func (t *topScan) Close() error {
	if t.closed {
		return nil
	}
	t.closed = true
	t.env.Stats.add(t.scan, t.source.Stats())
	return t.source.Close()
}

func (t *topScan) Next(ctx context.Context) (*vec.Batch, error) {
	if t.done {
		return nil, io.EOF
	}
	t.done = true
	for {
		b, err := t.source.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		t.blocks = append(t.blocks, b)
	}
	t.promises()
	workers := make([]*topWorker, max(1, min(t.env.Threads, len(t.blocks)/4)))
	for i := range workers {
		workers[i] = newTopWorker(t)
	}
	if err := each(len(workers), func(i int) error { return workers[i].run(ctx) }); err != nil {
		return nil, err
	}
	all := workers[0]
	for _, w := range workers[1:] {
		all.merge(w.cols, w.n)
	}
	if all.n == 0 {
		return nil, io.EOF
	}
	return t.gather(vec.Int64s(all.cols[len(t.keys)].Flat(all.n)))
}

// bounds is the range of the first key in a block, where it is a column of
// whole numbers, and known.
func (t *topScan) bounds(b table.Block) (lo, hi int64, ok bool) {
	c, isColumn := t.keys[0].e.(*expr.Column)
	bounded, can := b.(boundedBlock)
	if !isColumn || !can || c.T.Physical() != table.Int64s {
		return 0, 0, false
	}
	return bounded.Bounds(c.Index)
}

// place is where a row was: rows with equal keys come in the order of places.
func place(block, row int) int64 { return int64(block)<<32 | int64(row) }

// promise is what is known of a block of those that the source gave.
type promise struct {
	at   int   // its place among these
	best int64 // the less, the better the best key that it may have
	know bool
}

// promises puts the blocks that may have the best rows first, and those of which
// nothing is known last.
func (t *topScan) promises() {
	t.order = make([]promise, len(t.blocks))
	for i, b := range t.blocks {
		lo, hi, ok := t.bounds(b)
		t.order[i] = promise{i, lo, ok}
		if t.keys[0].desc {
			t.order[i].best = -1 - hi // never overflows
		}
		t.unknown = t.unknown || !ok
	}
	slices.SortFunc(t.order, func(a, b promise) int {
		switch {
		case a.know != b.know && a.know:
			return -1
		case a.know != b.know:
			return 1
		case a.best != b.best:
			return cmp.Compare(a.best, b.best)
		case t.keys[0].desc: // later rows mostly have later times
			return b.at - a.at
		}
		return a.at - b.at
	})
}

// gather reads the columns of the rows at these places, in their order.
func (t *topScan) gather(places []int64) (*vec.Batch, error) {
	sorted := slices.Clone(places)
	slices.Sort(sorted)
	var parts []*vec.Batch
	for from := 0; from < len(sorted); {
		k := int(sorted[from] >> 32)
		var sel []int32
		for ; from < len(sorted) && int(sorted[from]>>32) == k; from++ {
			sel = append(sel, int32(sorted[from]))
		}
		part := &vec.Batch{N: len(sel)}
		for _, c := range t.scan.read {
			col, err := readColumn(t.blocks[k], c, sel)
			if err != nil {
				return nil, err
			}
			part.Cols = append(part.Cols, col)
		}
		parts = append(parts, part)
	}
	rows := make([]int32, len(places))
	for i, p := range places {
		at, _ := slices.BinarySearch(sorted, p)
		rows[i] = int32(at)
	}
	return vec.Concat(parts, Types(t.scan.cols)).Gather(rows), nil
}

// topWorker holds the keys of the best rows so far and, as the last column,
// their places.
type topWorker struct {
	t       *topScan
	keys    []sortKey
	conds   []*scanCond
	columns []int // that the keys read
	types   []table.Type
	cols    []vec.Column
	n       int
	scratch buffers
}

func newTopWorker(t *topScan) *topWorker {
	w := &topWorker{t: t, conds: cloneConds(t.conds)}
	used := make([]bool, t.scan.src.Schema().Len())
	for _, k := range t.keys {
		expr.Columns(k.e, used)
		k.e = k.e.Clone()
		w.keys = append(w.keys, k)
		w.types = append(w.types, k.e.Type())
	}
	for i, ok := range used {
		if ok {
			w.columns = append(w.columns, i)
		}
	}
	w.types = append(w.types, table.Long)
	w.cols = make([]vec.Column, len(w.types))
	return w
}

func (w *topWorker) run(ctx context.Context) error {
	for {
		i := int(w.t.next.Add(1)) - 1
		if i >= len(w.t.blocks) {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		b := w.t.order[i]
		if b.know && !w.t.unknown && w.beats(b) {
			return nil // nor has any block after it better rows
		}
		if err := w.look(b); err != nil {
			return err
		}
	}
}

// worst is the first key that a row must at least have to be among the best:
// lo to hi.
func (w *topWorker) worst() (lo, hi int64, ok bool) {
	c := w.cols[0]
	if w.n < w.t.limit || w.keys[0].e.Type().Physical() != table.Int64s || c.IsNull(w.n-1) {
		return 0, 0, false
	}
	v := c.Int64(w.n - 1)
	if w.keys[0].desc {
		return v, 1<<63 - 1, true
	}
	return -1 << 63, v, true
}

// beats reports that all the best rows so far are better than any of a block.
func (w *topWorker) beats(b promise) bool {
	lo, hi, full := w.worst()
	if !full || !b.know {
		return false
	}
	if w.keys[0].desc {
		return -1-b.best < lo
	}
	return b.best > hi
}

func (w *topWorker) look(b promise) error {
	if w.beats(b) {
		return nil
	}
	lo, hi, full := w.worst()
	r := newBlockReader(w.t.blocks[b.at], w.t.scan.src.Schema().Len(), &w.scratch)
	if err := r.filter(w.conds); err != nil || r.rows() == 0 {
		return err
	}
	in := &vec.Batch{Cols: make([]vec.Column, r.width), N: r.rows()}
	for _, i := range w.columns {
		c, err := r.column(i)
		if err != nil {
			return err
		}
		in.Cols[i] = c
	}
	cols := w.evalKeys(r, b.at, in)
	if a, ok := cols[0].Arr.(*array.Int64); ok && full && !cols[0].Const && a.NullN() == 0 {
		keep := vec.Between(a.Int64Values(), lo, hi, nil, r.buffer())
		in = (&vec.Batch{Cols: cols, N: in.N}).Gather(keep)
		cols = in.Cols
	}
	w.merge(cols, in.N)
	return nil
}

// evalKeys gives the keys of the rows that are left of a block, and their places.
func (w *topWorker) evalKeys(r *blockReader, at int, in *vec.Batch) []vec.Column {
	cols := make([]vec.Column, 0, len(w.types))
	for _, k := range w.keys {
		cols = append(cols, k.e.Eval(in))
	}
	places := placesOf(r, place(at, 0), make([]int64, 0, in.N))
	return append(cols, vec.Column{Arr: vec.NewInt64s(places, nil)})
}

// merge takes rows in and keeps the best.
func (w *topWorker) merge(cols []vec.Column, n int) {
	if n == 0 {
		return
	}
	b := w.first(&vec.Batch{Cols: cols, N: n})
	if w.n > 0 {
		b = w.first(vec.Concat([]*vec.Batch{{Cols: w.cols, N: w.n}, b}, w.types))
	}
	w.cols, w.n = b.Cols, b.N
}

// first gives the best rows of a batch in order.
func (w *topWorker) first(b *vec.Batch) *vec.Batch {
	keys := make([]vec.Key, len(w.keys), len(w.types))
	for i, k := range w.keys {
		keys[i] = vec.Key{Col: b.Cols[i], Type: w.types[i], Desc: k.desc, NullsFirst: k.nullsFirst}
	}
	keys = append(keys, vec.Key{Col: b.Cols[len(keys)], Type: table.Long})
	return b.Gather(vec.Top(keys, b.N, w.t.limit))
}
