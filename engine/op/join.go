package op

import (
	"cmp"
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
	parts   *joinParts // where the build side does not fit into memory
	source  Stream     // the probe rows that are looked up in table
	table   *joinTable // nil where only marks matter
	matched []bool     // build rows that found a partner
	seen    []bool     // innerunique: keys of the table that a probe row had
	// marks are the probe rows that found a partner, where the build side comes
	// in pieces; base is the first row of the next batch among all.
	marks  []bool
	base   int
	cursor *joinCursor
}

func (s *joinStream) Close() error {
	if s.held != nil {
		s.held.release()
	}
	s.parts.close()
	err := s.probe.Close()
	if e := s.build.Close(); err == nil {
		err = e
	}
	return err
}

func (s *joinStream) Next(ctx context.Context) (*vec.Batch, error) {
	for {
		if s.cursor != nil {
			if b := s.pairs(); b != nil {
				return b, nil
			}
			s.cursor = nil
		}
		if s.source == nil {
			if more, err := s.begin(ctx); err != nil || !more {
				return nil, cmp.Or(err, io.EOF)
			}
		}
		b, err := s.source.Next(ctx)
		switch {
		case err == io.EOF:
			s.source, s.base = nil, 0
			if s.table != nil && s.node.kind.keepRight {
				return s.unmatched(), nil
			}
		case err != nil:
			return nil, err
		case b.N > 0:
			s.lookUp(b)
		}
	}
}

// begin makes ready a table and the rows to look up in it; false where all is
// done.
func (s *joinStream) begin(ctx context.Context) (bool, error) {
	switch {
	case s.held == nil:
		s.held = s.env.Budget.reserveSome("join")
		if err := s.load(ctx); err != nil || s.parts == nil {
			return err == nil, err
		}
	case s.parts == nil:
		return false, nil
	}
	return s.parts.next(ctx, s)
}

// load makes a table of the build side, or parts of both sides.
func (s *joinStream) load(ctx context.Context) error {
	var rows []*vec.Batch
	var meter vec.Meter
	size, n := int64(0), int64(0)
	for {
		b, err := s.build.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if b.N == 0 {
			continue
		}
		b = b.Compact()
		rows = append(rows, b)
		size, n = size+meter.Add(b), n+int64(b.N)
		if s.held.set(tableSize(size, n)) != nil {
			s.parts = &joinParts{}
			build := &unionStream{in: []Stream{&rowsStream{batches: rows}, s.build}}
			return s.parts.cut(ctx, s, 0, build, s.probe)
		}
	}
	if err := s.build.Close(); err != nil { // gives back what it holds
		return err
	}
	s.setTable(vec.Concat(rows, s.buildTypes()))
	s.source = s.probe
	return nil
}

// setTable makes the table of the rows that are looked up.
func (s *joinStream) setTable(rows *vec.Batch) {
	s.table = newJoinTable(rows, s.rkeys)
	s.matched = make([]bool, rows.N)
	s.held.force(rows.Size() + int64(13*rows.N) + s.table.by.Size())
	if s.node.kind.dedupLeft {
		s.seen = make([]bool, s.table.by.Len())
	}
}

// joinTable finds the rows of the build side by key.
type joinTable struct {
	rows  *vec.Batch
	by    *vec.Grouper
	first []int32 // first row of each key, or -1
	next  []int32 // the next row with the same key, or -1
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

// joinCursor is where joining a batch of the probe side has come to: one row
// may have any number of partners.
type joinCursor struct {
	batch *vec.Batch
	keys  []vec.Column
	nulls bool
	ids   []int32 // the table's key of each row, or -1
	base  int
	row   int   // of the batch
	build int32 // the next partner of the row before, or -1
}

// lookUp begins to join a batch of the probe side.
func (s *joinStream) lookUp(b *vec.Batch) {
	c := &joinCursor{batch: b, base: s.base, build: -1}
	s.base += b.N
	if s.table != nil {
		c.keys = evalAll(s.lkeys, b)
		c.nulls = anyNulls(c.keys)
		c.ids = s.table.by.Find(c.keys, b.N)
	}
	s.cursor = c
}

// partner is the first partner of a row, or -1.
func (c *joinCursor) partner(s *joinStream, row int) int32 {
	id := c.ids[row]
	if id < 0 || c.nulls && nullKey(c.keys, row) {
		return -1
	}
	if s.seen != nil {
		if s.seen[id] {
			return -1
		}
		s.seen[id] = true
	}
	return s.table.first[id]
}

// maxPairs is about how many rows a batch gets that joining makes.
const maxPairs = 1 << 16

// pairs gives the next rows that joining the batch makes, nil after the last.
func (s *joinStream) pairs() *vec.Batch {
	c, k := s.cursor, s.node.kind
	var left, right []int32
	for len(left) < maxPairs {
		if c.build >= 0 {
			left, right = append(left, int32(c.row-1)), append(right, c.build)
			s.matched[c.build] = true
			c.build = s.table.next[c.build]
			continue
		}
		if c.row == c.batch.N {
			break
		}
		row := c.row
		c.row++
		if s.table == nil { // all pieces of the build side were seen
			if s.marks[c.base+row] == k.semi {
				left, right = append(left, int32(row)), append(right, -1)
			}
			continue
		}
		found := c.partner(s, row)
		if s.marks != nil && found >= 0 {
			s.marks[c.base+row] = true
		}
		switch {
		case k.semi || k.onlyUnpaired:
			if s.marks == nil && (found >= 0) == k.semi {
				left = append(left, int32(row))
			}
		case found >= 0:
			c.build = found
		case k.keepLeft && s.marks == nil:
			left, right = append(left, int32(row)), append(right, -1)
		}
	}
	if len(left) == 0 {
		return nil
	}
	return s.output(c.batch, left, right)
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
	if s.table == nil { // rows without a partner
		for _, c := range s.node.rout {
			out.Cols = append(out.Cols, vec.Constant(rcols[c].Type, nil))
		}
		return out
	}
	for _, c := range s.node.rout {
		out.Cols = append(out.Cols, s.table.rows.Cols[c].GatherOr(rcols[c].Type, right, s.table.rows.N))
	}
	return out
}
