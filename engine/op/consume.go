package op

import (
	"context"

	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// consume reads its input to the end and gives no rows.
// See https://learn.microsoft.com/kusto/query/consume-operator
type consume struct{ in Node }

func (n *consume) Columns() []table.Column   { return n.in.Columns() }
func (n *consume) Inputs() []Node            { return []Node{n.in} }
func (n *consume) WithInputs(in []Node) Node { return &consume{in: in[0]} }
func (n *consume) String() string            { return "consume" }

// Prune keeps what is read: the cost of reading it is what people want to know.
func (n *consume) Prune(need []bool) Node {
	return narrow(&consume{in: Prune(n.in)}, need)
}

func (n *consume) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := n.in.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	return &consumeStream{Stream: in}, nil
}

type consumeStream struct{ Stream }

func (s *consumeStream) Next(ctx context.Context) (*vec.Batch, error) {
	for {
		if _, err := s.Stream.Next(ctx); err != nil {
			return nil, err // io.EOF at the end
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
}

// assertSchema checks that the rows so far have these columns.
func (b *Binder) assertSchema(in Node, op *parser.AssertSchema) Node {
	want, ok := b.columnDecls(op.Columns)
	if !ok {
		return nil
	}
	rs := &rowScope{cols: visible(in).Columns()}
	for i, c := range want {
		at, ok := rs.find(c.Name)
		switch {
		case !ok:
			b.unknownName(op.Columns[i].Name, rs)
			return nil
		case rs.cols[at].Type != c.Type:
			b.fail(op.Columns[i].Span(), "KS141", "", "the column %s is a %s, not a %s", c.Name, rs.cols[at].Type, c.Type)
			return nil
		}
	}
	return in
}
