package op

import (
	"context"
	"io"

	"tidemark/engine/vec"
	"tidemark/table"
)

// sorter sorts rows that may be more than the budget allows. Those that are too
// many are sorted part by part, each part is written to a file as a run, and
// the runs are merged. Rows with equal keys keep their order throughout: runs
// are in the order of the input, and of equal rows the earlier run's come first.
type sorter struct {
	env   *Env
	keys  []sortKey
	types []table.Type

	held   *reservation
	rows   []*vec.Batch
	meter  vec.Meter
	size   int64
	encode vec.Encoder
	runs   []*frames
}

func newSorter(env *Env, operator string, keys []sortKey, types []table.Type) *sorter {
	return &sorter{env: env, keys: keys, types: types, held: env.Budget.reserveSome(operator)}
}

// add takes in rows.
func (s *sorter) add(ctx context.Context, b *vec.Batch) error {
	b = b.Compact()
	s.rows = append(s.rows, b)
	s.size += s.meter.Add(b)
	// Sorting needs the rows once more, in one batch, and then in order.
	if s.held.set(2*s.size) == nil {
		return nil
	}
	return s.spill(ctx)
}

// sorted returns what was added, in order.
func (s *sorter) sorted() *vec.Batch {
	all := vec.Concat(s.rows, s.types)
	s.rows, s.size, s.meter = nil, 0, vec.Meter{}
	return all.Gather(order(all, s.keys))
}

// spill writes what was added as a run.
func (s *sorter) spill(ctx context.Context) error {
	if len(s.rows) == 0 {
		return nil
	}
	f, err := s.env.Spill.Create()
	if err != nil {
		return err
	}
	run := &frames{file: f}
	s.runs = append(s.runs, run)
	all := vec.Concat(s.rows, s.types)
	s.held.force(2 * s.size)
	s.rows = nil
	rows := order(all, s.keys)
	frame := s.env.Budget.frame()
	step := int(max(1, int64(all.N)*frame/max(1, s.size)))
	for from, to := range vec.Runs(all.N, step) {
		if err := run.write(ctx, &s.encode, all.Gather(rows[from:to]), frame); err != nil {
			return err
		}
	}
	s.size, s.meter = 0, vec.Meter{}
	s.held.force(0)
	return nil
}

// finish returns the sorted rows, as a stream; nothing is added any more.
func (s *sorter) finish(ctx context.Context) (Stream, error) {
	if len(s.runs) == 0 {
		if len(s.rows) == 0 {
			return &rowsStream{}, nil
		}
		all := s.sorted()
		s.held.force(s.held.held / 2)
		return &rowsStream{batches: []*vec.Batch{all}}, nil
	}
	if err := s.spill(ctx); err != nil {
		return nil, err
	}
	for {
		n := s.fanIn()
		if len(s.runs) <= n {
			return s.merge(s.runs), nil
		}
		if err := s.pass(ctx, n); err != nil {
			return nil, err
		}
	}
}

// fanIn is how many runs are merged at once: a frame of each is in memory, and
// as much again goes into the rows that come out.
func (s *sorter) fanIn() int {
	most := int64(1)
	for _, r := range s.runs {
		most = max(most, r.most)
	}
	return int(max(4, min(64, s.env.Budget.share()/(4*most))))
}

// pass merges each n neighbouring runs into one.
func (s *sorter) pass(ctx context.Context, n int) error {
	var merged []*frames
	for from, to := range vec.Runs(len(s.runs), n) {
		f, err := s.env.Spill.Create()
		if err != nil {
			return err
		}
		run := &frames{file: f}
		merged = append(merged, run)
		m := s.merge(s.runs[from:to])
		for {
			b, err := m.Next(ctx)
			if err == io.EOF {
				break
			}
			if err == nil {
				err = run.write(ctx, &s.encode, b, s.env.Budget.frame())
			}
			if err != nil {
				return err
			}
		}
		closeFrames(s.runs[from:to])
	}
	s.runs = merged
	return nil
}

func closeFrames(runs []*frames) {
	for _, r := range runs {
		r.file.Close()
	}
}

func (s *sorter) close() {
	s.held.release()
	s.rows = nil
	closeFrames(s.runs)
}

func (s *sorter) merge(runs []*frames) *mergeStream {
	m := &mergeStream{sorter: s, rows: s.env.Rows}
	size := int64(0)
	for i, r := range runs {
		m.heads = append(m.heads, &runHead{run: r, number: i})
		size += 4 * r.most
	}
	s.held.force(size)
	return m
}

// runHead is the place in a run that merging has come to.
type runHead struct {
	run    *frames
	number int // among the runs merged: of equal rows the lower comes first
	frame  int // the next one
	rows   *vec.Batch
	keys   []vec.Ranked
	row    int32
	source int32 // of rows, among the batches that the next rows come from
}

// mergeStream merges runs. heads is a heap, the least row first.
type mergeStream struct {
	sorter *sorter
	heads  []*runHead
	rows   int // of a batch that comes out
	begun  bool

	batches    []*vec.Batch // that rows of the next batch come from
	from, take []int32      // of each row: its batch, and its place there
}

func (m *mergeStream) Close() error { return nil }

func (m *mergeStream) Next(ctx context.Context) (*vec.Batch, error) {
	if !m.begun {
		m.begun = true
		if err := m.begin(ctx); err != nil {
			return nil, err
		}
	}
	enough := 2*len(m.heads) + 2 // frames: rows may be wide
	for len(m.heads) > 0 && len(m.take) < m.rows && len(m.batches) < enough {
		h := m.heads[0]
		m.from, m.take = append(m.from, h.source), append(m.take, h.row)
		if h.row++; int(h.row) == h.rows.N {
			if err := m.load(ctx, h); err != nil {
				return nil, err
			}
			if h.rows == nil {
				last := len(m.heads) - 1
				m.heads[0] = m.heads[last]
				m.heads = m.heads[:last]
			}
		}
		m.sink(0)
	}
	if len(m.take) == 0 {
		return nil, io.EOF
	}
	return m.out(), nil
}

// begin loads the first frame of each run and makes a heap of them.
func (m *mergeStream) begin(ctx context.Context) error {
	for _, h := range m.heads {
		if err := m.load(ctx, h); err != nil {
			return err
		}
	}
	for i := len(m.heads)/2 - 1; i >= 0; i-- {
		m.sink(i)
	}
	return nil
}

// load reads the next frame of a run; rows is nil where there is none.
func (m *mergeStream) load(ctx context.Context, h *runHead) error {
	h.rows, h.row = nil, 0
	if h.frame == len(h.run.places) {
		return nil
	}
	b, err := h.run.read(ctx, h.frame)
	if err != nil {
		return err
	}
	h.frame++
	h.rows, h.source = b, int32(len(m.batches))
	m.batches = append(m.batches, b)
	h.keys = h.keys[:0]
	for _, k := range vecKeys(b, m.sorter.keys) {
		h.keys = append(h.keys, k.Rank(b.N))
	}
	return nil
}

func (m *mergeStream) less(a, b *runHead) bool {
	if d := vec.CompareRanked(a.keys, a.row, b.keys, b.row); d != 0 {
		return d < 0
	}
	return a.number < b.number
}

func (m *mergeStream) sink(i int) {
	for {
		child := 2*i + 1
		if child >= len(m.heads) {
			return
		}
		if child+1 < len(m.heads) && m.less(m.heads[child+1], m.heads[child]) {
			child++
		}
		if !m.less(m.heads[child], m.heads[i]) {
			return
		}
		m.heads[i], m.heads[child] = m.heads[child], m.heads[i]
		i = child
	}
}

// out makes a batch of the rows chosen and forgets the frames that are done.
func (m *mergeStream) out() *vec.Batch {
	b := vec.Interleave(m.batches, m.from, m.take, m.sorter.types)
	m.from, m.take, m.batches = m.from[:0], m.take[:0], nil
	for _, h := range m.heads {
		h.source = int32(len(m.batches))
		m.batches = append(m.batches, h.rows)
	}
	return b
}
