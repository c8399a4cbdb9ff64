package op

import "slices"

// walk goes from matches of a part of a pattern along its next edge.
type walk struct {
	*matcher
	edge  patternEdge
	level int
	in    *graphRows
	out   *graphRows
	more  bool
	err   error

	// Of the present row:
	row       int
	at        int   // the variable where the walk begins
	to        int   // and where it ends
	back      bool  // whether that is against the direction of the pattern
	goal      int32 // the node where it must end; -1 for any
	usedEdges []int32
	usedNodes []int32
	edges     []int32 // the way so far
	nodes     []int32 // that it has passed
}

// from extends one row in all ways.
func (w *walk) from(row int) {
	w.row, w.goal = row, -1
	w.at, w.to, w.back = w.edge.from, w.edge.to, false
	if w.in.vars[w.at] == nil {
		w.at, w.to, w.back = w.to, w.at, true
	} else if w.in.vars[w.to] != nil {
		w.goal = w.in.vars[w.to][row]
	}
	w.usedEdges, w.usedNodes = w.usedEdges[:0], w.usedNodes[:0]
	if w.cycles != "all" {
		w.collect()
	}
	w.edges, w.nodes = w.edges[:0], w.nodes[:0]
	w.step(w.in.vars[w.at][row])
}

// collect lists what the match has used so far.
func (w *walk) collect() {
	for v, x := range w.vars {
		if w.in.paths[v] != nil {
			p := w.in.paths[v][w.row]
			w.usedEdges, w.usedNodes = append(w.usedEdges, p.edges...), append(w.usedNodes, p.nodes...)
		}
		if w.in.vars[v] == nil {
			continue
		}
		if x.kind == graphNodeVar {
			w.usedNodes = append(w.usedNodes, w.in.vars[v][w.row])
		} else {
			w.usedEdges = append(w.usedEdges, w.in.vars[v][w.row])
		}
	}
}

// step is at a node: the way may end here, and may go on.
func (w *walk) step(n int32) {
	if len(w.edges) >= w.edge.min && (w.goal < 0 || w.goal == n) && w.may(w.to, n) && w.mayEnd(n) {
		w.add(n)
	}
	if !w.more || len(w.edges) >= w.edge.max {
		return
	}
	if len(w.edges) > 0 {
		if w.cycles == "none" && slices.Contains(w.usedNodes, n) || w.inner[w.edge.v] != nil && !w.inner[w.edge.v][n] {
			return
		}
		w.usedNodes = append(w.usedNodes, n)
		w.nodes = append(w.nodes, n)
		defer func() { w.usedNodes, w.nodes = w.usedNodes[:len(w.usedNodes)-1], w.nodes[:len(w.nodes)-1] }()
	}
	if w.edge.anyWay || !w.back {
		w.along(w.g.outgoing().of(n), w.g.to, false, n)
	}
	if w.edge.anyWay || w.back {
		w.along(w.g.incoming().of(n), w.g.from, w.edge.anyWay, n)
	}
}

// mayEnd checks the node where a way ends against those that were passed.
func (w *walk) mayEnd(n int32) bool {
	// The end of the pattern's edge may be known already: then it is no new node.
	return w.cycles != "none" || len(w.edges) == 0 || w.goal >= 0 && w.edge.from != w.edge.to || !slices.Contains(w.usedNodes, n)
}

// along tries edges that lead on from a node. An edge from a node to itself is
// there once, though it goes both ways.
func (w *walk) along(edges, ends []int32, skipLoops bool, n int32) {
	for _, e := range edges {
		if w.steps++; w.steps&0xffff == 0 {
			if w.err = w.run.ctx.Err(); w.err != nil {
				w.more = false
			}
		}
		if !w.more {
			return
		}
		if !w.may(w.edge.v, e) || skipLoops && ends[e] == n || w.cycles != "all" && slices.Contains(w.usedEdges, e) {
			continue
		}
		w.edges = append(w.edges, e)
		if w.cycles != "all" {
			w.usedEdges = append(w.usedEdges, e)
		}
		w.step(ends[e])
		w.edges = w.edges[:len(w.edges)-1]
		if w.cycles != "all" {
			w.usedEdges = w.usedEdges[:len(w.usedEdges)-1]
		}
	}
}

// add takes the row with the way so far, which ends at a node.
func (w *walk) add(n int32) {
	w.out.take(w.in, w.row)
	if w.goal < 0 {
		w.out.vars[w.to] = append(w.out.vars[w.to], n)
	}
	if w.edge.path {
		p := graphPath{slices.Clone(w.edges), slices.Clone(w.nodes)}
		if w.back != w.edge.leftward {
			slices.Reverse(p.edges)
			slices.Reverse(p.nodes)
		}
		w.out.paths[w.edge.v] = append(w.out.paths[w.edge.v], p)
	} else {
		w.out.vars[w.edge.v] = append(w.out.vars[w.edge.v], w.edges[0])
	}
	if w.out.n < matchChunk {
		return
	}
	full := w.out
	w.out = w.newRows()
	w.more, w.err = w.onward(w.level+1, full)
}
