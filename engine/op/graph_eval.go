package op

import (
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// graphRows are places of a graph that expressions are computed for: matches
// of a pattern, or the elements of paths.
type graphRows struct {
	g     *graph
	n     int
	vars  [][]int32     // of each variable that is a node or one edge
	paths [][]graphPath // of each variable that is an edge of variable length
	// outer are the rows that these are parts of, and owner the row of each.
	outer *graphRows
	owner []int32
}

// graphPath is a way through a graph: its edges, and the nodes between them.
type graphPath struct{ edges, nodes []int32 }

// eval computes an expression. All columns are flat, of r.n rows.
func (x graphExpr) eval(r *graphRows) vec.Column {
	b := &vec.Batch{N: r.n}
	for _, c := range x.columns {
		b.Cols = append(b.Cols, c.eval(r))
	}
	return vec.Column{Arr: x.e.Eval(b).Flat(r.n)}
}

func (c *graphColumn) eval(r *graphRows) vec.Column {
	switch c.kind {
	case graphDegreeIn:
		return degrees(r.g.incoming(), r.vars[c.v])
	case graphDegreeOut:
		return degrees(r.g.outgoing(), r.vars[c.v])
	case graphKey:
		return r.g.keys.Gather(r.vars[c.v])
	case graphFolded:
		return c.fold.eval(r, r.paths[c.v])
	case graphOuter:
		return c.outer.eval(r.outer).Gather(r.owner)
	}
	if c.node {
		return r.g.nodes.Cols[c.col].Gather(r.vars[c.v])
	}
	return r.g.edges.Cols[c.col].Gather(r.vars[c.v])
}

func degrees(a *adjacency, nodes []int32) vec.Column {
	out := make([]int64, len(nodes))
	for i, n := range nodes {
		out[i] = int64(len(a.of(n)))
	}
	return vec.Column{Arr: vec.NewInt64s(out, nil)}
}

// eval computes the body for the elements of all paths at once.
func (f *graphFold) eval(r *graphRows, paths []graphPath) vec.Column {
	in := &graphRows{g: r.g, outer: r}
	var elements []int32
	for row, p := range paths {
		list := p.edges
		if f.inner {
			list = p.nodes
		}
		elements = append(elements, list...)
		for range list {
			in.owner = append(in.owner, int32(row))
		}
	}
	in.n, in.vars = len(elements), [][]int32{elements}
	v := f.body.eval(in)
	if f.what == "map" {
		texts := f.pack(v)
		out := make([]string, len(paths))
		at := 0
		for row := range paths {
			from := at
			for at < in.n && in.owner[at] == int32(row) {
				at++
			}
			out[row] = "[" + strings.Join(texts[from:at], ",") + "]"
		}
		return vec.Column{Arr: vec.NewStrings(out, nil)}
	}
	count, hits := make([]int, len(paths)), make([]int, len(paths))
	for _, row := range in.owner {
		count[row]++
	}
	for _, i := range vec.Selected(v, in.n) {
		hits[in.owner[i]]++
	}
	out := make([]bool, len(paths))
	for row := range out {
		out[row] = hits[row] > 0
		if f.what == "all" {
			out[row] = hits[row] == count[row]
		}
	}
	return vec.Column{Arr: vec.NewBools(out, nil)}
}

// packValues writes values of a type as JSON.
func packValues(t table.Type) func(vec.Column) []string {
	return func(c vec.Column) []string {
		out := make([]string, c.Arr.Len())
		for i := range out {
			out[i] = "null"
			if v := c.Value(i); v != nil {
				out[i] = fn.JSON(t, v)
			}
		}
		return out
	}
}

// graphFunctions are the functions that may be called within graph operators.
var graphFunctions map[string]func(b *Binder, c *parser.Call, rs *rowScope) expr.Expr

func init() {
	graphFunctions = map[string]func(b *Binder, c *parser.Call, rs *rowScope) expr.Expr{
		"all":             (*Binder).graphFold,
		"any":             (*Binder).graphFold,
		"map":             (*Binder).graphFold,
		"inner_nodes":     (*Binder).innerNodes,
		"labels":          (*Binder).graphLabels,
		"node_id":         (*Binder).nodeFunction,
		"node_degree_in":  (*Binder).nodeFunction,
		"node_degree_out": (*Binder).nodeFunction,
	}
}

// graphFold binds all(), any() and map().
func (b *Binder) graphFold(c *parser.Call, rs *rowScope) expr.Expr {
	name := c.Name.Name
	if !b.arity(c, 2, 2, name+"(Edge, Expression)") {
		return unknown()
	}
	over, inner := c.Args[0], false
	if n, ok := over.(*parser.Call); ok && n.Name.Name == "inner_nodes" && len(n.Args) == 1 {
		over, inner = n.Args[0], true
	}
	v := b.graphVariable(over, rs.graph, graphPathVar)
	if v < 0 {
		return unknown()
	}
	in, scope := rs.graph.element(v, inner)
	f := &graphFold{what: name, inner: inner}
	var e expr.Expr
	if name == "map" {
		e = b.scalar(c.Args[1], scope)
		if e.Type() == table.Unknown {
			return unknown()
		}
		f.pack = packValues(e.Type())
	} else if e = b.condition(c.Args[1], scope); e == nil {
		return unknown()
	}
	f.body = in.compile(e)
	return rs.graph.folded(v, f)
}

// graphVariable finds the variable that an argument names; -1 where it is not
// one of that kind.
func (b *Binder) graphVariable(x parser.Expr, s *graphScope, kind graphVarKind) int {
	n, ok := x.(*parser.Name)
	v := -1
	if ok {
		v = s.find(n.Name)
	}
	if v >= 0 && s.vars[v].kind == kind {
		return v
	}
	what, hint := "an edge of variable length", "as e in (a)-[e*1..3]->(b)"
	if kind == graphNodeVar {
		what, hint = "a node", "as a in (a)-[e]->(b)"
	}
	b.fail(x.Span(), "KS109", hint, "the name of %s of the pattern is expected here", what)
	return -1
}

func (b *Binder) innerNodes(c *parser.Call, _ *rowScope) expr.Expr {
	b.fail(c.Span(), "KS109", "as in map(inner_nodes(e), Property)", "inner_nodes() stands as the first argument of all(), any() or map()")
	return unknown()
}

// graphLabels binds labels(): graphs made of tables have none.
func (b *Binder) graphLabels(c *parser.Call, rs *rowScope) expr.Expr {
	if !b.arity(c, 0, 1, "labels(Element)") {
		return unknown()
	}
	if len(c.Args) == 1 {
		n, ok := c.Args[0].(*parser.Name)
		if !ok || rs.graph.find(n.Name) < 0 {
			b.fail(c.Args[0].Span(), "KS109", "as a in (a)-[e]->(b)", "the name of a node or edge of the pattern is expected here")
			return unknown()
		}
	}
	return expr.NewConst(table.Dynamic, "[]")
}

// nodeFunction binds what is known of a node besides its properties.
func (b *Binder) nodeFunction(c *parser.Call, rs *rowScope) expr.Expr {
	name, s := c.Name.Name, rs.graph
	if !b.arity(c, 0, 1, name+"(Node)") {
		return unknown()
	}
	v := 0
	switch {
	case len(c.Args) == 1:
		v = b.graphVariable(c.Args[0], s, graphNodeVar)
	case len(s.vars) != 1 || s.vars[0].kind != graphNodeVar || s.vars[0].name != "":
		b.fail(c.Span(), "KS119", "usage: "+name+"(Node)", "%s() needs the name of a node here", name)
		v = -1
	}
	if v < 0 {
		return unknown()
	}
	switch name {
	case "node_id":
		return b.convert(s.column(&graphColumn{kind: graphKey, v: v}, s.is.key, name), table.String)
	case "node_degree_in":
		return s.column(&graphColumn{kind: graphDegreeIn, v: v}, table.Long, name)
	}
	return s.column(&graphColumn{kind: graphDegreeOut, v: v}, table.Long, name)
}
