package op

import (
	"context"
	"io"
	"strings"

	"tidemark/engine/agg"
	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// topNested gives the top values of an expression by an aggregate, for each of
// them the top values of the next, and so on.
// See https://learn.microsoft.com/kusto/query/top-nested-operator
type topNested struct {
	in     Node
	levels []nestedLevel
	cols   []table.Column // a value and an aggregate for each level
}

// nestedLevel is one level of top-nested, bound.
type nestedLevel struct {
	limit  int64 // -1 for all
	of     expr.Expr
	others *expr.Const // the value of the row for the rest; nil where there is none
	aggs   []aggregation
	by     expr.Expr // over the results of aggs
	desc   bool
}

func (n *topNested) Columns() []table.Column { return n.cols }
func (n *topNested) Inputs() []Node          { return []Node{n.in} }

func (n *topNested) WithInputs(in []Node) Node {
	return &topNested{in: in[0], levels: n.levels, cols: n.cols}
}

// Prune drops the columns of the input that no level reads. All levels stay:
// each decides the rows.
func (n *topNested) Prune(need []bool) Node {
	used := make([]bool, len(n.in.Columns()))
	for _, l := range n.levels {
		expr.Columns(l.of, used)
		for _, x := range l.aggs {
			for _, e := range x.args {
				expr.Columns(e, used)
			}
		}
	}
	to := renumber(used)
	out := &topNested{in: n.in.Prune(used), cols: n.cols}
	for _, l := range n.levels {
		l.of = expr.Remap(l.of, to)
		aggs := make([]aggregation, len(l.aggs))
		for i, x := range l.aggs {
			args := make([]expr.Expr, len(x.args))
			for j, e := range x.args {
				args[j] = expr.Remap(e, to)
			}
			x.args = args
			aggs[i] = x
		}
		l.aggs = aggs
		out.levels = append(out.levels, l)
	}
	return narrow(out, need)
}

func (n *topNested) String() string {
	var parts []string
	for _, l := range n.levels {
		text := "top-nested "
		if l.limit >= 0 {
			text += itoa(int(l.limit)) + " "
		}
		parts = append(parts, text+"of "+l.of.String()+" by "+l.by.String())
	}
	return strings.Join(parts, ", ")
}

func (n *topNested) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := n.in.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	return &topNestedStream{node: n, env: env, in: in, held: env.Budget.reserve("top-nested")}, nil
}

type topNestedStream struct {
	node *topNested
	env  *Env
	in   Stream
	held *reservation
	done bool
}

func (s *topNestedStream) Close() error {
	s.held.release()
	return s.in.Close()
}

func (s *topNestedStream) Next(ctx context.Context) (*vec.Batch, error) {
	if s.done {
		return nil, io.EOF
	}
	s.done = true
	batches, err := drain(ctx, s.in, s.held)
	if err != nil || len(batches) == 0 {
		if err == nil {
			err = io.EOF
		}
		return nil, err
	}
	b := vec.Concat(batches, Types(s.node.in.Columns()))
	t := &nesting{in: b, row: make([]int32, b.N)}
	t.result = &vec.Batch{N: 1}
	for _, l := range s.node.levels {
		t.descend(l)
	}
	return t.result, nil
}

// nesting is the state between two levels.
type nesting struct {
	in     *vec.Batch
	row    []int32    // the result row that each input row belongs to; -1 for none
	result *vec.Batch // the rows of the levels so far
	rest   []bool     // the result rows that stand for others
}

// descend adds a level: each row so far becomes a row for each of its top
// values, and one for the others where they are asked for.
func (t *nesting) descend(l nestedLevel) {
	kept := make([]int32, 0, t.in.N)
	for row, r := range t.row {
		if r >= 0 {
			kept = append(kept, int32(row))
		}
	}
	in := t.in.Gather(kept)
	parent := make([]int32, in.N)
	wide := make([]int64, in.N)
	for i, row := range kept {
		parent[i] = t.row[row]
		wide[i] = int64(parent[i])
	}
	// The rest of a level above has no values of its own, only others.
	by := vec.NewGrouper([]table.Type{table.Long, l.of.Type()})
	ids := append([]int32(nil), by.IDs([]vec.Column{{Arr: vec.NewInt64s(wide, nil)}, l.of.Eval(in)}, in.N)...)
	groups := by.Len()
	of := make([]int32, groups) // the row above of each group
	for i, id := range ids {
		of[id] = parent[i]
	}
	value := l.aggregate(in, ids, groups)
	m := &nestedMerge{level: l, parents: t.result.N, rest: t.rest, place: make([]int32, groups)}
	m.choose(order(value.batch(), []sortKey{{e: &expr.Column{T: l.by.Type()}, desc: l.desc, nullsFirst: !l.desc}}), of)
	t.finish(l, m, in, ids, kept, by.Keys()[1], value.col)
}

// aggregated is a level's aggregate, a row a group.
type aggregated struct {
	col vec.Column
	n   int
}

func (a aggregated) batch() *vec.Batch { return &vec.Batch{N: a.n, Cols: []vec.Column{a.col}} }

// aggregate computes the level's aggregate for n groups of rows; rows of group
// -1 are left out.
func (l *nestedLevel) aggregate(b *vec.Batch, ids []int32, n int) aggregated {
	results := &vec.Batch{N: n}
	rows := make([]int32, 0, len(ids))
	groups := make([]int32, 0, len(ids))
	for row, id := range ids {
		if id >= 0 {
			rows, groups = append(rows, int32(row)), append(groups, id)
		}
	}
	if len(rows) < b.N {
		b = b.Gather(rows)
	}
	for _, x := range l.aggs {
		var state agg.State = x.make()
		state.Grow(n)
		if b.N > 0 {
			state.Add(groups, evalAll(clones(x.args), b), b.N)
		}
		results.Cols = append(results.Cols, state.Results()...)
	}
	c := l.by.Clone().Eval(results)
	return aggregated{vec.Column{Arr: c.Flat(n)}, n}
}

// nestedMerge decides the rows of a level.
type nestedMerge struct {
	level   nestedLevel
	parents int
	rest    []bool
	place   []int32 // the row of each group; its parent's row for the rest where it did not get in
	out     []nestedRow
	other   []int32 // the row for the others of each parent, -1 where there is none
}

// nestedRow is a row: its group (-1 for the others) and the row above.
type nestedRow struct{ group, parent int32 }

// choose takes the groups in order and makes the rows: for each row above its
// top groups, then its others.
func (m *nestedMerge) choose(order []int32, of []int32) {
	lists := make([][]int32, m.parents)
	missed := make([]bool, m.parents)
	for _, g := range order {
		p := of[g]
		switch {
		case m.rest != nil && m.rest[p], m.level.limit >= 0 && int64(len(lists[p])) >= m.level.limit:
			missed[p] = true
		default:
			lists[p] = append(lists[p], g)
		}
	}
	m.other = make([]int32, m.parents)
	for i := range m.place {
		m.place[i] = -1
	}
	for p, list := range lists {
		for _, g := range list {
			m.place[g] = int32(len(m.out))
			m.out = append(m.out, nestedRow{g, int32(p)})
		}
		m.other[p] = -1
		switch {
		case missed[p] && m.level.others != nil, m.rest != nil && m.rest[p]:
			m.other[p] = int32(len(m.out))
			m.out = append(m.out, nestedRow{-1, int32(p)})
		}
	}
}

// finish makes the level's result and moves the input's rows to it.
func (t *nesting) finish(l nestedLevel, m *nestedMerge, in *vec.Batch, ids, kept []int32, keys, value vec.Column) {
	others := make([]int32, in.N) // the rows for others, again as groups to aggregate
	for i, id := range ids {
		others[i] = -1
		p := t.row[kept[i]]
		at := m.place[id]
		if at < 0 {
			at = m.other[p]
			others[i] = at
		}
		t.row[kept[i]] = at
	}
	rest := l.aggregate(in, others, len(m.out))
	above := make([]int32, len(m.out))
	of, by := vec.NewBuilder(l.of.Type(), len(m.out)), vec.NewBuilder(l.by.Type(), len(m.out))
	t.rest = make([]bool, len(m.out))
	for i, r := range m.out {
		above[i] = r.parent
		switch {
		case r.group >= 0:
			of.From(keys, int(r.group))
			by.From(value, int(r.group))
			continue
		case l.others != nil:
			of.Value(l.others.Value())
			by.From(rest.col, i)
		default:
			of.Null()
			by.Null()
		}
		t.rest[i] = true
	}
	t.result = t.result.Gather(above)
	t.result.Cols = append(t.result.Cols, vec.Column{Arr: of.Done()}, vec.Column{Arr: by.Done()})
}

func (b *Binder) topNested(in Node, op *parser.TopNested) Node {
	rs := &rowScope{cols: in.Columns()}
	n := &topNested{in: in}
	var of []expr.Expr
	for _, l := range op.Levels {
		level, ok := b.nestedLevel(n, l, rs)
		if !ok {
			return nil
		}
		n.levels, of = append(n.levels, level), append(of, level.of)
	}
	n.in = windowed(in, of)
	return n
}

// nestedLevel binds a level and adds its two columns.
func (b *Binder) nestedLevel(n *topNested, l *parser.TopNestedLevel, rs *rowScope) (nestedLevel, bool) {
	level := nestedLevel{limit: -1, desc: l.By == nil || l.By.Order != "asc"}
	if l.N != nil {
		limit, ok := b.rowCount(l.N)
		if !ok {
			return level, false
		}
		level.limit = limit
	}
	of := &projection{b: b, rs: rs, auto: func(int, int) string { return "Column" + itoa(len(n.levels)+1) }}
	of.add(l.Of)
	if len(of.exprs) != 1 || of.exprs[0].Type() == table.Unknown {
		return level, false
	}
	level.of = of.exprs[0]
	if l.Others != nil {
		k := b.constant(l.Others)
		if k == nil {
			return level, false
		}
		c, ok := b.convert(k, level.of.Type()).(*expr.Const)
		if !ok {
			return level, false
		}
		level.others = c
	}
	collect := &aggregates{b: b, rs: rs, keys: make([]bool, len(rs.cols))}
	name, tree := "aggregated_"+of.cols[0].Name, l.By.X
	if named, ok := tree.(*parser.Named); ok {
		name, tree = named.Names[0].Name, named.X
	}
	level.by = b.scalar(tree, &rowScope{cols: rs.cols, agg: collect, grouped: true})
	if level.by.Type() == table.Unknown {
		return level, false
	}
	level.aggs = collect.list
	n.cols = append(n.cols, table.Column{Name: uniqueName(n.cols, of.cols[0].Name), Type: level.of.Type()})
	n.cols = append(n.cols, table.Column{Name: uniqueName(n.cols, name), Type: level.by.Type()})
	return level, true
}
