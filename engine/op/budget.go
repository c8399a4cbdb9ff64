package op

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"tidemark/engine/vec"
	"tidemark/internal/huge"
)

// Budget is the memory that the queries of a database may hold together: what
// their operators keep.
//
// Who can go on with less memory (sort, summarize, join, materialize: they put
// rows into temporary files) gets a share that leaves room for the next one to
// come, and a little even where all is taken. All others get what there is, or
// an error.
type Budget struct {
	limit    int64
	used     atomic.Int64
	peak     atomic.Int64
	spillers atomic.Int64 // reservations of those who can go on with less
	changed  func()
}

// NewBudget makes a budget of so many bytes; 0 means no limit.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

// Watch calls f whenever the memory held has changed. It is called before the
// first query; f may be called by several goroutines at once.
func (b *Budget) Watch(f func()) { b.changed = f }

// Limit is how many bytes there are in all; 0 means no limit.
func (b *Budget) Limit() int64 { return b.limit }

// Used is how many bytes the operators of all queries hold.
func (b *Budget) Used() int64 { return b.used.Load() }

// Peak is the most memory that was reserved at once, in bytes.
func (b *Budget) Peak() int64 { return b.peak.Load() }

// ResetPeak begins a new measurement of the peak.
func (b *Budget) ResetPeak() { b.peak.Store(b.used.Load()) }

// MemoryError says that a query needed more memory than it may have.
type MemoryError struct {
	Operator    string
	Used, Limit int64
}

func (e *MemoryError) Error() string {
	return fmt.Sprintf("%s needs more memory than the budget of %s allows (%s in use); narrow the query or raise the budget with --memory",
		e.Operator, bytesText(e.Limit), bytesText(e.Used))
}

func bytesText(n int64) string {
	if n < 10<<20 {
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}

// reservation is what one operator holds of a budget.
type reservation struct {
	budget   *Budget
	operator string
	held     int64
	spills   bool
}

// reserve is for an operator that cannot go on without the memory it asks for.
func (b *Budget) reserve(operator string) *reservation {
	return &reservation{budget: b, operator: operator}
}

// reserveSome is for an operator that puts what it holds into a file when it is
// refused more.
func (b *Budget) reserveSome(operator string) *reservation {
	b.spillers.Add(1)
	return &reservation{budget: b, operator: operator, spills: true}
}

// step is how much is asked for at a time: what is less is not worth counting.
func (b *Budget) step() int64 {
	if b.limit == 0 {
		return 1 << 20
	}
	return min(1<<20, b.limit/64)
}

// least is what everyone gets who can go on with less.
func (b *Budget) least() int64 { return min(1<<20, b.limit/32) }

// share is the most that one of those gets; one more of them would still find
// as much. It is no figure where there is no limit.
func (b *Budget) share() int64 { return max(b.least(), b.limit/(b.spillers.Load()+1)) }

// set changes what the operator holds to n bytes, or refuses it.
func (r *reservation) set(n int64) error {
	d := n - r.held
	if d > 0 && d < r.budget.step() && r.held > 0 {
		return nil
	}
	used := r.budget.used.Add(d)
	if d > 0 && r.budget.limit > 0 && r.refused(n, used) {
		r.budget.used.Add(-d)
		return &MemoryError{Operator: r.operator, Used: used - d, Limit: r.budget.limit}
	}
	r.hold(n, used)
	if d > 0 {
		huge.Heap()
	}
	return nil
}

func (r *reservation) refused(n, used int64) bool {
	b := r.budget
	if r.spills {
		return n > b.least() && (used > b.limit || n > b.share())
	}
	return used > b.limit
}

// setAll is set without regard to what is left for others.
func (r *reservation) setAll(n int64) error {
	was := r.spills
	r.spills = false
	err := r.set(n)
	r.spills = was
	return err
}

// force is set for the little memory that is needed to use less: buffers for
// files, or a single row that is large. It counts, and is never refused.
func (r *reservation) force(n int64) { r.hold(n, r.budget.used.Add(n-r.held)) }

func (r *reservation) hold(n, used int64) {
	b := r.budget
	grows := n > r.held
	if n != r.held && b.changed != nil {
		b.changed()
	}
	r.held = n
	if !grows {
		return
	}
	for p := b.peak.Load(); used > p && !b.peak.CompareAndSwap(p, used); p = b.peak.Load() {
	}
}

// release gives everything back; the reservation is not used any more.
func (r *reservation) release() {
	r.budget.used.Add(-r.held)
	if r.held > 0 && r.budget.changed != nil {
		r.budget.changed()
	}
	r.held = 0
	if r.spills {
		r.spills = false
		r.budget.spillers.Add(-1)
	}
}

// drain reads all of a stream and closes it. r is told the memory held.
func drain(ctx context.Context, s Stream, r *reservation) ([]*vec.Batch, error) {
	defer s.Close()
	var out []*vec.Batch
	var size int64
	var meter vec.Meter
	for {
		b, err := s.Next(ctx)
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if b.N == 0 {
			continue
		}
		b = b.Compact()
		out = append(out, b)
		size += meter.Add(b)
		if err := r.set(size); err != nil {
			return nil, err
		}
	}
}
