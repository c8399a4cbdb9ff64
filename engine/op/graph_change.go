package op

import (
	"slices"

	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// graphWhere keeps some of the nodes, and the edges between those; or some of
// the edges.
type graphWhere struct {
	noRows
	in    graphNode
	edges bool
	conds []graphExpr
}

func (w *graphWhere) Inputs() []Node     { return []Node{w.in} }
func (w *graphWhere) shape() *graphShape { return w.in.shape() }
func (w *graphWhere) Prune([]bool) Node  { return w }
func (w *graphWhere) String() string {
	if w.edges {
		return "graph-where-edges"
	}
	return "graph-where-nodes"
}

func (w *graphWhere) WithInputs(in []Node) Node {
	return &graphWhere{in: in[0].(graphNode), edges: w.edges, conds: w.conds}
}

func (w *graphWhere) build(run *graphRun) (*graph, error) {
	g, err := w.in.build(run)
	if err != nil {
		return nil, err
	}
	n := g.nodes.N
	if w.edges {
		n = g.edges.N
	}
	pass := passing(g, n, 0, w.conds)
	edge := func(e int) bool { return pass[e] }
	if !w.edges {
		edge = func(e int) bool { return pass[g.from[e]] && pass[g.to[e]] }
	}
	var edges []int32
	for e := range g.edges.N {
		if edge(e) {
			edges = append(edges, int32(e))
		}
	}
	out := &graph{nodes: g.nodes, keys: g.keys, edges: g.edges.Gather(edges)}
	number := slices.Clone(vec.All(g.nodes.N))
	if !w.edges {
		var nodes []int32
		for i, ok := range pass {
			if ok {
				number[i] = int32(len(nodes))
				nodes = append(nodes, int32(i))
			}
		}
		out.nodes, out.keys = g.nodes.Gather(nodes), g.keys.Gather(nodes)
	}
	for _, e := range edges {
		out.from, out.to = append(out.from, number[g.from[e]]), append(out.to, number[g.to[e]])
	}
	return out, nil
}

// passing tells which of all nodes or edges pass conditions that read nothing
// but variable v, which stands for them.
func passing(g *graph, n, v int, conds []graphExpr) []bool {
	out := everything(n)
	r := &graphRows{g: g, n: n, vars: make([][]int32, v+1)}
	r.vars[v] = vec.All(n)
	for _, c := range conds {
		ok := make([]bool, n)
		for _, i := range vec.Selected(c.clone().eval(r), n) {
			ok[i] = true
		}
		for i := range out {
			out[i] = out[i] && ok[i]
		}
	}
	return out
}

func (b *Binder) graphWhere(in Node, op *parser.GraphWhere) Node {
	w := &graphWhere{in: in.(graphNode), edges: op.Edges}
	s := &graphScope{is: w.in.shape(), vars: []graphVar{{kind: graphNodeVar}}, bare: -1}
	if op.Edges {
		s.vars[0].kind = graphEdgeVar
	}
	if e := b.condition(op.Cond, s.bareNames()); e != nil {
		w.conds = []graphExpr{s.compile(e)}
	}
	return w
}

// graphMark adds to each node the number of the connected part it is in.
// See https://learn.microsoft.com/kusto/query/graph-mark-components-operator
type graphMark struct {
	noRows
	in     graphNode
	strong bool
	is     graphShape
}

func (m *graphMark) Inputs() []Node     { return []Node{m.in} }
func (m *graphMark) shape() *graphShape { return &m.is }
func (m *graphMark) Prune([]bool) Node  { return m }
func (m *graphMark) String() string     { return "graph-mark-components" }

func (m *graphMark) WithInputs(in []Node) Node {
	return &graphMark{in: in[0].(graphNode), strong: m.strong, is: m.is}
}

func (m *graphMark) build(run *graphRun) (*graph, error) {
	g, err := m.in.build(run)
	if err != nil {
		return nil, err
	}
	var part []int32
	if m.strong {
		part = strongParts(g)
	} else {
		part = weakParts(g)
	}
	// Parts are numbered in the order of their first nodes.
	number := map[int32]int64{}
	ids := make([]int64, g.nodes.N)
	for i, p := range part {
		if _, ok := number[p]; !ok {
			number[p] = int64(len(number))
		}
		ids[i] = number[p]
	}
	out := *g
	out.nodes = &vec.Batch{N: g.nodes.N, Cols: append(slices.Clone(g.nodes.Cols), vec.Column{Arr: vec.NewInt64s(ids, nil)})}
	return &out, nil
}

// weakParts joins the ends of all edges.
func weakParts(g *graph) []int32 {
	root := slices.Clone(vec.All(g.nodes.N))
	find := func(n int32) int32 {
		for root[n] != n {
			root[n] = root[root[n]]
			n = root[n]
		}
		return n
	}
	for e := range g.from {
		if a, b := find(g.from[e]), find(g.to[e]); a != b {
			root[max(a, b)] = min(a, b)
		}
	}
	for i := range root {
		root[i] = find(int32(i))
	}
	return root
}

// strongParts finds the parts in which each node reaches each other (Kosaraju's
// way): nodes are taken in the reverse order in which a walk along the edges
// leaves them, and each takes what reaches it and is not taken.
func strongParts(g *graph) []int32 {
	out, in := g.outgoing(), g.incoming()
	seen := make([]bool, g.nodes.N)
	var left []int32
	type visit struct{ node, next int32 }
	for start := range g.nodes.N {
		if seen[start] {
			continue
		}
		seen[start] = true
		for stack := []visit{{int32(start), 0}}; len(stack) > 0; {
			top := &stack[len(stack)-1]
			edges := out.of(top.node)
			if int(top.next) == len(edges) {
				left = append(left, top.node)
				stack = stack[:len(stack)-1]
				continue
			}
			to := g.to[edges[top.next]]
			top.next++
			if !seen[to] {
				seen[to] = true
				stack = append(stack, visit{to, 0})
			}
		}
	}
	part := slices.Repeat([]int32{-1}, g.nodes.N)
	for _, start := range slices.Backward(left) {
		if part[start] >= 0 {
			continue
		}
		part[start] = start
		for stack := []int32{start}; len(stack) > 0; {
			n := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			for _, e := range in.of(n) {
				if from := g.from[e]; part[from] < 0 {
					part[from] = start
					stack = append(stack, from)
				}
			}
		}
	}
	return part
}

func (b *Binder) graphMark(in Node, op *parser.GraphMarkComponents) Node {
	m := &graphMark{in: in.(graphNode)}
	if o := op.Options.Get("kind"); o != nil {
		if m.strong = o.Word() == "strong"; !m.strong && o.Word() != "weak" {
			b.fail(o.Value.Span(), "KS005", "the kinds are weak and strong", "there is no kind of component named %s", o.Word())
			return nil
		}
	}
	name := "ComponentId"
	if o := op.Options.Get("with_component_id"); o != nil {
		name = o.Word()
	}
	m.is = *m.in.shape()
	m.is.nodes = append(slices.Clone(m.is.nodes), table.Column{Name: uniqueName(m.is.nodes, name), Type: table.Long})
	return m
}
