package parser

import (
	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// MakeGraph is make-graph Source --> Target with Nodes on Key, … (or
// with_node_id=Name).
type MakeGraph struct {
	node
	Options        Options
	Source, Target *Name
	Directed       bool // -->, not --
	Nodes          []*GraphNodes
	NodeID         *Name
	PartitionedBy  Expr
	Partition      Expr
}

// GraphNodes is a table of nodes and the column that identifies them.
type GraphNodes struct {
	node
	Table Expr
	Key   *Name
}

// GraphMatch is graph-match [options] pattern, … [where X] [project [Name =] X, …];
// also graph-shortest-paths.
type GraphMatch struct {
	node
	Options  Options
	Patterns []*GraphPattern
	Where    Expr
	Project  []Expr
	Shortest bool // graph-shortest-paths
}

// GraphPattern is (a)-[e]->(b)…: nodes and edges in order.
type GraphPattern struct {
	node
	Parts []*GraphPart
}

// GraphPart is a node, or an edge with its direction.
type GraphPart struct {
	node
	Name     *Name  // nil where not named
	Edge     string // "" for a node, else --, --> or <--
	Min, Max Expr   // of -[e*1..3]-; nil where absent
}

// GraphToTable is graph-to-table nodes [as Name] [options], edges ….
type GraphToTable struct {
	node
	Outputs []*GraphOutput
}

// GraphOutput is a table of graph-to-table.
type GraphOutput struct {
	node
	What    string // nodes or edges
	As      *Name
	Options Options
}

// GraphMarkComponents is graph-mark-components [options].
type GraphMarkComponents struct {
	node
	Options Options
}

// GraphWhere is graph-where-nodes Cond or graph-where-edges Cond.
type GraphWhere struct {
	node
	Edges bool
	Cond  Expr
}

type makeGraphGrammar struct {
	Options   []optionItem       `parser:"'make-graph' @@*"`
	Source    nameItem           `parser:"@@"`
	Directed  bool               `parser:"'-' '-' @'>'?"`
	Target    nameItem           `parser:"@@"`
	NodeID    nameItem           `parser:"( 'with_node_id' '=' @@"`
	Nodes     []*graphNodesItem  `parser:"| 'with' @@ (',' @@)* )?"`
	Partition *graphPartitioning `parser:"('partitioned-by' @@)?"`
}

type graphNodesItem struct {
	Tokens []lexer.Token
	Table  Expr     `parser:"@@"`
	Key    nameItem `parser:"'on' @@"`
}

type graphPartitioning struct {
	By   path     `parser:"@@"`
	Body subquery `parser:"@@"`
}

type graphMatchGrammar struct {
	Shortest bool           `parser:"('graph-match' | @'graph-shortest-paths')"`
	Options  []optionItem   `parser:"@@*"`
	Patterns []graphPattern `parser:"@@ (',' @@)*"`
	Where    Expr           `parser:"('where' @@)?"`
	Project  []Expr         `parser:"('project' @@ (',' @@)*)?"`
}

type graphToTableGrammar struct {
	Outputs []*graphOutputItem `parser:"'graph-to-table' @@ (',' @@)*"`
}

type graphOutputItem struct {
	Tokens  []lexer.Token
	What    string       `parser:"@('nodes' | 'edges')"`
	As      nameItem     `parser:"('as' @@)?"`
	Options []optionItem `parser:"@@*"`
}

type graphMarkGrammar struct {
	Options []optionItem `parser:"'graph-mark-components' @@*"`
}

type graphWhereGrammar struct {
	Edges bool `parser:"('graph-where-nodes' | @'graph-where-edges')"`
	Cond  Expr `parser:"@@"`
}

type graphPattern interface{ pattern() *GraphPattern }

func (p *GraphPattern) pattern() *GraphPattern { return p }

func (r *reader) graphPattern(l *lexer.PeekingLexer) (graphPattern, error) {
	begin := start(l.Peek())
	p := &GraphPattern{}
	for {
		t := l.Peek()
		part := &GraphPart{}
		var err error
		switch {
		case is(t, "("):
			l.Next()
			if k := r.nameLen(l, 0, byItself); k > 0 {
				part.Name = r.name(l, k)
			}
			err = r.close(l, t, ")")
		case is(t, "-") || is(t, "<"):
			err = r.graphEdge(l, part)
		case len(p.Parts) == 0:
			return nil, participle.NextMatch
		default:
			p.SetSpan(r.from(l, begin))
			return p, nil
		}
		part.SetSpan(r.from(l, start(t)))
		p.Parts = append(p.Parts, part)
		if err != nil {
			return p, err
		}
	}
}

// graphEdge reads --, -->, <--, -[e]-, -[e*1..3]-> or <-[e]-.
func (r *reader) graphEdge(l *lexer.PeekingLexer, part *GraphPart) error {
	part.Edge = "--"
	back := accept(l, "<")
	if err := r.expect(l, "-"); err != nil {
		return err
	}
	if open := l.Peek(); is(open, "[") {
		l.Next()
		if k := r.nameLen(l, 0, byItself); k > 0 {
			part.Name = r.name(l, k)
		}
		if accept(l, "*") {
			var err error
			if part.Min, err = r.operand(l); err != nil {
				return err
			}
			if err = r.expect(l, ".."); err != nil {
				return err
			}
			if part.Max, err = r.operand(l); err != nil {
				return err
			}
		}
		if err := r.close(l, open, "]"); err != nil {
			return err
		}
	}
	if err := r.expect(l, "-"); err != nil {
		return err
	}
	switch {
	case back:
		part.Edge = "<--"
	case accept(l, ">"):
		part.Edge = "-->"
	}
	return nil
}

func (g *makeGraphGrammar) operator() Operator {
	op := &MakeGraph{
		Options: optionsOf(g.Options), Source: nameOf(g.Source), Target: nameOf(g.Target),
		Directed: g.Directed, NodeID: nameOf(g.NodeID),
	}
	for _, n := range g.Nodes {
		op.Nodes = append(op.Nodes, &GraphNodes{node{spanOf(n.Tokens)}, n.Table, nameOf(n.Key)})
	}
	if g.Partition != nil {
		op.PartitionedBy, op.Partition = g.Partition.By, g.Partition.Body
	}
	return op
}

func (g *graphMatchGrammar) operator() Operator {
	op := &GraphMatch{Options: optionsOf(g.Options), Where: g.Where, Project: g.Project, Shortest: g.Shortest}
	for _, p := range g.Patterns {
		op.Patterns = append(op.Patterns, p.pattern())
	}
	return op
}

func (g *graphToTableGrammar) operator() Operator {
	op := &GraphToTable{}
	for _, o := range g.Outputs {
		op.Outputs = append(op.Outputs, &GraphOutput{node{spanOf(o.Tokens)}, o.What, nameOf(o.As), optionsOf(o.Options)})
	}
	return op
}

func (g *graphMarkGrammar) operator() Operator {
	return &GraphMarkComponents{Options: optionsOf(g.Options)}
}

func (g *graphWhereGrammar) operator() Operator { return &GraphWhere{Edges: g.Edges, Cond: g.Cond} }

// Keyword implements Operator.
func (*MakeGraph) Keyword() string { return "make-graph" }

// Keyword implements Operator.
func (o *GraphMatch) Keyword() string {
	if o.Shortest {
		return "graph-shortest-paths"
	}
	return "graph-match"
}

// Keyword implements Operator.
func (*GraphToTable) Keyword() string { return "graph-to-table" }

// Keyword implements Operator.
func (*GraphMarkComponents) Keyword() string { return "graph-mark-components" }

// Keyword implements Operator.
func (o *GraphWhere) Keyword() string {
	if o.Edges {
		return "graph-where-edges"
	}
	return "graph-where-nodes"
}

func init() {
	register[makeGraphGrammar]("make-graph Source --> Target [with Nodes on Key, … | with_node_id=Name]", "Makes a graph of a table of edges.", "make-graph")
	register[graphMatchGrammar]("graph-match (A)-[E]->(B), … [where Condition] [project [Name =] Expression, …]", "Finds the places of a graph that match a pattern.", "graph-match").options("cycles")
	register[graphMatchGrammar]("graph-shortest-paths [output=any|all] (A)-[E*1..5]->(B) [where Condition] [project [Name =] Expression, …]", "Finds the shortest paths between nodes of a graph.", "graph-shortest-paths").options("output")
	register[graphToTableGrammar]("graph-to-table nodes | edges [as Name], …", "Gives the nodes or edges of a graph as a table.", "graph-to-table").options("with_node_id", "with_source_id", "with_target_id")
	register[graphMarkGrammar]("graph-mark-components [kind=weak|strong] [with_component_id=Name]", "Marks the connected parts of a graph.", "graph-mark-components").options("kind", "with_component_id")
	register[graphWhereGrammar]("graph-where-nodes Condition", "Keeps the nodes for which the condition is true.", "graph-where-nodes")
	register[graphWhereGrammar]("graph-where-edges Condition", "Keeps the edges for which the condition is true.", "graph-where-edges")
}
