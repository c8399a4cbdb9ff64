package op

import (
	"context"
	"fmt"
	"io"
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// sortKey is a key to sort by, over the input's columns.
type sortKey struct {
	e          expr.Expr
	desc       bool
	nullsFirst bool
}

func (k sortKey) String() string {
	text := k.e.String() + " asc"
	if k.desc {
		text = k.e.String() + " desc"
	}
	if k.nullsFirst == k.desc {
		text += map[bool]string{true: " nulls first", false: " nulls last"}[k.nullsFirst]
	}
	return text
}

// sorted orders the rows; limit, where not negative, keeps the first ones (top).
type sorted struct {
	in    Node
	keys  []sortKey
	limit int64
}

func (s *sorted) Columns() []table.Column { return s.in.Columns() }
func (s *sorted) Inputs() []Node          { return []Node{s.in} }

func (s *sorted) WithInputs(in []Node) Node {
	return &sorted{in: in[0], keys: s.keys, limit: s.limit}
}

func (s *sorted) Prune(need []bool) Node {
	used := append([]bool(nil), need...)
	for _, k := range s.keys {
		expr.Columns(k.e, used)
	}
	to := renumber(used)
	out := &sorted{in: s.in.Prune(used), limit: s.limit}
	for _, k := range s.keys {
		k.e = expr.Remap(k.e, to)
		out.keys = append(out.keys, k)
	}
	return narrow(out, pick(need, used))
}

func (s *sorted) String() string {
	parts := make([]string, len(s.keys))
	for i, k := range s.keys {
		parts[i] = k.String()
	}
	word := "sort by "
	if s.limit >= 0 {
		word = fmt.Sprintf("top %d by ", s.limit)
	}
	return word + strings.Join(parts, ", ")
}

func (s *sorted) Open(ctx context.Context, env *Env) (Stream, error) {
	if t, err := s.openTop(ctx, env); t != nil || err != nil {
		return t, err
	}
	in, err := s.in.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	keys := append([]sortKey(nil), s.keys...)
	for i := range keys {
		keys[i].e = keys[i].e.Clone()
	}
	if s.limit >= 0 {
		return &topStream{env: env, in: in, keys: keys, limit: int(min(s.limit, 1<<31-1)), types: Types(s.Columns())}, nil
	}
	return &sortStream{env: env, name: "sort", in: in, keys: keys, types: Types(s.Columns())}, nil
}

// sortStream reads all rows and gives them out in order.
type sortStream struct {
	env    *Env
	name   string // for messages
	in     Stream
	keys   []sortKey
	types  []table.Type
	sorter *sorter
	out    Stream
}

func (s *sortStream) Close() error {
	if s.sorter != nil {
		s.sorter.close()
	}
	return s.in.Close()
}

func (s *sortStream) Next(ctx context.Context) (*vec.Batch, error) {
	if s.out == nil {
		if err := s.sort(ctx); err != nil {
			return nil, err
		}
	}
	return s.out.Next(ctx)
}

func (s *sortStream) sort(ctx context.Context) error {
	s.sorter = newSorter(s.env, s.name, s.keys, s.types)
	for {
		b, err := s.in.Next(ctx)
		if err == io.EOF {
			if err = s.in.Close(); err == nil { // gives back what it holds
				s.out, err = s.sorter.finish(ctx)
			}
			return err
		}
		if err == nil && b.N > 0 {
			err = s.sorter.add(ctx, b)
		}
		if err != nil {
			return err
		}
	}
}

// order returns the rows of b in the order of the keys.
func order(b *vec.Batch, keys []sortKey) []int32 { return vec.Order(vecKeys(b, keys), b.N) }

func vecKeys(b *vec.Batch, keys []sortKey) []vec.Key {
	out := make([]vec.Key, len(keys))
	for i, k := range keys {
		out[i] = vec.Key{Col: k.e.Eval(b), Type: k.e.Type(), Desc: k.desc, NullsFirst: k.nullsFirst}
	}
	return out
}

// topStream keeps the best rows seen so far and sorts them again with each
// few batches; what is held never exceeds a few times the limit. Where the best
// rows are too many to be held, all are sorted.
type topStream struct {
	env   *Env
	in    Stream
	keys  []sortKey
	limit int
	types []table.Type

	held *reservation
	out  Stream
}

func (s *topStream) Close() error {
	if s.held != nil {
		s.held.release()
	}
	if s.out != nil {
		s.out.Close()
	}
	return s.in.Close()
}

func (s *topStream) Next(ctx context.Context) (*vec.Batch, error) {
	if s.limit == 0 {
		return nil, io.EOF
	}
	if s.out == nil {
		s.held = s.env.Budget.reserveSome("top")
		if err := s.run(ctx); err != nil {
			return nil, err
		}
	}
	return s.out.Next(ctx)
}

func (s *topStream) run(ctx context.Context) error {
	var held []*vec.Batch
	n := 0
	for {
		b, err := s.in.Next(ctx)
		switch {
		case err == io.EOF && n == 0:
			s.out = &rowsStream{}
			return nil
		case err == io.EOF:
			s.out = &rowsStream{batches: []*vec.Batch{s.best(held)}}
			return nil
		case err != nil:
			return err
		case b.N == 0:
			continue
		}
		if b.N > s.limit { // only its own best can be among the best of all
			b = b.Gather(vec.Top(vecKeys(b, s.keys), b.N, s.limit))
		}
		held = append(held, b.Compact())
		n += b.N
		fits := s.fits(held)
		if n > 4*s.limit+4096 || !fits && n > s.limit {
			held = []*vec.Batch{s.best(held).Compact()}
			n = held[0].N
			fits = s.fits(held)
		}
		if !fits {
			s.sortAll(held)
			return nil
		}
	}
}

func (s *topStream) fits(held []*vec.Batch) bool {
	var m vec.Meter
	size := int64(0)
	for _, b := range held {
		size += m.Add(b)
	}
	return s.held.set(2*size) == nil // and once more where they are sorted
}

// sortAll sorts what is held and all that comes. Of equal rows those that are
// held came first, and still do.
func (s *topStream) sortAll(held []*vec.Batch) {
	s.held.release()
	in := &unionStream{in: []Stream{&rowsStream{batches: held}, s.in}}
	s.out = &takeStream{Stream: &sortStream{env: s.env, name: "top", in: in, keys: s.keys, types: s.types}, left: int64(s.limit)}
}

func (s *topStream) best(held []*vec.Batch) *vec.Batch {
	all := vec.Concat(held, s.types)
	return all.Gather(vec.Top(vecKeys(all, s.keys), all.N, s.limit))
}

// take keeps the first rows that come.
type take struct {
	in    Node
	limit int64
}

func (t *take) Columns() []table.Column   { return t.in.Columns() }
func (t *take) Inputs() []Node            { return []Node{t.in} }
func (t *take) WithInputs(in []Node) Node { return &take{in: in[0], limit: t.limit} }
func (t *take) Prune(need []bool) Node    { return &take{in: t.in.Prune(need), limit: t.limit} }
func (t *take) String() string            { return fmt.Sprintf("take %d", t.limit) }

func (t *take) Open(ctx context.Context, env *Env) (Stream, error) {
	in, err := t.in.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	return &takeStream{Stream: in, left: t.limit}, nil
}

type takeStream struct {
	Stream
	left int64
}

func (s *takeStream) Next(ctx context.Context) (*vec.Batch, error) {
	if s.left <= 0 {
		return nil, io.EOF
	}
	b, err := s.Stream.Next(ctx)
	if err != nil {
		return nil, err
	}
	if int64(b.N) > s.left {
		b = b.Slice(0, int(s.left))
	}
	s.left -= int64(b.N)
	return b, nil
}
