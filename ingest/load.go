package ingest

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"tidemark/table"
)

// Load reads records from r and stores them, batch by batch. A record that
// cannot be read is counted and passed over; the error says why the load as a
// whole could not begin or go on. Batches committed before the error stay:
// Stats counts them.
//
// When ctx ends, Load finishes the batch that is being committed and returns
// ctx's error. A Read of r that is under way then is left to end by itself, so
// r must not be used again.
func (l *Loader) Load(ctx context.Context, r io.Reader, o Options) (Stats, error) {
	ld := newLoad(l, o)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	counted := &countingReader{r: r}
	ld.read = &counted.n
	in, done, err := open(counted)
	if err != nil {
		return ld.stats, err
	}
	ld.pump = newPump(ctx, in, done)
	err = ld.run(ctx)
	ld.stats.BytesIn = ld.pump.total
	err = errors.Join(err, ld.endFailures(ctx))
	ld.stats.FailuresLeftOut, ld.stats.FileBytes = ld.failures.total, counted.n.Load()
	return ld.stats, err
}

// countingReader counts what is read, which happens in another goroutine.
type countingReader struct {
	r io.Reader
	n atomic.Int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// Load loads from r into a database that nothing else loads into meanwhile.
// See Loader.Load.
func Load(ctx context.Context, dst Destination, r io.Reader, o Options) (Stats, error) {
	return NewLoader(dst).Load(ctx, r, o)
}

func newLoad(l *Loader, o Options) *load {
	o = o.withDefaults()
	return &load{
		loader: l,
		env:    &env{options: o, plans: newPlans(l.dst), began: table.FromGo(o.Now())},
		stats:  newStats(),

		failures: failures{most: int64(o.MaxFailures)},
	}
}

func (o Options) withDefaults() Options {
	set := func(v *int, def int) {
		if *v <= 0 {
			*v = def
		}
	}
	set(&o.BatchRows, defaultBatchRows)
	set(&o.BatchBytes, defaultBatchBytes)
	set(&o.Decoders, runtime.GOMAXPROCS(0))
	if o.MaxFailures == 0 {
		o.MaxFailures = failuresAnHour
	}
	o.BatchRows = min(o.BatchRows, maxBatchRows)
	o.BatchBytes = min(o.BatchBytes, 64<<20)
	if o.BatchWait <= 0 {
		o.BatchWait = defaultBatchWait
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// load is the state of one Load, but for what framing and decoding own.
type load struct {
	*env
	loader *Loader
	pump   *pump
	place  *place        // nil for an input whose position is not kept
	read   *atomic.Int64 // bytes of the input as it is
	from   int64         // where the load began in the input
	stats  Stats

	failures failures
}

// job is a chunk on its way from the framer through a decoder to the commit.
type job struct {
	chunk *chunk
	rows  *writer
	upTo  resume // the end of the chunk, or its last record where that waits for more
	done  chan struct{}
}

// run frames in one goroutine, decodes in several, and commits in order in
// this one. The queues hold as many chunks as there are decoders, which bounds
// the memory.
func (l *load) run(ctx context.Context) error {
	f, newDecoder, err := l.begin(ctx)
	if err != nil || f == nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop(errors.New("the load has ended"))
	work, order := make(chan *job), make(chan *job, l.options.Decoders)
	failed := make(chan error, 1)
	wg.Go(func() {
		defer close(work)
		defer close(order)
		failed <- feed(ctx, f, work, order)
	})
	for range l.options.Decoders {
		wg.Go(func() {
			d := newDecoder()
			for j := range work {
				l.decode(d, j)
				if l.place == nil {
					f.reuse(j.chunk)
				}
				close(j.done)
			}
		})
	}
	for j := range order {
		select {
		case <-j.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		if err := l.commit(ctx, j, f.reuse); err != nil {
			return err
		}
	}
	return <-failed
}

// feed hands chunks to the decoders, and in the same order to the commit.
func feed(ctx context.Context, f *framer, work, order chan<- *job) error {
	for {
		c, err := f.next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		j := &job{chunk: c, done: make(chan struct{})}
		for _, ch := range []chan<- *job{order, work} {
			select {
			case ch <- j:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
}

// decode decodes the records of a job.
func (l *load) decode(d decoder, j *job) {
	c := j.chunk
	w := &writer{env: l.env, rejects: c.rejects, now: table.FromGo(l.options.Now())}
	if l.place != nil {
		w.again = l.place.again
	}
	j.rows, j.upTo = w, c.next
	for i, s := range c.records {
		record := c.buf[s.start:s.end:s.end]
		w.line, w.offset, w.cut = s.line, c.offset+int64(s.start), s.cut
		w.skip()
		before := w.rows()
		err := decodeRecord(d, s.header, record, w)
		if err != nil && c.tail != nil && i == len(c.records)-1 && l.place != nil && l.place.holds && w.rows() == before {
			j.upTo = *c.tail // it may not have been written to its end
			break
		}
		w.reject(record, err)
	}
	if h, ok := d.(holder); ok {
		h.release(w)
	}
	for _, r := range w.tables {
		l.plans.like(r)
	}
}

// decodeRecord turns a panic, which a record must not cause, into an error.
func decodeRecord(d decoder, header any, record []byte, w *writer) (err error) {
	defer func() {
		if p := recover(); p != nil {
			for _, r := range w.tables {
				r.abandon()
			}
			err = reject(Internal, "BUG: %v", p)
		}
	}()
	return d.decode(header, record, w)
}

// skip prepares the tables for the record under way where its rows may be there.
func (w *writer) skip() {
	if w.again == nil {
		return
	}
	for _, r := range w.tables {
		r.skip = w.again.passes(w.offset, r.table)
	}
}

// rows is how many rows and lists there are.
func (w *writer) rows() int {
	n := len(w.lists)
	for _, r := range w.tables {
		n += r.n + r.skipped
	}
	return n
}
