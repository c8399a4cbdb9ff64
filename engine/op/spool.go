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
