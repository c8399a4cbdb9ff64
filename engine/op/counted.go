package op

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/agg"
	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// countedBlock is rows that satisfy all conditions of a scan, of which only
// numbers are known.
type countedBlock interface {
	table.Block
	// Counts returns the values of the column that the scan is asked to count
	// by, and how many rows have each; none where it is asked for Rows alone.
	Counts() (values *array.String, n []int64)
}

// counting returns the scan that the aggregation reads and what it wants of it,
// where that is nothing but numbers of rows: of all, or by a column of strings.
func (a *aggregate) counting() (*scan, *table.Count) {
	s, ok := a.in.(*scan)
	if !ok || len(a.keys) > 1 {
		return nil, nil
	}
	for _, x := range a.aggs {
		if len(x.args) > 0 {
			return nil, nil
		}
		if _, ok := x.make().(agg.Counter); !ok {
			return nil, nil
		}
	}
	count := &table.Count{By: -1}
	if len(a.keys) == 1 {
		key, ok := a.keys[0].(*expr.Column)
		if !ok || key.T != table.String {
			return nil, nil
		}
		count.By = s.read[key.Index]
	}
	return s, count
}

// openInput opens what the aggregation reads.
func (a *aggregate) openInput(ctx context.Context, env *Env) ([]Stream, error) {
	s, count := a.counting()
	if s == nil {
		return openN(ctx, env, env.Threads, a.in)
	}
	rows, err := s.begin(ctx, env, count)
	if err != nil {
		return nil, err
	}
	return s.streams(rows, env, env.Threads), nil
}

// addCounted adds rows that are only counted to the one group there is.
func (g *groups) addCounted(b countedBlock) {
	g.addCounts(vec.OneGroup(1), []int64{int64(b.Rows())})
}

// addCounted takes the numbers of a dictionary's values as they are.
func (c *codeCounts) addCounted(b countedBlock) {
	c.flush()
	c.values, c.n = b.Counts()
	c.flush()
}
