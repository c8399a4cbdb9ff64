package op

import (
	"context"
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// graphMatch finds the places of a graph that match a pattern.
// See https://learn.microsoft.com/kusto/query/graph-match-operator
type graphMatch struct {
	in      graphNode
	vars    []graphVar
	edges   []patternEdge
	first   int // variables at the ends of the pattern
	last    int
	cycles  string
	conds   []graphExpr
	project []graphExpr
	cols    []table.Column
	// shortest asks for the shortest paths between the ends, all of them or one.
	shortest, all bool
}

// patternEdge is an edge of a pattern: a variable between those of two nodes.
type patternEdge struct {
	v, from, to int
	anyWay      bool // in either direction
	min, max    int
	path        bool // of variable length
	leftward    bool // to stands left of from; paths are listed from left to right
}

func (m *graphMatch) Columns() []table.Column { return m.cols }
func (m *graphMatch) Inputs() []Node          { return []Node{m.in} }

func (m *graphMatch) WithInputs(in []Node) Node {
	out := *m
	out.in = in[0].(graphNode)
	return &out
}

func (m *graphMatch) Prune(need []bool) Node {
	out := *m
	out.cols, out.project = pick(m.cols, need), pick(m.project, need)
	return &out
}

func (m *graphMatch) String() string {
	name := "graph-match"
	if m.shortest {
		name = "graph-shortest-paths"
	}
	var conds []string
	for _, c := range m.conds {
		conds = append(conds, c.e.String())
	}
	if conds == nil {
		return name
	}
	return name + " where " + strings.Join(conds, " and ")
}

func (m *graphMatch) Open(ctx context.Context, env *Env) (Stream, error) {
	give := m.matches
	if m.shortest {
		give = m.shortestPaths
	}
	return &graphStream{run: &graphRun{ctx: ctx, env: env}, in: m.in, give: give}, nil
}

// rows makes the rows of matches.
func (m *graphMatch) rows(r *graphRows, project []graphExpr) *vec.Batch {
	out := &vec.Batch{N: r.n}
	for _, p := range project {
		out.Cols = append(out.Cols, p.eval(r))
	}
	return out
}

func (b *Binder) graphMatch(in Node, op *parser.GraphMatch) Node {
	m := &graphMatch{in: in.(graphNode), shortest: op.Shortest, cycles: "unique_edges"}
	if !b.graphMatchOptions(m, op) || !b.pattern(m, op) {
		return nil
	}
	if op.Project == nil {
		b.fail(keywordSpan(op), "TM009", "add project a.Name, …", "%s needs a project to say what its rows hold", op.Keyword())
		return nil
	}
	s := &graphScope{is: m.in.shape(), vars: m.vars, bare: -1}
	ok := true
	if op.Where != nil {
		m.conds, ok = b.graphCondition(op.Where, s)
	}
	p := &projection{b: b, rs: &rowScope{graph: s}, auto: func(_, unnamed int) string { return "Column" + itoa(unnamed) }}
	for _, x := range op.Project {
		p.add(x)
	}
	m.cols = p.cols
	for _, e := range p.exprs {
		ok = ok && e.Type() != table.Unknown
	}
	if !ok {
		return nil
	}
	for i, e := range p.exprs {
		if s.readsPath(e) && e.Type() != table.Dynamic {
			e = b.asDynamic(e)
			m.cols[i].Type = table.Dynamic
		}
		m.project = append(m.project, s.compile(e))
	}
	return m
}

// readsPath reports whether an expression reads an edge of variable length. In
// a project its value is then a dynamic, whatever it is elsewhere: Kusto's own
// analyzer says so.
func (s *graphScope) readsPath(e expr.Expr) bool {
	used := make([]bool, len(s.columns))
	expr.Columns(e, used)
	for i, c := range s.columns {
		if used[i] && s.vars[c.v].kind == graphPathVar {
			return true
		}
	}
	return false
}

// asDynamic makes a value a dynamic; a text is not parsed.
func (b *Binder) asDynamic(e expr.Expr) expr.Expr {
	o := fn.Rows([]fn.Param{fn.Any}, false, table.Dynamic, func(types []table.Type, row []any) any {
		if row[0] == nil {
			return nil
		}
		return fn.JSON(types[0], row[0])
	})
	return &expr.Call{Name: "dynamic", Args: []expr.Expr{e}, T: table.Dynamic, Kernel: o.Kernel, Env: b.env}
}

func (b *Binder) graphMatchOptions(m *graphMatch, op *parser.GraphMatch) bool {
	name, words := "cycles", []string{"unique_edges", "all", "none"}
	if op.Shortest {
		// A shortest path passes no node twice.
		name, words, m.cycles = "output", []string{"any", "all"}, "none"
	}
	for _, o := range op.Options {
		w := o.Word()
		if o.Name != name || !strings.Contains(" "+strings.Join(words, " ")+" ", " "+w+" ") {
			b.fail(o.Span(), "KS005", name+" is one of "+strings.Join(words, ", "), "%s has no option %s=%s", op.Keyword(), o.Name, w)
			return false
		}
		if op.Shortest {
			m.all = w == "all"
		} else {
			m.cycles = w
		}
	}
	return true
}

// pattern binds the variables of the patterns and how edges join them.
func (b *Binder) pattern(m *graphMatch, op *parser.GraphMatch) bool {
	if op.Shortest && len(op.Patterns) > 1 {
		b.fail(op.Patterns[1].Span(), "TM009", "use graph-match", "graph-shortest-paths takes one pattern")
		return false
	}
	paths := false
	for i, p := range op.Patterns {
		if !b.sequence(m, p) {
			return false
		}
		if i == 0 {
			m.last = len(m.vars) - 1
			if n := len(m.edges); n > 0 {
				m.last = b.patternEnd(m, p)
			}
		}
	}
	for _, e := range m.edges {
		paths = paths || e.path
	}
	if op.Shortest && !paths {
		b.fail(op.Patterns[0].Span(), "TM009", "as in (a)-[e*1..5]->(b)", "graph-shortest-paths needs an edge of variable length")
		return false
	}
	return b.connected(m, op)
}

// patternEnd is the variable of the last node of a sequence.
func (b *Binder) patternEnd(m *graphMatch, p *parser.GraphPattern) int {
	last := m.edges[len(m.edges)-1]
	if p.Parts[len(p.Parts)-2].Edge == "<--" {
		return last.from
	}
	return last.to
}

func (b *Binder) sequence(m *graphMatch, p *parser.GraphPattern) bool {
	node := func(i int) (int, bool) {
		if i >= len(p.Parts) || p.Parts[i].Edge != "" {
			b.fail(p.Span(), "KS109", "as in (a)-[e]->(b)", "nodes and edges take turns in a pattern, and it begins and ends with a node")
			return 0, false
		}
		return b.patternVar(m, p.Parts[i], graphNodeVar)
	}
	at, ok := node(0)
	for i := 1; ok && i < len(p.Parts); i += 2 {
		part := p.Parts[i]
		if part.Edge == "" {
			_, ok = node(len(p.Parts))
			break
		}
		e := patternEdge{min: 1, max: 1, anyWay: part.Edge == "--", path: part.Min != nil}
		kind := graphEdgeVar
		if e.path {
			kind = graphPathVar
			if e.min, e.max, ok = b.patternLength(part); !ok {
				return false
			}
		}
		if e.v, ok = b.patternVar(m, part, kind); !ok {
			return false
		}
		var next int
		if next, ok = node(i + 1); !ok {
			return false
		}
		e.from, e.to = at, next
		if part.Edge == "<--" {
			e.from, e.to, e.leftward = next, at, true
		}
		m.edges = append(m.edges, e)
		at = next
	}
	return ok
}

// patternVar finds or makes the variable of a part. A node may be named more
// than once; an edge may not.
func (b *Binder) patternVar(m *graphMatch, part *parser.GraphPart, kind graphVarKind) (int, bool) {
	name := ""
	if part.Name != nil {
		name = part.Name.Name
		if v := (&graphScope{vars: m.vars}).find(name); v >= 0 {
			if kind == graphNodeVar && m.vars[v].kind == kind {
				return v, true
			}
			b.fail(part.Name.Span(), "KS202", "give it another name", "the pattern has a part named %s already", name)
			return 0, false
		}
	}
	m.vars = append(m.vars, graphVar{name, kind})
	return len(m.vars) - 1, true
}

const maxPathLength = 1000

func (b *Binder) patternLength(part *parser.GraphPart) (least, most int, ok bool) {
	value := func(x parser.Expr) int64 {
		k, isConst := b.convert(b.scalar(x, &rowScope{}), table.Long).(*expr.Const)
		if !isConst {
			return -1
		}
		n, isLong := k.Value().(int64)
		if !isLong {
			return -1
		}
		return n
	}
	from, to := value(part.Min), value(part.Max)
	if from < 0 || to < from || to > maxPathLength {
		b.fail(part.Span(), "KS141", "as in -[e*1..3]-", "the length of an edge goes from one whole number to another that is no smaller, up to %d", maxPathLength)
		return 0, 0, false
	}
	return int(from), int(to), true
}

// connected checks that the patterns hang together.
func (b *Binder) connected(m *graphMatch, op *parser.GraphMatch) bool {
	reached := make([]bool, len(m.vars))
	reached[m.first] = true
	for range m.edges {
		for _, e := range m.edges {
			if reached[e.from] || reached[e.to] {
				reached[e.from], reached[e.to], reached[e.v] = true, true, true
			}
		}
	}
	for _, ok := range reached {
		if !ok {
			b.fail(op.Patterns[len(op.Patterns)-1].Span(), "TM009", "name a node of one in the other", "the patterns share no node, and would match in all combinations")
			return false
		}
	}
	return true
}
