package op

import (
	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// graphVar is a variable of a pattern, or what all(), any() and map() go over.
type graphVar struct {
	name string
	kind graphVarKind
}

type graphVarKind int

const (
	graphNodeVar graphVarKind = iota
	graphEdgeVar
	graphPathVar // an edge of variable length
)

// graphScope is what an expression over a graph sees. Expressions read columns
// as always; each is a graphColumn, which says where its values come from.
type graphScope struct {
	is    *graphShape
	vars  []graphVar
	outer *graphScope // within all(), any() and map()
	// columns grows as expressions name properties. Within all(), any() and
	// map() it begins with the properties that are named alone.
	columns []*graphColumn
	// bare is the edge of variable length, if any, whose property a condition
	// reads outside all(), any() and map(); -1 for none.
	bare int
}

type graphSourceKind int

const (
	graphProp      graphSourceKind = iota
	graphDegreeIn                  // of a node
	graphDegreeOut                 // of a node
	graphKey                       // what identifies a node
	graphFolded                    // all(), any() or map() along a path
	graphOuter                     // a column of the scope around
)

// graphColumn is where a column of an expression comes from.
type graphColumn struct {
	kind  graphSourceKind
	v     int // the variable
	node  bool
	col   int
	fold  *graphFold
	outer *graphColumn
}

// graphFold is all(), any() or map() over the edges or inner nodes of a path.
type graphFold struct {
	what  string
	inner bool // over the inner nodes
	body  graphExpr
	pack  func(vec.Column) []string // of map: the values as JSON
}

// graphExpr is an expression with the columns it reads.
type graphExpr struct {
	e       expr.Expr
	columns []*graphColumn
}

func (s *graphScope) column(c *graphColumn, t table.Type, name string) expr.Expr {
	for i, o := range s.columns {
		if *o == *c {
			return &expr.Column{Index: i, T: t, Name: name}
		}
	}
	s.columns = append(s.columns, c)
	return &expr.Column{Index: len(s.columns) - 1, T: t, Name: name}
}

func (s *graphScope) compile(e expr.Expr) graphExpr {
	used := make([]bool, len(s.columns))
	expr.Columns(e, used)
	return graphExpr{expr.Remap(e, renumber(used)), pick(s.columns, used)}
}

// vars marks the variables that an expression reads.
func (x graphExpr) vars(used []bool) {
	for _, c := range x.columns {
		c.vars(used)
	}
}

func (c *graphColumn) vars(used []bool) {
	switch c.kind {
	case graphOuter:
		c.outer.vars(used)
		return
	case graphFolded:
		for _, o := range c.fold.body.columns {
			if o.kind == graphOuter {
				o.vars(used)
			}
		}
	}
	used[c.v] = true
}

func (x graphExpr) clone() graphExpr {
	out := graphExpr{e: x.e.Clone()}
	for _, c := range x.columns {
		d := *c
		if c.fold != nil {
			f := *c.fold
			f.body = f.body.clone()
			d.fold = &f
		}
		out.columns = append(out.columns, &d)
	}
	return out
}

func (s *graphScope) find(name string) int {
	for i, v := range s.vars {
		if v.name == name && name != "" {
			return i
		}
	}
	return -1
}

func (s *graphScope) props(v int) []table.Column {
	if s.vars[v].kind == graphNodeVar {
		return s.is.nodes
	}
	return s.is.edges
}

// graphPath binds Variable.Property; ok is false where it is something else.
func (b *Binder) graphPath(e *parser.Path, s *graphScope) (out expr.Expr, ok bool) {
	n, isName := e.X.(*parser.Name)
	if !isName || s == nil {
		return nil, false
	}
	v := s.find(n.Name)
	if v < 0 {
		x, ok := b.graphPath(e, s.outer)
		if c, isColumn := x.(*expr.Column); isColumn {
			return s.column(&graphColumn{kind: graphOuter, outer: s.outer.columns[c.Index]}, c.T, c.Name), true
		}
		return x, ok
	}
	rs := &rowScope{cols: s.props(v)}
	i, found := rs.find(e.Member.Name)
	if !found {
		what := "edges"
		if s.vars[v].kind == graphNodeVar {
			what = "nodes"
		}
		b.fail(e.Member.Span(), "KS142", didYouMean(e.Member.Name, rs.names(), ""), "the %s of this graph have no property %s", what, e.Member.Name)
		return unknown(), true
	}
	t := rs.cols[i].Type
	c := &graphColumn{kind: graphProp, v: v, col: i, node: s.vars[v].kind == graphNodeVar}
	if s.vars[v].kind != graphPathVar {
		return s.column(c, t, n.Name+"."+e.Member.Name), true
	}
	s.bare = v
	body := graphExpr{&expr.Column{T: t, Name: e.Member.Name}, []*graphColumn{{kind: graphProp, col: i}}}
	return s.folded(v, &graphFold{what: "map", body: body, pack: packValues(t)}), true
}

func (s *graphScope) folded(v int, f *graphFold) expr.Expr {
	t := table.Bool
	if f.what == "map" {
		t = table.Dynamic
	}
	return s.column(&graphColumn{kind: graphFolded, v: v, fold: f}, t, f.what+"("+s.vars[v].name+")")
}

// element is the scope of the elements of a path.
func (s *graphScope) element(v int, inner bool) (*graphScope, *rowScope) {
	in := &graphScope{is: s.is, outer: s, bare: -1, vars: []graphVar{{kind: graphEdgeVar}}}
	if inner {
		in.vars[0].kind = graphNodeVar
	} else {
		in.vars[0].name = s.vars[v].name
	}
	return in, in.bareNames()
}

// bareNames lets the properties of the only variable be named alone.
func (s *graphScope) bareNames() *rowScope {
	rs := &rowScope{cols: s.props(0), graph: s}
	for i := range rs.cols {
		s.columns = append(s.columns, &graphColumn{kind: graphProp, col: i, node: s.vars[0].kind == graphNodeVar})
	}
	return rs
}

// graphCondition binds a condition of a pattern, parted at its ands. Where a
// part reads a property of an edge of variable length, it must hold for all
// edges of the path.
func (b *Binder) graphCondition(x parser.Expr, s *graphScope) (out []graphExpr, ok bool) {
	if a, isBinary := x.(*parser.Binary); isBinary && a.Op == "and" {
		l, okL := b.graphCondition(a.L, s)
		r, okR := b.graphCondition(a.R, s)
		return append(l, r...), okL && okR
	}
	s.bare = -1
	errs := len(b.errs)
	e := b.condition(x, &rowScope{graph: s})
	if v := s.bare; v >= 0 {
		b.errs = b.errs[:errs]
		in, rs := s.element(v, false)
		rs.cols = nil // here they are named through the variable
		if e = b.condition(x, rs); e != nil {
			e = s.folded(v, &graphFold{what: "all", body: in.compile(e)})
		}
	}
	if e == nil {
		return nil, false
	}
	for _, c := range expr.Conjuncts(e) {
		out = append(out, s.compile(c))
	}
	return out, true
}
