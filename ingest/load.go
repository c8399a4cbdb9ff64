package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
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

// begin finds out the format and prepares to read it. It returns no framer for
// an empty input.
func (l *load) begin(ctx context.Context) (*framer, func() decoder, error) {
	f := &framer{
		pump: l.pump, source: l.options.Source, line: 1, recycle: make(chan []byte, l.options.Decoders+1),
		maxRows: l.options.BatchRows, maxBytes: l.options.BatchBytes, wait: l.options.BatchWait,
	}
	var prefix []byte
	var err error
	if l.place != nil {
		prefix = l.place.resume(f)
	} else {
		if prefix, err = l.prefix(ctx); err != nil {
			return nil, nil, err
		}
		if f.buf = prefix; len(trim(prefix)) == 0 && l.pump.err == io.EOF {
			return nil, nil, nil
		}
	}
	format, err := l.format(prefix)
	if err != nil {
		return nil, nil, err
	}
	l.stats.Format = format.Name
	if t := l.options.Table; t != "" {
		if p, _ := l.plans.get(t); p == nil {
			return nil, nil, fmt.Errorf("there is no table %q", t)
		}
	}
	s, newDecoder, err := format.start(l.env, prefix)
	if err != nil {
		return nil, nil, err
	}
	f.splitter = s
	if format.lists {
		f.maxBytes = min(f.maxBytes, listBatchBytes)
	}
	if l.place != nil {
		err = l.place.start(format, s)
	}
	return f, newDecoder, err
}

// prefixBytes is how much of the input detection sees.
const prefixBytes = 64 << 10

// prefix reads the beginning of the input. Where records come slowly it is
// content with the first line and what there is behind it.
func (l *load) prefix(ctx context.Context) ([]byte, error) {
	var buf []byte
	for len(buf) < prefixBytes {
		wait := time.Duration(0)
		if bytes.IndexByte(bytes.TrimLeft(buf, " \t\r\n"), '\n') >= 0 {
			wait = l.options.BatchWait
		}
		var err error
		if buf, err = l.pump.more(ctx, buf, wait); err == errIdle || err == io.EOF {
			break
		} else if err != nil && (ctx.Err() != nil || len(buf) == 0) {
			return nil, err
		} else if err != nil {
			break // the framer will come across it again
		}
	}
	return buf, nil
}

func (l *load) format(prefix []byte) (Format, error) {
	if m := l.options.Mapping; m != nil {
		return m.format(), nil
	}
	name := l.options.Format
	if l.place != nil && l.place.at.Format != "" {
		name = l.place.at.Format
	}
	if name != "" {
		f, ok := Lookup(name)
		if !ok {
			return f, fmt.Errorf("there is no format %q; there are %v", name, FormatNames())
		}
		return f, nil
	}
	f, err := Detect(prefix)
	if err != nil && l.options.Table != "" {
		// With a table at hand, any header line that names its columns will do.
		if h, bad := l.csvHeader(prefix); bad == nil && h != nil {
			return csvFormat, nil
		}
	}
	return f, err
}

// decode decodes the records of a job.
func (l *load) decode(d decoder, j *job) {
	c := j.chunk
	w := &writer{env: l.env, rejects: c.rejects, now: table.FromGo(l.options.Now())}
	j.rows, j.upTo = w, c.next
	for i, s := range c.records {
		record := c.buf[s.start:s.end:s.end]
		w.line, w.offset, w.cut = s.line, c.offset+int64(s.start), s.cut
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

// rows is how many rows and lists there are.
func (w *writer) rows() int {
	n := len(w.lists)
	for _, r := range w.tables {
		n += r.n
	}
	return n
}

// commit stores the rows of a job and counts them. Lists that do not fit into a
// batch go ahead, the rest comes together in the last.
func (l *load) commit(ctx context.Context, j *job, reuse func(*chunk)) error {
	w := j.rows
	var next position
	var keys []string
	var err error
	if l.place != nil {
		if next, keys, err = l.place.advance(j.chunk, j.upTo); err != nil {
			return err
		}
		reuse(j.chunk)
	}
	decoded := w.tables
	for last := false; !last; {
		w.tables = nil
		b, dropped, err := l.loader.commit(ctx, w, keys, map[string][]byte{}, func(marks map[string][]byte) error {
			if err := l.compare(ctx, w, marks); err != nil {
				return err
			}
			if last = len(w.lists) == 0; !last {
				return nil
			}
			w.tables = append(decoded, w.tables...)
			slices.SortStableFunc(w.rejects, func(a, b Reject) int { return int(a.Line - b.Line) })
			given := w.rows()
			l.failures.add(w, l.stats.Format)
			if l.place == nil {
				return nil
			}
			next.Rows += int64(given)
			next.Rejected += int64(len(w.rejects))
			next.At = l.options.Now()
			return l.place.mark(l.loader, next, marks)
		})
		if err != nil {
			return err
		}
		if len(b.Parts) > 0 || len(b.Marks) > 0 {
			l.stats.Batches++
		}
		for _, p := range b.Parts {
			if p.Table != table.IngestionFailures {
				l.stats.RowsIn += p.Rows.NumRows()
				l.stats.Tables[p.Table] += p.Rows.NumRows()
			}
		}
		l.stats.RowsDuplicate += int64(dropped)
	}
	if l.place != nil {
		l.place.at, l.place.top = next, l.place.trail.top
	}
	for what, n := range w.passed {
		l.stats.Passed[what] += n
	}
	l.stats.BytesIn, l.stats.FileBytes = j.upTo.offset-l.from, l.read.Load()
	if err := l.rejected(w.rejects); err != nil {
		return err
	}
	if l.options.Progress != nil {
		l.options.Progress(l.stats.clone())
	}
	return nil
}

// compare compares the lists of w, or as many of them as fit into a batch, and
// takes them out of w. Lists may go ahead of the rest of their records: read
// again, they change nothing.
func (l *load) compare(ctx context.Context, w *writer, marks map[string][]byte) error {
	t := &tracker{dst: l.loader.dst}
	for len(w.lists) > 0 && t.size < marksAhead {
		n := w.lists[0]
		w.lists, w.line = w.lists[1:], n.line
		if err := t.compare(ctx, n, w, marks); err != nil {
			return err
		}
	}
	return nil
}

// rejected counts the rejected records and writes them where the caller wants
// them.
func (l *load) rejected(rejects []Reject) error {
	var out []byte
	for _, r := range rejects {
		l.stats.RowsRejected++
		l.stats.Reasons[r.Class]++
		if len(l.stats.Rejects) < keptRejects {
			l.stats.Rejects = append(l.stats.Rejects, r)
		}
		if l.options.Rejects != nil {
			out = r.appendJSON(out)
		}
	}
	if len(out) > 0 {
		if _, err := l.options.Rejects.Write(out); err != nil {
			return fmt.Errorf("write rejected records: %w", err)
		}
	}
	return nil
}

func appendInt(b []byte, v int64) []byte { return strconv.AppendInt(b, v, 10) }
