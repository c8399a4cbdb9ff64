package op

import (
	"slices"

	"tidemark/engine/vec"
)

// shortestPaths gives the shortest matches between each two nodes that the ends
// of the pattern can be.
// See https://learn.microsoft.com/kusto/query/graph-shortest-paths-operator
func (m *graphMatch) shortestPaths(run *graphRun, g *graph, yield func(*vec.Batch) bool) error {
	s := newMatcher(m, run, g)
	project := make([]graphExpr, len(m.project))
	for i, p := range m.project {
		project[i] = p.clone()
	}
	give := func(r *graphRows) bool { return yield(m.rows(r, project)) }
	if s.plain() {
		s.emit = give
		return s.breadthFirst()
	}
	best := &shortest{matcher: s, of: map[[2]int32]*shortestMatch{}, held: run.reserve()}
	s.emit = best.add
	if err := s.search(); err != nil || best.err != nil {
		return firstError(err, best.err)
	}
	out := s.newRows()
	for _, p := range best.pairs {
		found := best.of[p].rows
		for row := range found.n {
			if out.take(found, row); out.n == matchChunk {
				if !give(out) {
					return nil
				}
				out = s.newRows()
			}
		}
	}
	if out.n > 0 {
		give(out)
	}
	return nil
}

func firstError(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// shortest keeps the shortest matches of each pair of ends.
type shortest struct {
	*matcher
	of    map[[2]int32]*shortestMatch
	pairs [][2]int32 // in the order in which they were found
	held  *reservation
	size  int64
	err   error
}

type shortestMatch struct {
	length int
	rows   *graphRows
}

func (s *shortest) add(r *graphRows) bool {
	for row := range r.n {
		length := 0
		for _, e := range s.edges {
			if e.path {
				length += len(r.paths[e.v][row].edges)
			} else {
				length++
			}
		}
		pair := [2]int32{r.vars[s.first][row], r.vars[s.last][row]}
		was := s.of[pair]
		switch {
		case was == nil:
			was = &shortestMatch{length, s.newRows()}
			s.of[pair], s.pairs = was, append(s.pairs, pair)
		case length < was.length:
			was.length, was.rows = length, s.newRows()
		case length > was.length || !s.all:
			continue
		}
		was.rows.take(r, row)
		s.size += int64(length)*8 + int64(len(s.vars))*8
	}
	s.err = s.held.set(s.size)
	return s.err == nil
}

// plain reports whether the paths can be found breadth first: the pattern is
// one edge of variable length, and no condition asks for more of a path than
// what each of its edges and inner nodes must be.
func (s *matcher) plain() bool {
	if len(s.edges) != 1 || s.edges[0].min > 1 || s.edges[0].from == s.edges[0].to {
		return false
	}
	for _, conds := range s.conds {
		for _, c := range conds {
			used := make([]bool, len(s.vars))
			if c.vars(used); used[s.edges[0].v] {
				return false
			}
		}
	}
	return true
}

// breadthFirst finds the shortest paths from each node that the edge may begin
// at.
func (s *matcher) breadthFirst() error {
	w := &breadthWalk{matcher: s, edge: s.edges[0], dist: make([]int32, s.g.nodes.N), before: make([][]graphStep, s.g.nodes.N), out: s.newRows(), more: true}
	for n := range int32(s.g.nodes.N) {
		if !s.may(w.edge.from, n) {
			continue
		}
		if w.err = s.run.ctx.Err(); w.err != nil {
			return w.err
		}
		w.spread(n)
		w.ends()
		if !w.more {
			return w.err
		}
	}
	w.flush()
	return w.err
}

// graphStep is an edge and the node it was taken from.
type graphStep struct{ edge, from int32 }

// breadthWalk goes out from one node, a length at a time.
type breadthWalk struct {
	*matcher
	edge    patternEdge
	start   int32
	dist    []int32       // of each node, -1 where not reached
	before  [][]graphStep // of each node, the last steps of its shortest paths
	reached []int32
	out     *graphRows
	more    bool
	err     error
}

func (w *breadthWalk) spread(start int32) {
	for i := range w.dist {
		w.dist[i] = -1
	}
	w.start, w.dist[start], w.reached = start, 0, append(w.reached[:0], start)
	for i := 0; i < len(w.reached); i++ {
		n := w.reached[i]
		if int(w.dist[n]) == w.edge.max {
			return
		}
		if inner := w.inner[w.edge.v]; i > 0 && inner != nil && !inner[n] {
			continue
		}
		w.take(n, w.g.outgoing().of(n), w.g.to)
		if w.edge.anyWay {
			w.take(n, w.g.incoming().of(n), w.g.from)
		}
	}
}

func (w *breadthWalk) take(n int32, edges, ends []int32) {
	for _, e := range edges {
		to := ends[e]
		if !w.may(w.edge.v, e) {
			continue
		}
		if w.dist[to] < 0 {
			w.dist[to], w.before[to] = w.dist[n]+1, w.before[to][:0]
			w.reached = append(w.reached, to)
		}
		if w.dist[to] == w.dist[n]+1 && (w.all || len(w.before[to]) == 0) {
			w.before[to] = append(w.before[to], graphStep{e, n})
		}
	}
}

// ends takes the paths to all nodes that the edge may end at.
func (w *breadthWalk) ends() {
	for _, n := range w.reached {
		if w.more && int(w.dist[n]) >= w.edge.min && w.may(w.edge.to, n) {
			w.trace(n, n, nil, nil)
		}
	}
}

// trace follows the steps of a path from its end to its start.
func (w *breadthWalk) trace(end, n int32, edges, nodes []int32) {
	if n == w.start {
		p := graphPath{slices.Clone(edges), slices.Clone(nodes)}
		if !w.edge.leftward {
			slices.Reverse(p.edges)
			slices.Reverse(p.nodes)
		}
		w.out.vars[w.edge.from] = append(w.out.vars[w.edge.from], w.start)
		w.out.vars[w.edge.to] = append(w.out.vars[w.edge.to], end)
		w.out.paths[w.edge.v] = append(w.out.paths[w.edge.v], p)
		if w.out.n++; w.out.n == matchChunk {
			w.flush()
		}
		return
	}
	if n != end {
		nodes = append(nodes, n)
	}
	for _, s := range w.before[n] {
		if w.more {
			w.trace(end, s.from, append(edges, s.edge), nodes)
		}
	}
}

// flush checks what is left of the conditions and gives the paths out.
func (w *breadthWalk) flush() {
	r := w.out
	w.out = w.newRows()
	for _, conds := range w.conds {
		for _, c := range conds {
			if r.n > 0 {
				r = w.gather(r, vec.Selected(c.eval(r), r.n))
			}
		}
	}
	if r.n > 0 {
		w.more = w.emit(r)
	}
}
