package op

import (
	"context"
	"io"
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// joinKind says which rows a join gives.
// See https://learn.microsoft.com/kusto/query/join-operator
type joinKind struct {
	name         string
	dedupLeft    bool // innerunique: one left row a key
	left, right  bool // whether columns of the side are given
	keepLeft     bool // left rows without match are given, right columns null
	keepRight    bool // right rows without match are given, left columns null
	onlyUnpaired bool // anti: only rows without match
	semi         bool // rows with a match, once
}

var joinKinds = map[string]joinKind{
	"innerunique":   {name: "innerunique", dedupLeft: true, left: true, right: true},
	"inner":         {name: "inner", left: true, right: true},
	"leftouter":     {name: "leftouter", left: true, right: true, keepLeft: true},
	"rightouter":    {name: "rightouter", left: true, right: true, keepRight: true},
	"fullouter":     {name: "fullouter", left: true, right: true, keepLeft: true, keepRight: true},
	"leftsemi":      {name: "leftsemi", left: true, semi: true},
	"rightsemi":     {name: "rightsemi", right: true, semi: true},
	"leftanti":      {name: "leftanti", left: true, onlyUnpaired: true},
	"anti":          {name: "leftanti", left: true, onlyUnpaired: true},
	"leftantisemi":  {name: "leftanti", left: true, onlyUnpaired: true},
	"rightanti":     {name: "rightanti", right: true, onlyUnpaired: true},
	"rightantisemi": {name: "rightanti", right: true, onlyUnpaired: true},
}

// joined pairs the rows of two inputs that have equal keys. Null keys equal
// nothing. The right side is held in memory, the left one streams; for the
// kinds that give right rows only, the sides change places.
type joined struct {
	l, r         Node
	kind         joinKind
	lkeys, rkeys []expr.Expr // equal types pairwise
	cols         []table.Column
	// lout and rout are the columns given from each side, in order.
	lout, rout []int
}

func (j *joined) Columns() []table.Column { return j.cols }
func (j *joined) Inputs() []Node          { return []Node{j.l, j.r} }

func (j *joined) WithInputs(in []Node) Node {
	out := *j
	out.l, out.r = in[0], in[1]
	return &out
}

func (j *joined) Prune(need []bool) Node {
	out := &joined{kind: j.kind, cols: pick(j.cols, need)}
	lneed, rneed := need[:len(j.lout)], need[len(j.lout):]
	out.l, out.lkeys, out.lout = pruneSide(j.l, j.lkeys, pick(j.lout, lneed))
	out.r, out.rkeys, out.rout = pruneSide(j.r, j.rkeys, pick(j.rout, rneed))
	return out
}

func pruneSide(in Node, keys []expr.Expr, out []int) (Node, []expr.Expr, []int) {
	used := make([]bool, len(in.Columns()))
	for _, i := range out {
		used[i] = true
	}
	for _, k := range keys {
		expr.Columns(k, used)
	}
	to := renumber(used)
	newKeys := make([]expr.Expr, len(keys))
	for i, k := range keys {
		newKeys[i] = expr.Remap(k, to)
	}
	newOut := make([]int, len(out))
	for i, c := range out {
		newOut[i] = to[c]
	}
	return in.Prune(used), newKeys, newOut
}

func (j *joined) String() string {
	parts := make([]string, len(j.lkeys))
	for i := range parts {
		parts[i] = "$left." + j.lkeys[i].String() + " == $right." + j.rkeys[i].String()
	}
	return "join kind=" + j.kind.name + " on " + strings.Join(parts, ", ")
}

func (j *joined) Open(ctx context.Context, env *Env) (Stream, error) {
	l, err := j.l.Open(ctx, env)
	if err != nil {
		return nil, err
	}
	r, err := j.r.Open(ctx, env)
	if err != nil {
		l.Close()
		return nil, err
	}
	s := &joinStream{node: j, env: env, probe: l, build: r, lkeys: clones(j.lkeys), rkeys: clones(j.rkeys)}
	if !j.kind.left { // rightsemi, rightanti: the same as the left kinds with the sides changed
		s.probe, s.build = r, l
		s.lkeys, s.rkeys = s.rkeys, s.lkeys
		s.swapped = true
	}
	return s, nil
}

type joinStream struct {
	node         *joined
	env          *Env
	probe, build Stream
	lkeys, rkeys []expr.Expr // of the probe and the build side
	swapped      bool

	held    *reservation
	table   *joinTable
	seen    *vec.Grouper // innerunique: keys of left rows that came before
	matched []bool       // build rows that found a partner
	ended   bool
}

func (s *joinStream) Close() error {
	if s.held != nil {
		s.held.release()
	}
	err := s.probe.Close()
	if e := s.build.Close(); err == nil {
		err = e
	}
	return err
}

func (s *joinStream) Next(ctx context.Context) (*vec.Batch, error) {
	if s.table == nil {
		if err := s.load(ctx); err != nil {
			return nil, err
		}
	}
	for !s.ended {
		b, err := s.probe.Next(ctx)
		if err == io.EOF {
			s.ended = true
			if s.node.kind.keepRight {
				return s.unmatched(), nil
			}
			break
		}
		if err != nil {
			return nil, err
		}
		if b.N > 0 {
			return s.pair(b), nil
		}
	}
	return nil, io.EOF
}

// joinTable finds the rows of the build side by key.
type joinTable struct {
	rows  *vec.Batch
	by    *vec.Grouper
	first []int32 // first row of each key, or -1
	next  []int32 // the next row with the same key, or -1
}

func (s *joinStream) load(ctx context.Context) error {
	s.held = s.env.Budget.reserve("join")
	batches, err := drain(ctx, s.build, s.held)
	if err != nil {
		return err
	}
	types := Types(s.node.r.Columns())
	if s.swapped {
		types = Types(s.node.l.Columns())
	}
	s.table = newJoinTable(vec.Concat(batches, types), s.rkeys)
	s.matched = make([]bool, s.table.rows.N)
	s.seen = vec.NewGrouper(typesOf(s.lkeys))
	return nil
}

func typesOf(es []expr.Expr) []table.Type {
	out := make([]table.Type, len(es))
	for i, e := range es {
		out[i] = e.Type()
	}
	return out
}

func newJoinTable(rows *vec.Batch, keys []expr.Expr) *joinTable {
	t := &joinTable{rows: rows, by: vec.NewGrouper(typesOf(keys)), next: make([]int32, rows.N)}
	cols := evalAll(keys, rows)
	ids := t.by.IDs(cols, rows.N)
	t.first = make([]int32, t.by.Len())
	last := make([]int32, t.by.Len())
	for i := range t.first {
		t.first[i], last[i] = -1, -1
	}
	nulls := anyNulls(cols)
	for i, id := range ids {
		t.next[i] = -1
		if nulls && nullKey(cols, i) {
			continue
		}
		if last[id] < 0 {
			t.first[id] = int32(i)
		} else {
			t.next[last[id]] = int32(i)
		}
		last[id] = int32(i)
	}
	return t
}

func evalAll(es []expr.Expr, b *vec.Batch) []vec.Column {
	out := make([]vec.Column, len(es))
	for i, e := range es {
		out[i] = e.Eval(b)
	}
	return out
}

func anyNulls(cols []vec.Column) bool {
	for _, c := range cols {
		if c.HasNulls() {
			return true
		}
	}
	return false
}

func nullKey(cols []vec.Column, row int) bool {
	for _, c := range cols {
		if c.IsNull(row) {
			return true
		}
	}
	return false
}

// pair joins one batch of the probe side.
func (s *joinStream) pair(b *vec.Batch) *vec.Batch {
	k := s.node.kind
	cols := evalAll(s.lkeys, b)
	ids := s.table.by.Find(cols, b.N)
	nulls := anyNulls(cols)
	fresh := s.fresh(cols, b.N)
	var left, right []int32
	for i, id := range ids {
		if fresh != nil && !fresh[i] {
			continue
		}
		row := int32(-1)
		if id >= 0 && !(nulls && nullKey(cols, i)) {
			row = s.table.first[id]
		}
		switch {
		case k.semi || k.onlyUnpaired:
			if (row >= 0) == k.semi {
				left = append(left, int32(i))
			}
		case row < 0:
			if k.keepLeft {
				left, right = append(left, int32(i)), append(right, -1)
			}
		default:
			for ; row >= 0; row = s.table.next[row] {
				left, right = append(left, int32(i)), append(right, row)
				s.matched[row] = true
			}
		}
	}
	return s.output(b, left, right)
}

// fresh marks the rows whose key no earlier row had, for innerunique.
func (s *joinStream) fresh(cols []vec.Column, n int) []bool {
	if !s.node.kind.dedupLeft {
		return nil
	}
	before := int32(s.seen.Len())
	out := make([]bool, n)
	for i, id := range s.seen.IDs(cols, n) {
		if id >= before {
			out[i] = true
			before = id + 1 // ids are given in order, so a new one is the next
		}
	}
	return out
}

// unmatched gives the build rows that found no partner.
func (s *joinStream) unmatched() *vec.Batch {
	var left, right []int32
	for i, ok := range s.matched {
		if !ok {
			left, right = append(left, -1), append(right, int32(i))
		}
	}
	return s.output(&vec.Batch{Cols: emptyColumns(s.node.l.Columns())}, left, right)
}

// output makes the rows given by pairs of row numbers; -1 stands for none.
func (s *joinStream) output(probe *vec.Batch, left, right []int32) *vec.Batch {
	out := &vec.Batch{N: len(left)}
	if s.swapped {
		for _, c := range s.node.rout {
			out.Cols = append(out.Cols, probe.Cols[c].Gather(left))
		}
		return out
	}
	lcols := s.node.l.Columns()
	for _, c := range s.node.lout {
		out.Cols = append(out.Cols, probe.Cols[c].GatherOr(lcols[c].Type, left, probe.N))
	}
	rcols := s.node.r.Columns()
	for _, c := range s.node.rout {
		out.Cols = append(out.Cols, s.table.rows.Cols[c].GatherOr(rcols[c].Type, right, s.table.rows.N))
	}
	return out
}
