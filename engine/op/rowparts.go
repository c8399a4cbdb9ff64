package op

import (
	"context"

	"tidemark/engine/expr"
	"tidemark/engine/spill"
	"tidemark/engine/vec"
	"tidemark/table"
)

// rowParts puts rows into parts of a file by the hash of keys: rows with equal
// keys are in the same part, in the order in which they came.
type rowParts struct {
	env    *Env
	level  int
	keys   []expr.Expr
	types  []table.Type
	held   *reservation // the caller's
	file   *spill.File
	parts  [fanOut]frames
	encode vec.Encoder
	rows   []*vec.Batch // that wait to be written together
	meter  vec.Meter
	size   int64
}

func newRowParts(env *Env, held *reservation, level int, keys []expr.Expr, types []table.Type) (*rowParts, error) {
	f, err := env.Spill.Create()
	if err != nil {
		return nil, err
	}
	p := &rowParts{env: env, level: level, keys: keys, types: types, held: held, file: f}
	for i := range p.parts {
		p.parts[i].file = f
	}
	return p, nil
}

// add takes in rows; they are written once there are many.
func (p *rowParts) add(ctx context.Context, b *vec.Batch) error {
	b = b.Compact()
	p.rows = append(p.rows, b)
	p.size += p.meter.Add(b)
	if p.size < fanOut*p.env.Budget.frame() && p.held.set(2*p.size) == nil {
		return nil
	}
	return p.flush(ctx)
}

// flush writes the rows that wait.
func (p *rowParts) flush(ctx context.Context) error {
	if len(p.rows) == 0 {
		return nil
	}
	p.held.force(2 * p.size)
	b := vec.Concat(p.rows, p.types)
	p.rows, p.size, p.meter = nil, 0, vec.Meter{}
	hashes := make([]uint64, b.N)
	vec.Hash(evalAll(p.keys, b), typesOf(p.keys), b.N, hashes)
	part := make([]uint8, b.N)
	for i, h := range hashes {
		part[i] = partOf(h, p.level)
	}
	for i, rows := range vec.ByPart(part, fanOut) {
		if len(rows) == 0 {
			continue
		}
		if err := p.parts[i].write(ctx, &p.encode, b.Gather(rows), p.env.Budget.frame()); err != nil {
			return err
		}
	}
	p.held.force(0)
	return nil
}

// addAll takes in all of a stream, closes it, and writes what waits.
func (p *rowParts) addAll(ctx context.Context, in Stream) error {
	defer in.Close()
	if err := eachBatch(ctx, in, func(b *vec.Batch) error { return p.add(ctx, b) }); err != nil {
		return err
	}
	return p.flush(ctx)
}

func (p *rowParts) close() {
	if p != nil {
		p.file.Close()
	}
}
