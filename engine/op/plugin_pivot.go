package op

import (
	"context"
	"fmt"
	"slices"

	"tidemark/engine/agg"
	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

func init() {
	registerPlugin(Plugin{
		Name:   "pivot",
		Doc:    "Makes a column of each value of a column, and fills it with an aggregation.",
		Params: []string{"pivotColumn", "aggregationFunction"}, Least: 1, Rest: "column",
		Examples: []fn.Example{
			{Query: `datatable(k:string, v:long)["a", 1, "a", 2, "b", 3] | evaluate pivot(k, sum(v)) | project a`, Want: `3`},
			{Query: `datatable(k:string, v:long)["a", 1, "b", 1] | evaluate pivot(k)  : (v:long, a:long, b:long) | project b`, Want: `1`},
		},
		bind: bindPivot,
	})
}

// pivotAggregations are what pivot may fill its columns with; those that are
// true give 0 where there are no rows, the others null.
var pivotAggregations = map[string]bool{
	"count": true, "countif": true, "sum": true, "dcount": true, "min": false, "max": false, "take_any": false, "any": false,
	"avg": false, "stdev": false, "variance": false, "make_list": false, "make_bag": false, "make_set": false,
}

// pivot turns rows of keys, a name and a value into a row for each keys with a
// column for each name.
type pivot struct {
	in    Node // the keys, the name, the value
	keys  int
	cols  []table.Column
	zero  bool     // what is not there is 0, not null
	names []string // of the columns after the keys
	// strict refuses names that are not among those declared.
	strict bool
}

func bindPivot(c *pluginCall) Node {
	by, ok := c.column(c.args[0])
	if !ok {
		return nil
	}
	call, ok := c.aggregation()
	if !ok {
		return nil
	}
	cols := c.in.Columns()
	collect := &aggregates{b: c.b, rs: c.rs, keys: make([]bool, len(cols))}
	f, _ := agg.Lookup(call.Name.Name)
	if collect.call(f, call).Type() == table.Unknown {
		return nil
	}
	one := collect.list[0]
	keys, ok := c.pivotKeys(by, one)
	if !ok {
		return nil
	}
	a := &aggregate{in: c.in, keys: append(asExprs(keys...), c.b.convert(by, table.String)), cols: append(named(keys), table.Column{Name: "$name", Type: table.String})}
	one.cols = one.cols[:1:1]
	a.aggs = []aggregation{one}
	p := &pivot{keys: len(keys), zero: pivotAggregations[call.Name.Name], cols: named(keys)}
	value := a.Columns()[len(keys)+1].Type
	if c.declared != nil {
		return p.declared(c, a, value)
	}
	seen := map[string]bool{}
	in := c.found(a, p.cols, func(b *vec.Batch) {
		for row := range b.N {
			seen[b.Cols[p.keys].Str(row)] = true
		}
	})
	if in == nil || isOpen(in.Columns()) {
		return in
	}
	p.in = in
	for name := range seen {
		p.names = append(p.names, name)
	}
	slices.Sort(p.names)
	for _, name := range p.names {
		if name == "" {
			name = "Column1" // a column must be called something
		}
		p.cols = append(p.cols, table.Column{Name: uniqueName(p.cols, name), Type: value})
	}
	return p
}

// aggregation is the call that fills the columns: count() where none is given.
func (c *pluginCall) aggregation() (*parser.Call, bool) {
	if c.args[1] == nil {
		return &parser.Call{Name: &parser.Name{Name: "count"}}, true
	}
	call, ok := c.args[1].(*parser.Call)
	if ok {
		_, ok = pivotAggregations[call.Name.Name]
	}
	if !ok {
		c.b.fail(c.args[1].Span(), "KS141", "it may be min, max, take_any, sum, dcount, avg, stdev, variance, make_list, make_bag, make_set or count", "pivot() takes an aggregation here, such as sum(x)")
	}
	return call, ok
}

// pivotKeys are the columns that the rows are grouped by: those given, or all
// that neither name the columns nor are aggregated.
func (c *pluginCall) pivotKeys(by *expr.Column, one aggregation) ([]*expr.Column, bool) {
	if len(c.rest()) > 0 {
		return c.columns(c.rest())
	}
	cols := c.in.Columns()
	used := make([]bool, len(cols))
	used[by.Index] = true
	for _, e := range one.args {
		expr.Columns(e, used)
	}
	var keys []*expr.Column
	for i, col := range cols {
		if !used[i] {
			keys = append(keys, &expr.Column{Index: i, T: col.Type, Name: col.Name})
		}
	}
	return keys, true
}

// declared takes the names from the columns that the query declares.
func (p *pivot) declared(c *pluginCall, a *aggregate, value table.Type) Node {
	p.in, p.strict = a, true
	for _, col := range c.declared {
		if !slices.ContainsFunc(p.cols[:p.keys], func(k table.Column) bool { return k.Name == col.Name }) {
			p.names = append(p.names, col.Name)
			p.cols = append(p.cols, table.Column{Name: col.Name, Type: value})
		}
	}
	return p
}

func (p *pivot) Columns() []table.Column { return p.cols }
func (p *pivot) Inputs() []Node          { return []Node{p.in} }
func (p *pivot) String() string          { return "evaluate pivot" }

func (p *pivot) WithInputs(in []Node) Node {
	out := *p
	out.in = in[0]
	return &out
}

func (p *pivot) Prune(need []bool) Node {
	out := *p
	out.in = Prune(p.in)
	return narrow(&out, need)
}

func (p *pivot) Open(ctx context.Context, env *Env) (Stream, error) {
	n := &pluginNode{in: p.in, name: "evaluate pivot", cols: p.cols, run: p.run}
	return n.Open(ctx, env)
}

// run spreads the values. Rows come in the order in which their keys do.
func (p *pivot) run(_ context.Context, _ *Env, b *vec.Batch) (*vec.Batch, error) {
	place := map[string]int{}
	for i, name := range p.names {
		place[name] = i
	}
	in := p.in.Columns()
	by := vec.NewGrouper(Types(in[:p.keys]))
	ids := make([]int32, b.N)
	n := min(1, b.N)
	if p.keys > 0 {
		ids = by.IDs(b.Cols[:p.keys], b.N)
		n = by.Len()
	}
	cells := make([][]int32, len(p.names)) // the row of each value, or -1
	for i := range cells {
		cells[i] = slices.Repeat([]int32{-1}, n)
	}
	for row := range b.N {
		at, ok := place[b.Cols[p.keys].Str(row)]
		if !ok {
			return nil, fmt.Errorf("pivot found the value %q, which is not among the columns declared for it", b.Cols[p.keys].Str(row))
		}
		cells[at][ids[row]] = int32(row)
	}
	out := &vec.Batch{N: n}
	if p.keys > 0 {
		out.Cols = by.Keys()
	}
	for i := range cells {
		out.Cols = append(out.Cols, p.cellsColumn(b.Cols[p.keys+1], cells[i], p.cols[p.keys+i].Type))
	}
	return out, nil
}

func (p *pivot) cellsColumn(values vec.Column, rows []int32, t table.Type) vec.Column {
	out := vec.NewBuilder(t, len(rows))
	for _, row := range rows {
		switch {
		case row >= 0:
			out.From(values, int(row))
		case !p.zero:
			out.Null()
		case t.Physical() == table.Int64s:
			out.Int64(0)
		case t.Physical() == table.Float64s:
			out.Float64(0)
		default: // a sum of decimals
			out.Str("0")
		}
	}
	return vec.Column{Arr: out.Done()}
}
