package op

import (
	"context"
	"io"

	"tidemark/engine/spill"
	"tidemark/engine/vec"
	"tidemark/internal/wire"
)

// frame is about how many bytes of rows go into a frame of a file: enough for
// the disk, and little against the budget, of which merging needs many.
func (b *Budget) frame() int64 { return max(8<<10, min(1<<20, b.limit/128)) }

// frames is a run of batches in a file, in order.
type frames struct {
	file   *spill.File
	places []spill.Place
	rows   int64
	bytes  int64 // in memory
	most   int64 // of one frame, in memory
}

// write appends the rows of a batch, cut into frames.
func (f *frames) write(ctx context.Context, e *vec.Encoder, b *vec.Batch, frame int64) error {
	size := b.Size()
	rows := b.N
	if size > frame {
		rows = int(max(1, int64(b.N)*frame/size))
	}
	for from, to := range vec.Runs(b.N, rows) {
		part := b
		if from > 0 || to < b.N {
			part = b.Slice(from, to)
		}
		if err := f.writeOne(ctx, e, part); err != nil {
			return err
		}
	}
	return nil
}

func (f *frames) writeOne(ctx context.Context, e *vec.Encoder, b *vec.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	place, err := f.file.Add(e.AppendBatch(nil, b))
	if err != nil {
		return err
	}
	f.places = append(f.places, place)
	size := b.Size()
	f.rows, f.bytes, f.most = f.rows+int64(b.N), f.bytes+size, max(f.most, size)
	return nil
}

// read returns a frame.
func (f *frames) read(ctx context.Context, i int) (*vec.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	frame, err := f.file.Read(f.places[i])
	if err != nil {
		return nil, err
	}
	r := wire.NewReader(frame)
	b := vec.ReadBatch(r)
	return b, r.Err()
}

// framesStream gives the batches of a run, then those that follow in memory.
type framesStream struct {
	frames *frames
	at     int
	then   []*vec.Batch
}

func (s *framesStream) Close() error { return nil }

func (s *framesStream) Next(ctx context.Context) (*vec.Batch, error) {
	if s.frames != nil && s.at < len(s.frames.places) {
		s.at++
		return s.frames.read(ctx, s.at-1)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(s.then) == 0 {
		return nil, io.EOF
	}
	b := s.then[0]
	s.then = s.then[1:]
	return b, nil
}

// spool keeps batches for who reads them later, in the order in which they
// came: in memory as far as the budget goes, all but the last ones in a file
// where it does not. Any number may read once all are there.
type spool struct {
	env    *Env
	held   *reservation
	rows   []*vec.Batch
	meter  vec.Meter
	size   int64
	encode vec.Encoder
	file   *frames
}

func newSpool(env *Env, operator string) *spool {
	return &spool{env: env, held: env.Budget.reserveSome(operator)}
}

// fill reads all of a stream and closes it.
func (s *spool) fill(ctx context.Context, in Stream) error {
	defer in.Close()
	for {
		b, err := in.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err == nil && b.N > 0 {
			err = s.add(ctx, b)
		}
		if err != nil {
			return err
		}
	}
}

func (s *spool) add(ctx context.Context, b *vec.Batch) error {
	b = b.Compact()
	s.rows = append(s.rows, b)
	s.size += s.meter.Add(b)
	if s.held.set(s.size) == nil {
		return nil
	}
	return s.flush(ctx)
}

// flush moves to the file what is in memory.
func (s *spool) flush(ctx context.Context) error {
	if s.file == nil {
		f, err := s.env.Spill.Create()
		if err != nil {
			return err
		}
		s.file = &frames{file: f}
	}
	for _, b := range s.rows {
		if err := s.file.write(ctx, &s.encode, b, s.env.Budget.frame()); err != nil {
			return err
		}
	}
	s.rows, s.size, s.meter = nil, 0, vec.Meter{}
	s.held.force(0)
	return nil
}

// stream gives the rows from the first on.
func (s *spool) stream() Stream { return &framesStream{frames: s.file, then: s.rows} }

func (s *spool) close() {
	s.held.release()
	s.rows = nil
	if s.file != nil {
		s.file.file.Close()
	}
}
