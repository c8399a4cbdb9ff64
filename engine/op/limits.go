package op

import (
	"context"
	"fmt"

	"tidemark/engine/expr"
	"tidemark/engine/fn"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// limits makes a result of more rows than a request property allows an error.
type limits struct {
	in   Node
	rows int64
}

func (n *limits) Columns() []table.Column { return n.in.Columns() }
func (n *limits) Inputs() []Node          { return []Node{n.in} }

func (n *limits) WithInputs(in []Node) Node { return &limits{in[0], n.rows} }
func (n *limits) Prune(need []bool) Node    { return &limits{n.in.Prune(need), n.rows} }

func (n *limits) String() string {
	return fmt.Sprintf("at most %d rows", n.rows)
}

func (n *limits) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := n.in.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	return &limitsStream{Stream: in, node: n}, nil
}

type limitsStream struct {
	Stream
	node *limits
	seen int64
	over bool
}

func (s *limitsStream) Next(ctx context.Context) (*vec.Batch, error) {
	if s.over {
		return nil, fmt.Errorf("the result has more than the %d rows that set truncationmaxrecords allows; add | take %d, or leave the set out", s.node.rows, s.node.rows)
	}
	b, err := s.Stream.Next(ctx)
	if err != nil {
		return nil, err
	}
	left := s.node.rows - s.seen
	s.seen += int64(b.N)
	if int64(b.N) <= left {
		return b, nil
	}
	s.over = true
	return b.Slice(0, int(left)), nil
}

// limited puts what request properties demand over a result.
func (b *Binder) limited(n Node, at parser.Span) Node {
	if most, ok := b.optionValue("maxoutputcolumns").(int64); ok && int64(len(n.Columns())) > most {
		b.fail(at, "TM018", "project the columns that matter", "the result has %d columns, and set maxoutputcolumns allows %d", len(n.Columns()), most)
		return nil
	}
	if b.isSet("query_results_apply_getschema") {
		n = b.getschema(n)
	}
	if most, ok := b.optionValue("query_take_max_records").(int64); ok && most >= 0 {
		n = &take{in: n, limit: most}
	}
	if most, ok := b.optionValue("truncationmaxrecords").(int64); ok && !b.isSet("notruncation") {
		return &limits{in: n, rows: max(0, most)}
	}
	return n
}

// read scans a table. It leaves out the rows that query_datetimescope_from and
// query_datetimescope_to exclude.
func (b *Binder) read(src table.Source) Node {
	var n Node = newScan(src)
	name, ok := b.optionValue("query_datetimescope_column").(string)
	if !ok {
		return n
	}
	i, ok := (&rowScope{cols: n.Columns()}).find(name)
	if !ok || n.Columns()[i].Type != table.Datetime {
		return n
	}
	column := &expr.Column{Index: i, T: table.Datetime, Name: name}
	var conds []expr.Expr
	for _, end := range [][2]string{{"query_datetimescope_from", ">="}, {"query_datetimescope_to", "<="}} {
		if v, ok := b.options[end[0]]; ok {
			s, _ := fn.Operator(end[1])
			conds = append(conds, b.apply(s, []expr.Expr{column, v}, nil, parser.Span{}))
		}
	}
	if conds == nil {
		return n
	}
	return &filter{in: n, conds: conds}
}
