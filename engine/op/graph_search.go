package op

import (
	"slices"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
)

// matcher searches a graph for a pattern. It begins at the node with the
// fewest candidates and goes from edge to edge of the pattern; matches so far
// go on in chunks, for which the conditions are computed as soon as what they
// read is known.
type matcher struct {
	*graphMatch
	run   *graphRun
	g     *graph
	begin int           // the variable to begin with
	order []patternEdge // in the order of the search
	conds [][]graphExpr // to be checked after each edge; the first before any
	// pass tells of each variable which nodes or edges may stand for it; nil
	// for all. inner does so for the inner nodes of paths.
	pass, inner [][]bool
	emit        func(*graphRows) bool
	steps       int // since the context was looked at
}

const matchChunk = 1024

func newMatcher(m *graphMatch, run *graphRun, g *graph) *matcher {
	s := &matcher{graphMatch: m, run: run, g: g}
	s.pass, s.inner = make([][]bool, len(m.vars)), make([][]bool, len(m.vars))
	rest := s.masks()
	s.plan()
	s.conds = make([][]graphExpr, len(s.order)+1)
	known := make([]bool, len(m.vars))
	known[s.begin] = true
	for i := 0; ; i++ {
		rest = slices.DeleteFunc(rest, func(c graphExpr) bool {
			used := make([]bool, len(m.vars))
			c.vars(used)
			for v, u := range used {
				if u && !known[v] {
					return false
				}
			}
			s.conds[i] = append(s.conds[i], c.clone())
			return true
		})
		if i == len(s.order) {
			return s
		}
		e := s.order[i]
		known[e.v], known[e.from], known[e.to] = true, true, true
	}
}

// masks computes the conditions on one node or edge for all of them, and those
// that all edges or inner nodes of a path must meet. It returns the rest.
func (s *matcher) masks() (rest []graphExpr) {
	for _, c := range s.graphMatch.conds {
		used := make([]bool, len(s.vars))
		c.vars(used)
		v := slices.Index(used, true)
		if v < 0 || slices.Contains(used[v+1:], true) {
			rest = append(rest, c)
			continue
		}
		to, n := &s.pass[v], s.g.edges.N
		switch s.vars[v].kind {
		case graphNodeVar:
			n = s.g.nodes.N
		case graphPathVar:
			if !c.everyElement() {
				rest = append(rest, c)
				continue
			}
			f, path := c.columns[0].fold, v
			if c, v = f.body, 0; f.inner {
				to, n = &s.inner[path], s.g.nodes.N
			}
		}
		ok := passing(s.g, n, v, []graphExpr{c})
		for i := range ok {
			ok[i] = ok[i] && (*to == nil || (*to)[i])
		}
		*to = ok
	}
	return rest
}

// everyElement reports whether a condition is an all() whose body reads nothing
// but the element.
func (x graphExpr) everyElement() bool {
	if _, ok := x.e.(*expr.Column); !ok || x.columns[0].kind != graphFolded || x.columns[0].fold.what != "all" {
		return false
	}
	return !slices.ContainsFunc(x.columns[0].fold.body.columns, func(c *graphColumn) bool { return c.kind == graphOuter })
}

// plan chooses where to begin, and the order of the edges.
func (s *matcher) plan() {
	least := -1
	for v, x := range s.vars {
		if x.kind != graphNodeVar {
			continue
		}
		n := s.g.nodes.N
		if s.pass[v] != nil {
			n = 0
			for _, ok := range s.pass[v] {
				if ok {
					n++
				}
			}
		}
		if least < 0 || n < least {
			s.begin, least = v, n
		}
	}
	known := make([]bool, len(s.vars))
	known[s.begin] = true
	left := slices.Clone(s.edges)
	for len(left) > 0 {
		i := slices.IndexFunc(left, func(e patternEdge) bool { return known[e.from] && known[e.to] })
		if i < 0 {
			i = slices.IndexFunc(left, func(e patternEdge) bool { return known[e.from] || known[e.to] })
		}
		e := left[i]
		known[e.from], known[e.to] = true, true
		s.order = append(s.order, e)
		left = slices.Delete(left, i, i+1)
	}
}

func (s *matcher) newRows() *graphRows {
	return &graphRows{g: s.g, vars: make([][]int32, len(s.vars)), paths: make([][]graphPath, len(s.vars))}
}

// search finds all matches and hands them on in chunks.
func (s *matcher) search() error {
	r := s.newRows()
	for n := range int32(s.g.nodes.N) {
		if !s.may(s.begin, n) {
			continue
		}
		r.vars[s.begin] = append(r.vars[s.begin], n)
		if r.n++; r.n == matchChunk {
			if more, err := s.onward(0, r); !more {
				return err
			}
			r = s.newRows()
		}
	}
	_, err := s.onward(0, r)
	return err
}

func (s *matcher) may(v int, element int32) bool { return s.pass[v] == nil || s.pass[v][element] }

// onward checks matches of the first edges of the order, and goes on with the
// next edge.
func (s *matcher) onward(level int, r *graphRows) (more bool, err error) {
	if err := s.run.ctx.Err(); err != nil {
		return false, err
	}
	for _, c := range s.conds[level] {
		if r.n > 0 {
			r = s.gather(r, vec.Selected(c.eval(r), r.n))
		}
	}
	if r.n == 0 {
		return true, nil
	}
	if level == len(s.order) {
		return s.emit(r), nil
	}
	w := &walk{matcher: s, edge: s.order[level], level: level, in: r, out: s.newRows(), more: true}
	for row := range r.n {
		if w.from(row); !w.more {
			return false, w.err
		}
	}
	return s.onward(level+1, w.out)
}

// gather keeps some of the rows.
func (s *matcher) gather(r *graphRows, rows []int32) *graphRows {
	if len(rows) == r.n {
		return r
	}
	out := s.newRows()
	for _, row := range rows {
		out.take(r, int(row))
	}
	return out
}

// take appends a row of others.
func (r *graphRows) take(o *graphRows, row int) {
	for v := range r.vars {
		if o.vars[v] != nil {
			r.vars[v] = append(r.vars[v], o.vars[v][row])
		}
		if o.paths[v] != nil {
			r.paths[v] = append(r.paths[v], o.paths[v][row])
		}
	}
	r.n++
}

// matches finds all matches and gives their rows.
func (m *graphMatch) matches(run *graphRun, g *graph, yield func(*vec.Batch) bool) error {
	s := newMatcher(m, run, g)
	project := make([]graphExpr, len(m.project))
	for i, p := range m.project {
		project[i] = p.clone()
	}
	s.emit = func(r *graphRows) bool { return yield(m.rows(r, project)) }
	return s.search()
}
