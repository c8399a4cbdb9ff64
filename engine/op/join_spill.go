package op

import (
	"context"
	"io"

	"tidemark/engine/expr"
	"tidemark/engine/vec"
	"tidemark/table"
)

// Where the side that a join holds does not fit into memory, both sides go to
// files, cut into parts by the hash of the keys, and the parts are joined one
// after the other. A part that is still too large is parted again; one that
// cannot be, since its rows have one key, is joined piece by piece: for each
// piece of the build side all of the probe side is read.

// joinTask is a part of both sides.
type joinTask struct {
	build, probe *frames
	level        int
	last         []*rowParts // that are done after it
}

// joinParts are the parts that are still to be joined; the last one is next.
type joinParts struct {
	tasks []joinTask
	files []*rowParts // all that were made

	now   joinTask
	at    int    // the next frame of now's build side
	marks []bool // where the build side comes in pieces: the probe rows that found a partner
	begun bool
}

func (p *joinParts) close() {
	if p == nil {
		return
	}
	for _, f := range p.files {
		f.close()
	}
}

// cut writes both sides into parts, and makes tasks of them.
func (p *joinParts) cut(ctx context.Context, s *joinStream, level int, build, probe Stream) error {
	b, err := newRowParts(s.env, s.held, level, s.rkeys, s.buildTypes())
	if err != nil {
		return err
	}
	p.files = append(p.files, b)
	if err := b.addAll(ctx, build); err != nil {
		return err
	}
	q, err := newRowParts(s.env, s.held, level, s.lkeys, s.probeTypes())
	if err != nil {
		return err
	}
	p.files = append(p.files, q)
	if err := q.addAll(ctx, probe); err != nil {
		return err
	}
	first := len(p.tasks)
	for i := range b.parts {
		if b.parts[i].rows > 0 || q.parts[i].rows > 0 {
			p.tasks = append(p.tasks, joinTask{build: &b.parts[i], probe: &q.parts[i], level: level})
		}
	}
	if len(p.tasks) > first {
		p.tasks[first].last = []*rowParts{b, q}
	}
	return nil
}

func (s *joinStream) buildTypes() []table.Type {
	if s.swapped {
		return Types(s.node.l.Columns())
	}
	return Types(s.node.r.Columns())
}

func (s *joinStream) probeTypes() []table.Type {
	if s.swapped {
		return Types(s.node.r.Columns())
	}
	return Types(s.node.l.Columns())
}

// next makes ready the table of the next part, or of the next piece of one,
// and the rows to look up in it; false after the last.
func (p *joinParts) next(ctx context.Context, s *joinStream) (bool, error) {
	for {
		if p.begun && p.at < len(p.now.build.places) { // another piece
			return true, p.load(ctx, s)
		}
		if p.begun && p.marks != nil { // what is known only after all pieces
			s.table, s.marks, s.source = nil, p.marks, &framesStream{frames: p.now.probe}
			p.marks = nil
			return true, nil
		}
		for _, f := range p.now.last {
			f.close()
		}
		if len(p.tasks) == 0 {
			return false, nil
		}
		p.now = p.tasks[len(p.tasks)-1]
		p.tasks = p.tasks[:len(p.tasks)-1]
		p.at, p.begun, p.marks, s.marks = 0, true, nil, nil
		if len(p.now.build.places) == 0 { // nothing to find
			s.setTable(&vec.Batch{Cols: constants(s.buildTypes())})
			s.source = &framesStream{frames: p.now.probe}
			return true, nil
		}
		again, err := p.divide(ctx, s)
		if err != nil {
			return false, err
		}
		if !again {
			return true, p.load(ctx, s)
		}
	}
}

// divide parts the present task again where its build side is too large and
// has more than one key.
func (p *joinParts) divide(ctx context.Context, s *joinStream) (bool, error) {
	t := p.now
	if t.level+1 >= maxLevel || s.held.set(tableSize(t.build.bytes, t.build.rows)) == nil {
		return false, nil
	}
	one, err := oneKey(ctx, t.build, s.rkeys)
	if err != nil || one {
		return false, err
	}
	p.begun = false
	if err := p.cut(ctx, s, t.level+1, &framesStream{frames: t.build}, &framesStream{frames: t.probe}); err != nil {
		return false, err
	}
	for _, f := range t.last {
		f.close()
	}
	p.now = joinTask{}
	return true, nil
}

// oneKey reports whether the rows of the first frame have but one hash.
func oneKey(ctx context.Context, f *frames, keys []expr.Expr) (bool, error) {
	b, err := f.read(ctx, 0)
	if err != nil {
		return false, err
	}
	hashes := make([]uint64, b.N)
	vec.Hash(evalAll(keys, b), typesOf(keys), b.N, hashes)
	for _, h := range hashes {
		if h != hashes[0] {
			return false, nil
		}
	}
	return true, nil
}

// load makes a table of as many rows of the build side as fit, at least those
// of one frame.
func (p *joinParts) load(ctx context.Context, s *joinStream) error {
	var rows []*vec.Batch
	size, n := int64(0), int64(0)
	var meter vec.Meter
	for first := true; p.at < len(p.now.build.places); first = false {
		b, err := p.now.build.read(ctx, p.at)
		if err != nil {
			return err
		}
		size, n = size+meter.Add(b), n+int64(b.N)
		if s.held.set(tableSize(size, n)) != nil && !first {
			break
		}
		rows = append(rows, b)
		p.at++
	}
	s.setTable(vec.Concat(rows, s.buildTypes()))
	s.source = &framesStream{frames: p.now.probe}
	k := s.node.kind
	if p.at < len(p.now.build.places) && p.marks == nil && (k.keepLeft || k.semi || k.onlyUnpaired) {
		p.marks = make([]bool, p.now.probe.rows)
	}
	s.marks = p.marks
	return nil
}

// tableSize is the memory that rows of so many bytes take as they are put
// together and become a table.
func tableSize(bytes, rows int64) int64 { return 2*bytes + 40*rows }

// constants are the columns of a batch without rows.
func constants(types []table.Type) []vec.Column {
	out := make([]vec.Column, len(types))
	for i, t := range types {
		out[i] = vec.Constant(t, nil)
	}
	return out
}

// eachBatch calls f for the batches of a stream that have rows.
func eachBatch(ctx context.Context, in Stream, f func(*vec.Batch) error) error {
	for {
		b, err := in.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err == nil && b.N > 0 {
			err = f(b)
		}
		if err != nil {
			return err
		}
	}
}
