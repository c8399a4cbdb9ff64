package op

import (
	"context"
	"slices"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// subplan is a part of a query that runs for many groups of rows, each by
// itself: what mv-apply does with each row's elements, and partition with the
// rows of each key.
type subplan struct {
	in   *slot
	body Node // over in
	// deferred are the toscalar() of the body that read its rows. They run anew
	// for each group.
	deferred []*Deferred
	cells    []*sharedRows // kept rows of the body, to be forgotten after each group

	// all, where not nil, does the work for all groups in one run, over rows that
	// carry the number of their group in a last column.
	all    Node
	tagged *slot
	count  *groupCount
}

// groupCount is how many groups there are in the present run of a subplan.
type groupCount struct{ n int }

// subContext is a subquery that was given an id, and the rows it runs over.
type subContext struct {
	id string
	in Node
}

// contextID is what id says after mv-apply or __partitionby; "" for nothing.
func (b *Binder) contextID(x parser.Expr) (string, bool) {
	if x == nil {
		return "", true
	}
	e := b.scalar(x, &rowScope{})
	k, isConst := e.(*expr.Const)
	if e.Type() == table.Unknown {
		return "", false
	}
	if isConst && e.Type() == table.Guid {
		id, ok := k.Value().(string)
		return id, ok
	}
	b.fail(x.Span(), "KS141", "such as guid(74be27de-1e4e-49d9-b579-fe0b331d3642)", "the id of a subquery is a guid written out")
	return "", false
}

// contextual binds __contextual_datatable id (a:long, …): the rows of the
// subquery of that id, as Kusto itself writes queries that it sends on.
func (b *Binder) contextual(d *parser.Datatable) Node {
	cols, ok := b.columnDecls(d.Columns)
	id, isID := b.contextID(d.Context)
	if !ok || !isID {
		return nil
	}
	for i := len(b.contexts) - 1; i >= 0; i-- {
		if b.contexts[i].id != id {
			continue
		}
		in := b.contexts[i].in
		rs := &rowScope{cols: in.Columns()}
		p := &project{in: in, cols: cols}
		for k, c := range cols {
			at, found := rs.find(c.Name)
			if !found {
				b.unknownName(d.Columns[k].Name, rs)
				return nil
			}
			p.exprs = append(p.exprs, b.convert(&expr.Column{Index: at, T: rs.cols[at].Type, Name: c.Name}, c.Type))
		}
		return p
	}
	b.fail(d.Span(), "KS142", "as in mv-apply … id guid("+id+") on (…)", "no subquery around has this id")
	return nil
}

// subquery binds the operators of a subplan over rows with these columns. A
// query within may name the rows by id.
func (b *Binder) subquery(body parser.Expr, cols []table.Column, id string) *subplan {
	in := newSlot(cols)
	start := len(b.deferred)
	var n Node
	if id != "" {
		outer := b.contexts
		b.contexts = append(outer[:len(outer):len(outer)], subContext{id, in})
		defer func() { b.contexts = outer }()
	}
	b.within(b.scope, func() {
		if p, ok := body.(*parser.Pipeline); ok && p.Source == nil {
			n = b.over(in, p.Ops)
		} else {
			n = b.tabular(body)
		}
	})
	if n == nil {
		return nil
	}
	// The optimiser does not see the body later: it is no input of a node.
	p := &subplan{in: in, body: Optimize(n)}
	mine := slices.Clone(b.deferred[start:])
	// Where none reads the rows, they run once, before the query.
	if slices.ContainsFunc(mine, func(d *Deferred) bool { return p.reads(d.Node) }) {
		b.own(p, mine, start)
	}
	p.prepare()
	return p
}

// own makes the deferred parts from start on run with a subplan.
func (b *Binder) own(p *subplan, mine []*Deferred, start int) {
	p.deferred, b.deferred = mine, b.deferred[:start]
	if b.early != nil {
		b.early.ran = min(b.early.ran, start)
	}
}

// prepare finds out how the body can be run.
func (p *subplan) prepare() {
	p.cells, p.all = nil, nil
	p.eachShared(func(m *shared) {
		if p.reads(m.in) {
			p.cells = append(p.cells, m.cell)
		}
	})
	if p.deferred != nil || p.cells != nil {
		return
	}
	p.count = &groupCount{}
	p.tagged = newSlot(append(append([]table.Column(nil), p.in.cols...), groupColumn))
	if n, ok := (&grouping{from: p.in, to: p.tagged, count: p.count}).rewrite(p.body); ok {
		p.all = n
	}
}

// reads reports whether a plan reads the rows of the subplan's group.
func (p *subplan) reads(n Node) bool {
	found := false
	visitAll(n, func(x Node) { found = found || x == Node(p.in) })
	return found
}

func (p *subplan) eachShared(f func(*shared)) {
	visit := func(x Node) {
		if m, ok := x.(*shared); ok {
			f(m)
		}
	}
	visitAll(p.body, visit)
	for _, d := range p.deferred {
		visitAll(d.Node, visit)
	}
}

// bodied is a node with plans that are not its inputs.
type bodied interface{ bodies() []Node }

func (p *subplan) bodies() []Node {
	out := []Node{p.body}
	for _, d := range p.deferred {
		out = append(out, d.Node)
	}
	return out
}

// visitAll calls f for a node and all that it reads, be it an input or not.
func visitAll(n Node, f func(Node)) {
	f(n)
	for _, in := range n.Inputs() {
		visitAll(in, f)
	}
	if m, ok := n.(*shared); ok {
		visitAll(m.in, f)
	}
	if s, ok := n.(bodied); ok {
		for _, x := range s.bodies() {
			visitAll(x, f)
		}
	}
}

// run gives what the body makes of each of n groups, in the order of groups,
// and the group of each row. ids has the group of each row of b.
func (p *subplan) run(ctx context.Context, env *Env, b *vec.Batch, ids []int32, n int) (*vec.Batch, []int32, error) {
	if p.all != nil {
		return p.together(ctx, env, b, ids, n)
	}
	var outs []*vec.Batch
	var from []int32
	for i, rows := range rowsOfGroups(ids, n) {
		out, err := p.one(ctx, env, b.Gather(rows))
		if err != nil {
			return nil, nil, err
		}
		if out.N == 0 {
			continue
		}
		outs = append(outs, out)
		for range out.N {
			from = append(from, int32(i))
		}
	}
	return vec.Concat(outs, Types(p.body.Columns())), from, nil
}

// one runs the body for one group.
func (p *subplan) one(ctx context.Context, env *Env, b *vec.Batch) (*vec.Batch, error) {
	defer func() {
		for _, c := range p.cells {
			c.forget()
		}
	}()
	p.in.rows.batches = []*vec.Batch{b}
	for _, d := range p.deferred {
		if err := d.run(ctx, env, false); err != nil {
			return nil, err
		}
	}
	return p.in.over(ctx, env, p.body, b)
}

// together runs the body once for all groups.
func (p *subplan) together(ctx context.Context, env *Env, b *vec.Batch, ids []int32, n int) (*vec.Batch, []int32, error) {
	wide := make([]int64, len(ids))
	for i, id := range ids {
		wide[i] = int64(id)
	}
	in := &vec.Batch{N: b.N, Cols: append(append([]vec.Column(nil), b.Cols...), vec.Column{Arr: vec.NewInt64s(wide, nil)})}
	p.count.n = n
	out, err := p.tagged.over(ctx, env, p.all, in)
	if err != nil || out.N == 0 {
		return &vec.Batch{Cols: emptyColumns(p.body.Columns())}, nil, err
	}
	last := len(out.Cols) - 1
	from := groupIDs(out)
	out = &vec.Batch{N: out.N, Cols: out.Cols[:last]}
	if order := inOrder(from, n); order != nil {
		out = out.Gather(order)
		sorted := make([]int32, len(from))
		for i, row := range order {
			sorted[i] = from[row]
		}
		from = sorted
	}
	return out, from, nil
}

func emptyColumns(cols []table.Column) []vec.Column {
	out := make([]vec.Column, len(cols))
	for i, c := range cols {
		out[i] = vec.Constant(c.Type, nil)
	}
	return out
}

// groupIDs reads the groups of rows from their last column.
func groupIDs(b *vec.Batch) []int32 {
	c := b.Cols[len(b.Cols)-1]
	out := make([]int32, b.N)
	for i := range out {
		out[i] = int32(c.Int64(i))
	}
	return out
}

// inOrder returns the rows by group, keeping their order within each; nil
// where they are so already.
func inOrder(ids []int32, n int) []int32 {
	ascending := true
	for i := 1; i < len(ids) && ascending; i++ {
		ascending = ids[i-1] <= ids[i]
	}
	if ascending {
		return nil
	}
	out := make([]int32, 0, len(ids))
	for _, rows := range rowsOfGroups(ids, n) {
		out = append(out, rows...)
	}
	return out
}

// rowsOfGroups lists the rows of each of n groups.
func rowsOfGroups(ids []int32, n int) [][]int32 {
	start := make([]int32, n+1)
	for _, id := range ids {
		start[id+1]++
	}
	for i := range n {
		start[i+1] += start[i]
	}
	rows := make([]int32, len(ids))
	next := append([]int32(nil), start[:n]...)
	for row, id := range ids {
		rows[next[id]] = int32(row)
		next[id]++
	}
	out := make([][]int32, n)
	for i := range out {
		out[i] = rows[start[i]:start[i+1]]
	}
	return out
}
