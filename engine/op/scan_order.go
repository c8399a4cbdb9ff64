package op

import (
	"context"
	"io"
	"sync"
	"sync/atomic"

	"tidemark/engine/vec"
	"tidemark/table"
)

// partedScan is a scan whose extents can be read apart.
type partedScan interface {
	// Parts gives a reader of the blocks of each extent, in the order of
	// extents. Each is used by one goroutine, and the scan's own Next not at
	// all any more. Nil where the scan cannot do it.
	Parts() []table.BlockReader
}

// orderedScan reads a table by several goroutines and gives the rows in the
// order that one would give them in: each goroutine takes the next extent, and
// the batches of the first that is not done are handed out. It is for those who
// read a scan alone, which would leave all cores but one idle.
type orderedScan struct {
	node  *scan
	env   *Env
	scan  table.Scan
	conds []*scanCond
	parts []table.BlockReader
	out   []chan scanned
	ahead chan struct{} // a place for each extent that is begun and not handed out

	working atomic.Int32 // goroutines that have extents to read

	mu     sync.Mutex
	taken  int // extents that a goroutine is at or has done
	at     int // the extent that is handed out
	cancel context.CancelFunc
	busy   sync.WaitGroup
	given  bool
	closed bool
}

// scanned is a batch, or why there is none.
type scanned struct {
	batch *vec.Batch
	err   error
}

// batchesAhead is how many batches of an extent wait to be handed out.
const batchesAhead = 4

// ordered reads the rows of a scan that was begun by several goroutines; nil
// where it cannot.
func (s *scan) ordered(rows table.Scan, env *Env) Stream {
	p, ok := rows.(partedScan)
	if !ok || env.Threads < 2 {
		return nil
	}
	parts := p.Parts()
	if len(parts) == 0 {
		return nil
	}
	o := &orderedScan{node: s, env: env, scan: rows, parts: parts, conds: scanConds(s.where, s.src.Schema().Len()),
		out: make([]chan scanned, len(parts)), ahead: make(chan struct{}, 2*env.Threads)}
	for i := range o.out {
		o.out[i] = make(chan scanned, batchesAhead)
	}
	return o
}

func (o *orderedScan) Next(ctx context.Context) (*vec.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !o.given && len(o.node.where) == 0 {
		// Whoever wants a few rows does not pay for those of other extents.
		o.given = true
		return o.first(ctx)
	}
	o.begin(ctx)
	for o.at < len(o.out) {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case s, ok := <-o.out[o.at]:
			if ok {
				return s.batch, s.err
			}
			o.at++
			<-o.ahead
		}
	}
	return nil, io.EOF
}

// first gives the first batch of the first extent.
func (o *orderedScan) first(ctx context.Context) (*vec.Batch, error) {
	w := o.worker()
	block, err := o.parts[0].Next(ctx)
	if err == io.EOF {
		return o.node.nothing(), nil
	}
	if err != nil {
		return nil, err
	}
	return w.batch(block)
}

func (o *orderedScan) worker() *scanStream {
	return &scanStream{node: o.node, where: cloneConds(o.conds), width: o.node.src.Schema().Len(), spare: func() int {
		return o.env.Threads - int(o.working.Load())
	}}
}

// begin starts the goroutines, at the first call.
func (o *orderedScan) begin(ctx context.Context) {
	if o.cancel != nil {
		return
	}
	// They go on until Close: each Next has a context of its own.
	ctx, o.cancel = context.WithCancel(context.WithoutCancel(ctx))
	for range min(o.env.Threads, len(o.parts)) {
		w := o.worker()
		o.busy.Add(1)
		o.working.Add(1)
		go func() {
			defer o.busy.Done()
			defer o.working.Add(-1)
			for o.extent(ctx, w) {
			}
		}()
	}
}

// extent reads the next extent; false where there is none.
func (o *orderedScan) extent(ctx context.Context, w *scanStream) bool {
	select {
	case o.ahead <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	o.mu.Lock()
	i := o.taken
	o.taken++
	o.mu.Unlock()
	if i >= len(o.parts) {
		return false
	}
	defer close(o.out[i])
	err := Guard(func() error { return o.readPart(ctx, w, i) })
	if err != nil && err != io.EOF {
		select {
		case o.out[i] <- scanned{err: err}:
		case <-ctx.Done():
		}
	}
	return err == io.EOF
}

// readPart gives the rows of an extent, until io.EOF.
func (o *orderedScan) readPart(ctx context.Context, w *scanStream, i int) error {
	for {
		block, err := o.parts[i].Next(ctx)
		if err != nil {
			return err
		}
		b, err := w.batch(block)
		if err != nil {
			return err
		}
		if b.N == 0 {
			continue
		}
		select {
		case o.out[i] <- scanned{batch: b}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (o *orderedScan) Close() error {
	if o.closed {
		return nil
	}
	o.closed = true
	if o.cancel != nil {
		o.cancel()
		o.busy.Wait()
	}
	o.env.Stats.add(o.node, o.scan.Stats())
	return o.scan.Close()
}
