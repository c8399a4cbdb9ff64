// Package op holds the operators of a query: for each, how it is bound from
// the tree (bind), what it is (a Node), and how it runs (a Stream).
//
// A Node is an immutable plan. A Stream is one run of it, used by one
// goroutine. Rows flow in batches, pulled from the top.
package op

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"tidemark/engine/expr"
	"tidemark/engine/spill"
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
	Numbers *vec.Numberings // of the columns of tables; nil: none are kept
	Spill   *spill.Space    // for what exceeds the budget; nil where there is none
	Stats   *Stats
	// NoPruning reads all rows of tables; tests compare.
	NoPruning bool
}

// Stats counts what a query did. Fields are updated by many goroutines.
type Stats struct {
	RowsScanned, ExtentsTotal, ExtentsScanned, BytesRead atomic.Int64
	Start                                                time.Time

	mu     sync.Mutex
	pruned table.Pruned
	reads  []tableRead
}

// tableRead is what a step has read of its table.
type tableRead struct {
	node  *scan
	stats table.ScanStats
}

// Pruned counts what the scans so far have passed over.
func (s *Stats) Pruned() table.Pruned {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pruned
}

// add notes what a scan did.
func (s *Stats) add(n *scan, d table.ScanStats) {
	s.RowsScanned.Add(d.RowsScanned)
	s.ExtentsTotal.Add(d.ExtentsTotal)
	s.ExtentsScanned.Add(d.ExtentsScanned)
	s.BytesRead.Add(d.BytesRead)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pruned.Add(d.Pruned)
	s.reads = append(s.reads, tableRead{n, d})
}

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
