package op

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// A join whose right side has at most one row a key gives at most one row for
// each left one: its right columns are functions of the key. So such a join
// runs as a projection over the left side, and what is made of it afterwards
// works by the codes of the key: a computer's department is looked up once for
// each computer of an extent, not for each row.

// maxLookup is the most rows of a right side that are tried.
const maxLookup = 1 << 20

// lookupJoin returns the join as a projection over its left side, and what
// holds the memory of the right side; nil where it is not of that kind. It
// reads the right side; over it has what the join is to read instead, then.
func (j *joined) lookupJoin(ctx context.Context, env *Env) (p *project, held *reservation, over *joined, err error) {
	switch j.kind.name {
	case "inner", "leftouter", "leftsemi", "leftanti":
	default:
		return nil, nil, j, nil
	}
	in, err := j.r.Open(ctx, env)
	if err != nil {
		return nil, nil, nil, err
	}
	held = env.Budget.reserve("join")
	batches, whole, err := drainSome(ctx, in, held, maxLookup)
	if err != nil {
		held.release()
		in.Close()
		return nil, nil, nil, err
	}
	var t *joinTable
	if whole {
		t = newJoinTable(vec.Concat(batches, Types(j.r.Columns())), clones(j.rkeys))
	}
	if t == nil || (j.kind.right && !t.unique()) {
		held.release()
		out := *j
		out.r = &resumed{Node: j.r, batches: batches, rest: in}
		return nil, nil, &out, nil
	}
	if err := in.Close(); err != nil {
		held.release()
		return nil, nil, nil, err
	}
	return j.project(t), held, nil, nil
}

// project is the join over a right side whose keys are unique.
func (j *joined) project(t *joinTable) *project {
	p := &project{in: j.l, cols: j.cols}
	if j.kind.name != "leftouter" {
		cond := []expr.Expr{&lookup{keys: j.lkeys, in: t, what: j.kind.name, not: j.kind.onlyUnpaired, t: table.Bool}}
		p.in = &filter{in: j.l, conds: cond}
		if s, ok := j.l.(*scan); ok {
			p.in = s.filtered(cond)
		}
	}
	lcols, rcols := j.l.Columns(), j.r.Columns()
	for _, c := range j.lout {
		p.exprs = append(p.exprs, &expr.Column{Index: c, T: lcols[c].Type, Name: lcols[c].Name})
	}
	for _, c := range j.rout {
		p.exprs = append(p.exprs, &lookup{keys: j.lkeys, in: t, col: t.rows.Cols[c], what: rcols[c].Name, t: rcols[c].Type})
	}
	return p
}

// unique reports that no two rows have the same key.
func (t *joinTable) unique() bool {
	for _, next := range t.next {
		if next >= 0 {
			return false
		}
	}
	return true
}

// drainSome reads a stream, up to about so many rows. It reports whether that
// was all; not where memory was refused, which is left to those who can do
// with less.
func drainSome(ctx context.Context, s Stream, r *reservation, rows int) ([]*vec.Batch, bool, error) {
	var out []*vec.Batch
	var size int64
	var meter vec.Meter
	for n := 0; n <= rows; {
		b, err := s.Next(ctx)
		if err == io.EOF {
			return out, true, nil
		}
		if err != nil {
			return nil, false, err
		}
		if b.N == 0 {
			continue
		}
		b = b.Compact()
		out, n = append(out, b), n+b.N
		size += meter.Add(b)
		if err := r.set(size); err != nil {
			var full *MemoryError
			if errors.As(err, &full) {
				return out, false, nil
			}
			return nil, false, err
		}
	}
	return out, false, nil
}

// resumed is a node that was opened already: what was read of it, then the
// rest. It can be opened once.
type resumed struct {
	Node
	batches []*vec.Batch
	rest    Stream
}

func (n *resumed) Open(context.Context, *Env) (Stream, error) {
	return &resumedStream{Stream: n.rest, first: n.batches}, nil
}

type resumedStream struct {
	Stream
	first []*vec.Batch
}

func (s *resumedStream) Next(ctx context.Context) (*vec.Batch, error) {
	if len(s.first) > 0 {
		b := s.first[0]
		s.first = s.first[1:]
		return b, nil
	}
	return s.Stream.Next(ctx)
}

// lookup is a column of the right side of a join as a function of the left
// side's keys, or whether there is a row with these keys.
type lookup struct {
	keys []expr.Expr
	in   *joinTable
	col  vec.Column
	what string // for plans
	not  bool
	t    table.Type // bool: whether there is a row
}

func (l *lookup) Type() table.Type { return l.t }

func (l *lookup) Clone() expr.Expr { return l.Walk(expr.Expr.Clone) }

func (l *lookup) Walk(f func(expr.Expr) expr.Expr) expr.Expr {
	out := *l
	out.keys = make([]expr.Expr, len(l.keys))
	for i, k := range l.keys {
		out.keys[i] = f(k)
	}
	return &out
}

func (l *lookup) String() string {
	parts := make([]string, len(l.keys))
	for i, k := range l.keys {
		parts[i] = k.String()
	}
	return "$right." + l.what + "[" + strings.Join(parts, ", ") + "]"
}

// Eval looks the keys up; those of a dictionary once each.
func (l *lookup) Eval(b *vec.Batch) vec.Column {
	cols := evalAll(l.keys, b)
	if len(cols) == 1 {
		if d, ok := cols[0].Dict(); ok && d.NullN() == 0 {
			if d.Dictionary().Len() <= b.N {
				values := vec.Column{Arr: d.Dictionary().(*array.String)}
				return expr.Spread(l.of([]vec.Column{values}, d.Dictionary().Len()), d)
			}
		}
	}
	// Flat: looking a dictionary up would leave a trace in the table, which
	// workers share.
	for i, c := range cols {
		if _, ok := c.Dict(); ok {
			cols[i] = vec.Column{Arr: c.Flat(b.N)}
		}
	}
	return l.of(cols, b.N)
}

func (l *lookup) of(cols []vec.Column, n int) vec.Column {
	rows := l.in.by.Find(cols, n)
	nulls := anyNulls(cols)
	for i, id := range rows {
		switch {
		case id < 0 || nulls && nullKey(cols, i):
			rows[i] = -1
		default:
			rows[i] = l.in.first[id]
		}
	}
	if l.t != table.Bool || l.col.Arr != nil {
		return l.col.GatherOr(l.t, rows, l.in.rows.N)
	}
	found := make([]bool, n)
	for i, row := range rows {
		found[i] = (row >= 0) != l.not
	}
	return vec.Column{Arr: vec.NewBools(found, nil)}
}
