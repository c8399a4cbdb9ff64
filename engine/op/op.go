// Package op holds the operators of a query: for each, how it is bound from
// the tree (bind), what it is (a Node), and how it runs (a Stream).
//
// A Node is an immutable plan. A Stream is one run of it, used by one
// goroutine. Rows flow in batches, pulled from the top.
package op

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"time"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// Node is a step of a plan.
type Node interface {
	// Columns are the columns of its rows.
	Columns() []table.Column
	// Inputs are the steps that it reads.
	Inputs() []Node
	// WithInputs returns the step over other inputs with the same columns.
	WithInputs(in []Node) Node
	// Prune returns a step that gives just the columns where need is true, in
	// the same order.
	Prune(need []bool) Node
	// String says in a line what the step does, for plans.
	String() string
	// Open begins a run.
	Open(ctx context.Context, env *Env) (Stream, error)
}

// Stream gives the rows of a run batch by batch.
type Stream interface {
	// Next returns the next batch, or io.EOF after the last. Batches may be
	// empty.
	Next(ctx context.Context) (*vec.Batch, error)
	// Close ends the run; it may be called at any time and more than once.
	Close() error
}

// splitter is a node whose work several goroutines can share: OpenN returns n
// streams that together give the rows of one run.
type splitter interface {
	OpenN(ctx context.Context, env *Env, n int) ([]Stream, error)
}

// Env is what a run needs besides its plan.
type Env struct {
	Threads int
	Rows    int // rows of a batch that operators make themselves
	Budget  *Budget
	Stats   *Stats
}

// Stats counts what a query did. Fields are updated by many goroutines.
type Stats struct {
	RowsScanned, ExtentsTotal, ExtentsScanned, BytesRead atomic.Int64
	Start                                                time.Time
}

func (s *Stats) add(d table.ScanStats) {
	s.RowsScanned.Add(d.RowsScanned)
	s.ExtentsTotal.Add(d.ExtentsTotal)
	s.ExtentsScanned.Add(d.ExtentsScanned)
	s.BytesRead.Add(d.BytesRead)
}

// Budget is the memory that the buffering operators of a database's queries
// may hold together.
type Budget struct {
	limit int64
	used  atomic.Int64
	peak  atomic.Int64
}

// NewBudget makes a budget of so many bytes; 0 means no limit.
func NewBudget(limit int64) *Budget { return &Budget{limit: limit} }

// MemoryError says that a query needed more memory than it may have.
type MemoryError struct {
	Operator    string
	Used, Limit int64
}

func (e *MemoryError) Error() string {
	return fmt.Sprintf("%s needs more memory than the budget of %d MiB allows (%d MiB in use); narrow the query or raise the budget with --memory",
		e.Operator, e.Limit>>20, e.Used>>20)
}

// reservation is what one operator holds of a budget.
type reservation struct {
	budget   *Budget
	operator string
	held     int64
}

func (b *Budget) reserve(operator string) *reservation {
	return &reservation{budget: b, operator: operator}
}

// set changes what the operator holds to n bytes.
func (r *reservation) set(n int64) error {
	d := n - r.held
	if d > 0 && d < 1<<20 && n > 1<<20 {
		return nil // in steps of 1 MiB
	}
	used := r.budget.used.Add(d)
	if d > 0 && r.budget.limit > 0 && used > r.budget.limit {
		r.budget.used.Add(-d)
		return &MemoryError{Operator: r.operator, Used: used, Limit: r.budget.limit}
	}
	r.held = n
	for {
		p := r.budget.peak.Load()
		if used <= p || r.budget.peak.CompareAndSwap(p, used) {
			return nil
		}
	}
}

func (r *reservation) release() {
	r.budget.used.Add(-r.held)
	r.held = 0
}

// Peak is the most memory that was reserved at once, in bytes.
func (b *Budget) Peak() int64 { return b.peak.Load() }

// ResetPeak begins a new measurement of the peak.
func (b *Budget) ResetPeak() { b.peak.Store(b.used.Load()) }

// Walk calls f for the node and all below it, inputs first, and rebuilds the
// plan from what f returns.
func Walk(n Node, f func(Node) Node) Node {
	in := n.Inputs()
	if len(in) > 0 {
		out := make([]Node, len(in))
		changed := false
		for i, x := range in {
			out[i] = Walk(x, f)
			changed = changed || out[i] != x
		}
		if changed {
			n = n.WithInputs(out)
		}
	}
	return f(n)
}

// Explain draws the plan, a step a line, inputs indented below.
func Explain(n Node) string {
	var b strings.Builder
	explain(&b, n, 0)
	return b.String()
}

func explain(b *strings.Builder, n Node, depth int) {
	fmt.Fprintf(b, "%s%s\n", strings.Repeat("  ", depth), n)
	for _, in := range n.Inputs() {
		explain(b, in, depth+1)
	}
}

// Types returns the types of columns.
func Types(cols []table.Column) []table.Type {
	out := make([]table.Type, len(cols))
	for i, c := range cols {
		out[i] = c.Type
	}
	return out
}

// pick returns the columns where need is true.
func pick[T any](v []T, need []bool) []T {
	out := make([]T, 0, len(v))
	for i, x := range v {
		if need[i] {
			out = append(out, x)
		}
	}
	return out
}

// renumber maps each place to its place among those where need is true.
func renumber(need []bool) []int {
	to := make([]int, len(need))
	n := 0
	for i, ok := range need {
		to[i] = -1
		if ok {
			to[i] = n
			n++
		}
	}
	return to
}

func allTrue(need []bool) bool {
	for _, ok := range need {
		if !ok {
			return false
		}
	}
	return true
}

func everything(n int) []bool {
	out := make([]bool, n)
	for i := range out {
		out[i] = true
	}
	return out
}

// narrow puts a projection over n that keeps the columns where need is true.
func narrow(n Node, need []bool) Node {
	if allTrue(need) {
		return n
	}
	p := &project{in: n}
	for i, c := range n.Columns() {
		if need[i] {
			p.cols = append(p.cols, c)
			p.exprs = append(p.exprs, &expr.Column{Index: i, T: c.Type, Name: c.Name})
		}
	}
	return p
}

// columnRefs returns an expression for each column.
func columnRefs(cols []table.Column) []expr.Expr {
	out := make([]expr.Expr, len(cols))
	for i, c := range cols {
		out[i] = &expr.Column{Index: i, T: c.Type, Name: c.Name}
	}
	return out
}

func clones(es []expr.Expr) []expr.Expr {
	out := make([]expr.Expr, len(es))
	for i, e := range es {
		out[i] = e.Clone()
	}
	return out
}

// drain reads all of a stream and closes it. hold is told the memory held.
func drain(ctx context.Context, s Stream, r *reservation) ([]*vec.Batch, error) {
	defer s.Close()
	var out []*vec.Batch
	var size int64
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
		out = append(out, b)
		size += BatchSize(b)
		if err := r.set(size); err != nil {
			return nil, err
		}
	}
}

// BatchSize is about how many bytes a batch holds; dictionaries are shared
// and not counted.
func BatchSize(b *vec.Batch) int64 {
	var n int64
	for _, c := range b.Cols {
		if c.Const {
			continue
		}
		for _, buf := range c.Arr.Data().Buffers() {
			if buf != nil {
				n += int64(buf.Len())
			}
		}
	}
	return n
}
