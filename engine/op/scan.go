package op

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// scan reads a table. Conditions pushed into it are evaluated on the columns
// they need, one after the other; the remaining columns are read only for the
// rows that are left.
type scan struct {
	src   table.Source
	read  []int // the columns it gives, as places in the source's schema
	cols  []table.Column
	where []expr.Expr // over the source's schema
}

func newScan(src table.Source) *scan {
	s := &scan{src: src}
	for i, c := range src.Schema().Columns() {
		s.read = append(s.read, i)
		s.cols = append(s.cols, c)
	}
	return s
}

func (s *scan) Columns() []table.Column { return s.cols }
func (s *scan) Inputs() []Node          { return nil }
func (s *scan) WithInputs([]Node) Node  { return s }

func (s *scan) Prune(need []bool) Node {
	return &scan{src: s.src, read: pick(s.read, need), cols: pick(s.cols, need), where: s.where}
}

func (s *scan) String() string {
	names := make([]string, len(s.cols))
	for i, c := range s.cols {
		names[i] = c.Name
	}
	text := fmt.Sprintf("scan %s [%s]", s.src.Name(), strings.Join(names, ", "))
	for i, c := range s.where {
		word := " where "
		if i > 0 {
			word = " and "
		}
		text += word + c.String()
	}
	return text
}

// filtered returns the scan with more conditions, over its own columns.
func (s *scan) filtered(conds []expr.Expr) *scan {
	out := *s
	out.where = append([]expr.Expr(nil), s.where...)
	for _, c := range conds {
		out.where = append(out.where, expr.Remap(c, s.read))
	}
	return &out
}

func (s *scan) Open(ctx context.Context, env *Env) (Stream, error) {
	rows, err := s.begin(ctx, env, nil)
	if err != nil {
		return nil, err
	}
	if o := s.ordered(rows, env); o != nil {
		return o, nil
	}
	return s.streams(rows, env, 1)[0], nil
}

// begin starts to read the table, or to count its rows where count says so and
// the source can be told all conditions.
func (s *scan) begin(ctx context.Context, env *Env, count *table.Count) (table.Scan, error) {
	used := make([]bool, s.src.Schema().Len())
	for _, i := range s.read {
		used[i] = true
	}
	for _, c := range s.where {
		expr.Columns(c, used)
	}
	req := table.Request{Where: Predicates(s.where), NoPruning: env.NoPruning}
	if len(req.Where) == len(s.where) && !slices.ContainsFunc(req.Where, func(p table.Predicate) bool { return !p.Exact() }) {
		req.Count = count
	}
	for i, ok := range used {
		if ok {
			req.Columns = append(req.Columns, i)
		}
	}
	return s.src.Scan(ctx, req)
}

func (s *scan) OpenN(ctx context.Context, env *Env, n int) ([]Stream, error) {
	rows, err := s.begin(ctx, env, nil)
	if err != nil {
		return nil, err
	}
	return s.streams(rows, env, n), nil
}

// smallScan knows what little there is to do.
type smallScan interface {
	// AtMost reports that no more than n rows are to be looked at, which is known
	// before any block has been asked for, and without reading.
	AtMost(n int) bool
}

// rowsOfOne is up to how many rows one stream is enough for: what they take is not
// much more than waking another goroutine, in a process that has been idle.
const rowsOfOne = 32768

// streams share the blocks of a scan; they are n, or fewer where there is little to read.
func (s *scan) streams(rows table.Scan, env *Env, n int) []Stream {
	if small, ok := rows.(smallScan); ok && n > 1 && small.AtMost(rowsOfOne) {
		n = 1
	}
	width := s.src.Schema().Len()
	shared := &sharedScan{node: s, scan: rows, env: env, open: n}
	conds := scanConds(s.where, width)
	out := make([]Stream, n)
	for i := range out {
		out[i] = &scanStream{node: s, shared: shared, where: cloneConds(conds), width: width}
	}
	return out
}

type scanStream struct {
	node    *scan
	shared  *sharedScan
	extent  any // that blocks are taken from
	where   []*scanCond
	width   int
	scratch buffers
	closed  bool
	spare   func() int // how many cores nobody uses; nil: not known
}

func (s *scanStream) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	s.scratch.free()
	return s.shared.close()
}

func (s *scanStream) Next(ctx context.Context) (*vec.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	block, err := s.nextBlock(ctx)
	if err != nil {
		return nil, err
	}
	return s.batch(block)
}

// nextRows filters blocks until rows are left of one.
func (s *scanStream) nextRows(ctx context.Context) (*blockReader, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		block, err := s.nextBlock(ctx)
		if err != nil {
			return nil, err
		}
		r := newBlockReader(block, s.width, &s.scratch)
		if err := r.filter(s.where); err != nil {
			return nil, err
		}
		if r.rows() > 0 {
			return r, nil
		}
	}
}

func (s *scanStream) below(e expr.Expr) (expr.Expr, bool) { return expr.Remap(e, s.node.read), true }
func (s *scanStream) table() *scan                        { return s.node }
func (s *scanStream) env() *Env                           { return s.shared.env }

// batch filters a block and reads its columns.
func (s *scanStream) batch(block table.Block) (*vec.Batch, error) {
	r := newBlockReader(block, s.width, &s.scratch)
	if err := r.filter(s.where); err != nil {
		return nil, err
	}
	if r.rows() == 0 {
		return s.node.nothing(), nil
	}
	return s.read(r)
}

// read reads the columns for the rows that are left of a block.
func (s *scanStream) read(r *blockReader) (*vec.Batch, error) {
	out := &vec.Batch{Cols: make([]vec.Column, len(s.node.read)), N: r.rows()}
	out.Kin = r.kin() * out.N / r.n
	if a, ok := r.block.(aheadBlock); ok {
		a.Ahead(s.node.read)
	}
	if s.spare != nil {
		if err := r.readBy(1+s.spare(), s.node.read); err != nil {
			return nil, err
		}
	}
	for i, c := range s.node.read {
		col, err := r.column(c)
		if err != nil {
			return nil, err
		}
		out.Cols[i] = col
	}
	return out, nil
}

// nothing is a batch without rows.
func (s *scan) nothing() *vec.Batch {
	out := &vec.Batch{Cols: make([]vec.Column, len(s.cols))}
	for i, c := range s.cols {
		out.Cols[i] = vec.Constant(c.Type, nil)
	}
	return out
}
