package op

import (
	"context"
	"fmt"
	"io"
	"slices"

	"tidemark/engine/agg"
	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// groupColumn carries the number of a row's group, always as the last column.
var groupColumn = table.Column{Name: "$group", Type: table.Long, Hidden: true}

// grouping rewrites a subplan for one group into a plan for all groups at once.
// Steps that look at single rows pass the group on; those that look at several
// keep to the rows of a group.
type grouping struct {
	from, to *slot
	count    *groupCount
}

func groupRef(in Node) expr.Expr {
	return &expr.Column{Index: len(in.Columns()) - 1, T: table.Long, Name: groupColumn.Name}
}

func withGroup(cols []table.Column) []table.Column { return append(slices.Clone(cols), groupColumn) }

// rewrite gives the plan for all groups; false where a step of it needs to run
// for each group by itself.
func (g *grouping) rewrite(n Node) (Node, bool) {
	if s, ok := n.(*slot); ok {
		return g.to, s == g.from
	}
	var in []Node
	for _, x := range n.Inputs() {
		y, ok := g.rewrite(x)
		if !ok {
			return nil, false
		}
		in = append(in, y)
	}
	switch n := n.(type) {
	case *filter:
		return &filter{in: in[0], conds: n.conds}, true
	case *project:
		if slices.ContainsFunc(n.exprs, expr.IsWindow) {
			return nil, false
		}
		return &project{in: in[0], cols: withGroup(n.cols), exprs: append(slices.Clone(n.exprs), groupRef(in[0]))}, true
	case *mvExpand:
		out := *n
		out.in, out.cols, out.out = in[0], withGroup(n.cols), append(slices.Clone(n.out), len(in[0].Columns())-1)
		return &out, true
	case *parseText:
		out := *n
		out.in, out.cols, out.out = in[0], withGroup(n.cols), append(slices.Clone(n.out), len(in[0].Columns())-1)
		return &out, true
	case *union:
		return &union{cols: withGroup(n.cols), in: in}, len(in) > 0
	case *take:
		return &groupTake{in: in[0], limit: n.limit, count: g.count}, true
	case *sorted:
		if n.limit < 0 {
			return &sorted{in: in[0], keys: n.keys, limit: -1}, true
		}
		return &groupTop{in: in[0], keys: n.keys, limit: n.limit}, true
	case *aggregate:
		return g.aggregate(n, in[0]), true
	}
	return nil, false
}

// aggregate makes the group a key. Without keys there is a row even for a
// group that has none.
func (g *grouping) aggregate(n *aggregate, in Node) Node {
	if len(n.keys) == 0 {
		return &groupAggregate{in: in, aggs: n.aggs, count: g.count}
	}
	at := len(n.keys)
	a := &aggregate{in: in, keys: append(slices.Clone(n.keys), groupRef(in)), cols: withGroup(n.cols), aggs: n.aggs}
	p := &project{in: a, cols: withGroup(n.Columns())}
	refs := columnRefs(a.Columns())
	p.exprs = append(append(append(p.exprs, refs[:at]...), refs[at+1:]...), refs[at])
	return p
}

// groupAggregate aggregates the rows of each group.
type groupAggregate struct {
	in    Node
	aggs  []aggregation
	count *groupCount
}

func (n *groupAggregate) Columns() []table.Column {
	var out []table.Column
	for _, x := range n.aggs {
		out = append(out, x.cols...)
	}
	return withGroup(out)
}

func (n *groupAggregate) Inputs() []Node         { return []Node{n.in} }
func (n *groupAggregate) Prune(need []bool) Node { return narrow(n, need) }
func (n *groupAggregate) String() string         { return "summarize each group" }

func (n *groupAggregate) WithInputs(in []Node) Node {
	return &groupAggregate{in: in[0], aggs: n.aggs, count: n.count}
}

func (n *groupAggregate) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := n.in.Open(ctx, env)
	return &groupAggregateStream{node: n, in: in}, err
}

type groupAggregateStream struct {
	node *groupAggregate
	in   Stream
	done bool
}

func (s *groupAggregateStream) Close() error { return s.in.Close() }

func (s *groupAggregateStream) Next(ctx context.Context) (*vec.Batch, error) {
	if s.done {
		return nil, io.EOF
	}
	s.done = true
	n := s.node.count.n
	states := make([]agg.State, len(s.node.aggs))
	args := make([][]expr.Expr, len(states))
	for i, x := range s.node.aggs {
		states[i], args[i] = x.make(), clones(x.args)
		states[i].Grow(n)
	}
	for {
		b, err := s.in.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if b.N == 0 {
			continue
		}
		ids := groupIDs(b)
		for i, state := range states {
			state.Add(ids, evalAll(args[i], b), b.N)
		}
	}
	out := &vec.Batch{N: n}
	for _, state := range states {
		out.Cols = append(out.Cols, state.Results()...)
	}
	all := make([]int64, n)
	for i := range all {
		all[i] = int64(i)
	}
	out.Cols = append(out.Cols, vec.Column{Arr: vec.NewInt64s(all, nil)})
	return out, nil
}

// groupTake keeps the first rows of each group.
type groupTake struct {
	in    Node
	limit int64
	count *groupCount
}

func (n *groupTake) Columns() []table.Column { return n.in.Columns() }
func (n *groupTake) Inputs() []Node          { return []Node{n.in} }
func (n *groupTake) Prune(need []bool) Node  { return narrow(n, need) }
func (n *groupTake) String() string          { return fmt.Sprintf("take %d of each group", n.limit) }

func (n *groupTake) WithInputs(in []Node) Node {
	return &groupTake{in: in[0], limit: n.limit, count: n.count}
}

func (n *groupTake) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := n.in.Open(ctx, env)
	return &groupTakeStream{Stream: in, node: n, taken: make([]int64, n.count.n)}, err
}

type groupTakeStream struct {
	Stream
	node  *groupTake
	taken []int64
}

func (s *groupTakeStream) Next(ctx context.Context) (*vec.Batch, error) {
	b, err := s.Stream.Next(ctx)
	if err != nil {
		return nil, err
	}
	keep := make([]int32, 0, b.N)
	for row, id := range groupIDs(b) {
		if s.taken[id] < s.node.limit {
			s.taken[id]++
			keep = append(keep, int32(row))
		}
	}
	if len(keep) == b.N {
		return b, nil
	}
	return b.Gather(keep), nil
}

// groupTop keeps the first rows of each group in an order.
type groupTop struct {
	in    Node
	keys  []sortKey
	limit int64
}

func (n *groupTop) Columns() []table.Column { return n.in.Columns() }
func (n *groupTop) Inputs() []Node          { return []Node{n.in} }
func (n *groupTop) Prune(need []bool) Node  { return narrow(n, need) }
func (n *groupTop) String() string          { return fmt.Sprintf("top %d of each group", n.limit) }

func (n *groupTop) WithInputs(in []Node) Node {
	return &groupTop{in: in[0], keys: n.keys, limit: n.limit}
}

func (n *groupTop) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := n.in.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	keys := []sortKey{{e: groupRef(n.in)}}
	for _, k := range n.keys {
		k.e = k.e.Clone()
		keys = append(keys, k)
	}
	return &bufferStream{env: env, name: "top", in: in, types: Types(n.Columns()), order: func(b *vec.Batch) *vec.Batch {
		rows := order(b, keys)
		ids := groupIDs(b)
		keep := rows[:0]
		last, taken := int32(-1), int64(0)
		for _, row := range rows {
			if ids[row] != last {
				last, taken = ids[row], 0
			}
			if taken < n.limit {
				taken++
				keep = append(keep, row)
			}
		}
		return b.Gather(keep)
	}}, nil
}
