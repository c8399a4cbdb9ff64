package op

import (
	"context"
	"slices"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/parser"
	"tidemark/table"
)

// mvApply runs operators over the elements of each row's arrays, and gives
// what they make beside the row's other columns.
// See https://learn.microsoft.com/kusto/query/mv-apply-operator
type mvApply struct {
	in Node
	// expand makes the rows of the subplan. It reads the input's columns and,
	// after them, the number of the row.
	expand *mvExpand
	sub    *subplan
	// out says where each column comes from: a column of the input, or column
	// -1-i of the subplan.
	out  []int
	cols []table.Column
}

func (m *mvApply) Columns() []table.Column { return m.cols }
func (m *mvApply) Inputs() []Node          { return []Node{m.in} }
func (m *mvApply) bodies() []Node          { return m.sub.bodies() }

func (m *mvApply) WithInputs(in []Node) Node {
	out := *m
	out.in = in[0]
	return &out
}

func (m *mvApply) String() string {
	return "mv-apply" + m.expand.String()[len("mv-expand"):] + " on (" + m.sub.body.String() + " …)"
}

// Prune drops what the subplan makes but nobody reads, then the columns of the
// input that neither it nor anybody else reads.
func (m *mvApply) Prune(need []bool) Node {
	made := make([]bool, len(m.sub.body.Columns()))
	used := make([]bool, len(m.in.Columns())+1)
	used[len(used)-1] = true
	for i, o := range m.out {
		switch {
		case !need[i]:
		case o < 0:
			made[-1-o] = true
		default:
			used[o] = true
		}
	}
	sub, read := m.sub.prune(made)
	e := &mvExpand{values: m.expand.values, types: m.expand.types, kinds: m.expand.kinds, pairs: m.expand.pairs, limit: m.expand.limit}
	for _, v := range e.values {
		expr.Columns(v, used)
	}
	for i, o := range m.expand.out {
		if i == len(read) || read[i] { // the last is the number of the row
			e.out, e.cols = append(e.out, o), append(e.cols, m.expand.cols[i])
			if o >= 0 {
				used[o] = true
			}
		}
	}
	to, kept := renumber(used), renumber(made)
	for i, o := range e.out {
		if o >= 0 {
			e.out[i] = to[o]
		}
	}
	e.values = nil
	for _, v := range m.expand.values {
		e.values = append(e.values, expr.Remap(v, to))
	}
	out := &mvApply{in: m.in.Prune(used[:len(used)-1]), expand: e, sub: sub, cols: pick(m.cols, need)}
	for _, o := range pick(m.out, need) {
		if o < 0 {
			out.out = append(out.out, -1-kept[-1-o])
		} else {
			out.out = append(out.out, to[o])
		}
	}
	return out
}

// prune returns the subplan without the columns of its result that are not
// needed, and tells which of its input it reads.
func (p *subplan) prune(need []bool) (*subplan, []bool) {
	out := &subplan{in: p.in, body: p.body.Prune(need), deferred: p.deferred}
	used := make([]bool, len(p.in.cols))
	plain := p.deferred == nil && p.cells == nil
	visitAll(out.body, func(n Node) {
		for _, in := range n.Inputs() {
			if in != Node(p.in) {
				continue
			}
			if proj, ok := n.(*project); ok {
				for _, e := range proj.exprs {
					expr.Columns(e, used)
				}
			} else {
				plain = false
			}
		}
	})
	if out.body == Node(p.in) || !plain {
		out.prepare()
		return out, everything(len(used))
	}
	to := renumber(used)
	out.in = newSlot(pick(p.in.cols, used))
	out.body = Walk(out.body, func(n Node) Node {
		proj, ok := n.(*project)
		if !ok || proj.in != Node(p.in) {
			return n
		}
		q := &project{in: out.in, cols: proj.cols}
		for _, e := range proj.exprs {
			q.exprs = append(q.exprs, expr.Remap(e, to))
		}
		return q
	})
	out.prepare()
	return out, used
}

func (m *mvApply) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := m.in.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	return &mvApplyStream{Stream: in, node: m, env: env, expand: &mvStream{node: m.expand, values: clones(m.expand.values)}}, nil
}

type mvApplyStream struct {
	Stream
	node   *mvApply
	env    *Env
	expand *mvStream
}

func (s *mvApplyStream) Next(ctx context.Context) (*vec.Batch, error) {
	b, err := s.Stream.Next(ctx)
	if err != nil {
		return nil, err
	}
	if b.N == 0 {
		return &vec.Batch{Cols: emptyColumns(s.node.cols)}, nil
	}
	number := make([]int64, b.N)
	for i := range number {
		number[i] = int64(i)
	}
	in := &vec.Batch{N: b.N, Cols: append(append([]vec.Column(nil), b.Cols...), vec.Column{Arr: vec.NewInt64s(number, nil)})}
	elements := s.expand.expand(in)
	ids := groupIDs(elements)
	elements = &vec.Batch{N: elements.N, Cols: elements.Cols[:len(elements.Cols)-1]}
	made, from, err := s.node.sub.run(ctx, s.env, elements, ids, b.N)
	if err != nil {
		return nil, err
	}
	out := &vec.Batch{N: len(from), Cols: make([]vec.Column, len(s.node.out))}
	for i, o := range s.node.out {
		if o < 0 {
			out.Cols[i] = made.Cols[-1-o]
		} else {
			out.Cols[i] = b.Cols[o].Gather(from)
		}
	}
	return out, nil
}

func (b *Binder) mvApply(in Node, op *parser.MvApply) Node {
	id, isID := b.contextID(op.ID)
	if !isID {
		return nil
	}
	expand, ok := b.mvExpand(in, &parser.MvExpand{Options: op.Options, Columns: op.Columns, Limit: op.Limit}).(*mvExpand)
	if !ok {
		return nil
	}
	sub := b.subquery(op.Body, expand.cols, id)
	if sub == nil {
		return nil
	}
	old := in.Columns()
	m := &mvApply{in: in, expand: expand, sub: sub}
	for i, c := range old {
		if !isExpanded(op.Columns, c.Name) {
			m.cols, m.out = append(m.cols, c), append(m.out, i)
		}
	}
	cols, from := replaced(m.cols, sub.body.Columns())
	for i, o := range from {
		if o >= 0 {
			from[i] = m.out[o]
		}
	}
	m.cols, m.out = cols, from
	expand.in = nil
	expand.out = append(expand.out, len(old))
	expand.cols = append(expand.cols, groupColumn)
	return m
}

// isExpanded reports whether a column is expanded under its own name: it gives
// way to its elements, of which the subplan may give none.
func isExpanded(items []*parser.MvColumn, name string) bool {
	return slices.ContainsFunc(items, func(item *parser.MvColumn) bool {
		n, ok := item.X.(*parser.Name)
		return ok && item.Name == nil && n.Name == name
	})
}
