package spill

import (
	"encoding/binary"
	"os"
	"sync"

	"github.com/cespare/xxhash/v2"
	"github.com/klauspost/compress/s2"

	"tidemark/internal/wire"
)

// File is a temporary file. Frames may be added and read by many goroutines.
type File struct {
	space *Space

	mu     sync.Mutex
	f      *os.File
	end    int64
	closed bool
}

// Place is where a frame is.
type Place struct {
	off  int64
	size int32 // bytes in the file
}

// headSize is the checksum before the bytes of a frame.
const headSize = 8

// scratch are buffers for frames on their way to a file.
var scratch = sync.Pool{New: func() any { return new([]byte) }}

// Add writes a frame and returns its place. It does not keep frame.
func (f *File) Add(frame []byte) (Place, error) {
	buf := scratch.Get().(*[]byte)
	defer scratch.Put(buf)
	need := headSize + s2.MaxEncodedLen(len(frame))
	if cap(*buf) < need {
		*buf = make([]byte, need)
	}
	packed := s2.Encode((*buf)[headSize:need], frame)
	out := (*buf)[:headSize+len(packed)]
	binary.LittleEndian.PutUint64(out, xxhash.Sum64(packed))

	if err := f.space.room(int64(len(out))); err != nil {
		return Place{}, f.space.fail(err)
	}
	f.mu.Lock()
	p := Place{off: f.end, size: int32(len(out))}
	f.end += int64(len(out))
	file, closed := f.f, f.closed
	f.mu.Unlock()
	if closed {
		return Place{}, f.space.fail(errClosed)
	}
	if _, err := file.WriteAt(out, p.off); err != nil {
		return Place{}, f.space.fail(err)
	}
	return p, nil
}

// Read returns a frame, in memory of its own.
func (f *File) Read(p Place) ([]byte, error) {
	buf := scratch.Get().(*[]byte)
	defer scratch.Put(buf)
	if cap(*buf) < int(p.size) {
		*buf = make([]byte, p.size)
	}
	in := (*buf)[:p.size]
	f.mu.Lock()
	file, closed := f.f, f.closed
	f.mu.Unlock()
	if closed {
		return nil, f.space.fail(errClosed)
	}
	if _, err := file.ReadAt(in, p.off); err != nil {
		return nil, f.space.fail(err)
	}
	packed := in[headSize:]
	if binary.LittleEndian.Uint64(in) != xxhash.Sum64(packed) {
		return nil, f.space.fail(wire.ErrShort)
	}
	frame, err := s2.Decode(nil, packed)
	if err != nil {
		return nil, f.space.fail(wire.ErrShort)
	}
	return frame, nil
}

// Size is how many bytes the file has.
func (f *File) Size() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.end
}

// Close ends the use of the file, which is gone then. It may be called again.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	f.space.mu.Lock()
	delete(f.space.files, f)
	f.space.mu.Unlock()
	return discard(f.f)
}
