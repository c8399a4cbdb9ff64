package ingest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory that a zstd stream can ask for.
const maxWindow = 128 << 20

var (
	magicGzip = []byte{0x1f, 0x8b}
	magicZstd = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

func isPacked(magic []byte) bool {
	return bytes.HasPrefix(magic, magicGzip) || bytes.HasPrefix(magic, magicZstd)
}

func isUTF16(magic []byte) bool {
	return bytes.HasPrefix(magic, []byte{0xff, 0xfe}) || bytes.HasPrefix(magic, []byte{0xfe, 0xff})
}

// open returns the text in r: unpacked where it is gzip or zstd, as UTF-8
// without a byte order mark.
func open(r io.Reader) (io.Reader, func(), error) {
	b := bufio.NewReaderSize(r, 256<<10)
	done := func() {}
	magic, _ := b.Peek(4)
	switch {
	case bytes.HasPrefix(magic, magicGzip):
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, done, fmt.Errorf("read gzip: %w", err)
		}
		b = bufio.NewReaderSize(named{"gzip", z}, 256<<10)
	case bytes.HasPrefix(magic, magicZstd):
		z, err := zstd.NewReader(b, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, done, fmt.Errorf("read zstd: %w", err)
		}
		done = z.Close
		b = bufio.NewReaderSize(named{"zstd", z}, 256<<10)
	}
	mark, _ := b.Peek(3)
	switch {
	case bytes.HasPrefix(mark, []byte{0xef, 0xbb, 0xbf}):
		b.Discard(3)
	case bytes.HasPrefix(mark, []byte{0xff, 0xfe}):
		b.Discard(2)
		return &utf16Reader{r: b}, done, nil
	case bytes.HasPrefix(mark, []byte{0xfe, 0xff}):
		b.Discard(2)
		return &utf16Reader{r: b, big: 1}, done, nil
	}
	return b, done, nil
}

// named puts the name of a compression before its errors.
type named struct {
	name string
	io.Reader
}

func (n named) Read(p []byte) (int, error) {
	c, err := n.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("read %s: %w", n.name, err)
	}
	return c, err
}

// utf16Reader turns UTF-16, as Windows PowerShell writes it, into UTF-8.
type utf16Reader struct {
	r   io.Reader
	big int // 1 for big endian
	in  [4096]byte
	n   int // bytes of in that wait
	out []byte
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		n, err := u.r.Read(u.in[u.n:])
		u.n += n
		u.convert(err != nil)
		if err != nil && len(u.out) == 0 {
			return 0, err
		}
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

// convert turns what waits into UTF-8, but for a half character at the end.
func (u *utf16Reader) convert(last bool) {
	u.out = u.out[:0]
	i := 0
	for i+1 < u.n {
		c := rune(u.in[i+u.big]) | rune(u.in[i+1-u.big])<<8
		if utf16.IsSurrogate(c) {
			if i+3 >= u.n && !last {
				break
			}
			full := rune(utf8.RuneError)
			if i+3 < u.n {
				full = utf16.DecodeRune(c, rune(u.in[i+2+u.big])|rune(u.in[i+3-u.big])<<8)
			}
			if c = full; c != utf8.RuneError {
				i += 2
			}
		}
		u.out = utf8.AppendRune(u.out, c)
		i += 2
	}
	u.n = copy(u.in[:], u.in[i:u.n])
	if last && u.n > 0 {
		u.out = utf8.AppendRune(u.out, utf8.RuneError)
		u.n = 0
	}
}

// pump reads ahead in a goroutine of its own, so that whoever frames records
// can stop waiting: for a batch that has waited long enough, or because the
// load was called off. A Read under way when the load ends goes on until r
// returns from it.
type pump struct {
	blocks chan block
	free   chan []byte
	ended  chan struct{} // closed when nothing is read any more
	err    error
	total  int64
}

type block struct {
	data []byte
	err  error
}

func newPump(ctx context.Context, r io.Reader, done func()) *pump {
	p := &pump{blocks: make(chan block, 2), free: make(chan []byte, 4), ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		defer done()
		for {
			var buf []byte
			select {
			case buf = <-p.free:
			default:
				buf = make([]byte, 256<<10)
			}
			n, err := r.Read(buf)
			select {
			case p.blocks <- block{buf[:n], err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return p
}

// wait waits until nothing is read any more: the context has ended.
func (p *pump) wait() { <-p.ended }

// errIdle says that nothing came within the time to wait.
var errIdle = fmt.Errorf("nothing to read yet")

// more appends what can be read to buf, waiting no longer than wait if that
// is not 0.
func (p *pump) more(ctx context.Context, buf []byte, wait time.Duration) ([]byte, error) {
	if p.err != nil {
		return buf, p.err
	}
	var late <-chan time.Time
	if wait > 0 {
		t := time.NewTimer(wait)
		defer t.Stop()
		late = t.C
	}
	select {
	case b := <-p.blocks:
		buf = append(buf, b.data...)
		p.total += int64(len(b.data))
		p.err = b.err
		select {
		case p.free <- b.data[:cap(b.data)]:
		default:
		}
		if len(b.data) > 0 {
			return buf, nil
		}
		return buf, p.err
	case <-late:
		return buf, errIdle
	case <-ctx.Done():
		return buf, ctx.Err()
	}
}
