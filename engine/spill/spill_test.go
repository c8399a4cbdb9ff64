package spill

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func frame(rnd *rand.Rand) []byte {
	b := make([]byte, rnd.IntN(5000))
	for i := range b {
		b[i] = byte(rnd.IntN(7))
	}
	return b
}

// TestFrames: what several goroutines write is read by its places.
func TestFrames(t *testing.T) {
	dir := t.TempDir()
	space := NewSpace(filepath.Join(dir, "missing"), dir)
	f, err := space.Create()
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range uint64(4) {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(w, w))
			for range 50 {
				want := frame(rnd)
				p, err := f.Add(want)
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := f.Read(p); err != nil || !bytes.Equal(got, want) {
					t.Error("not what was written", err)
				}
			}
		})
	}
	wg.Wait()
	if space.Written() != f.Size() || f.Size() == 0 {
		t.Errorf("%d bytes written, %d in the file", space.Written(), f.Size())
	}
	if err := space.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	if _, err := f.Add(nil); err == nil {
		t.Error("a file can be written after the end")
	}
	if _, err := space.Create(); err == nil {
		t.Error("a file can be made after the end")
	}
}

// TestFull: a disk without room is an error that says what to do, before it is
// really full.
func TestFull(t *testing.T) {
	space := NewSpace(t.TempDir())
	space.free = func(string) (uint64, error) { return reserve - 1, nil }
	defer space.Close()
	f, err := space.Create()
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Add([]byte("x"))
	if full := new(SpaceError); !errors.As(err, &full) || !strings.Contains(err.Error(), "--temp-dir") {
		t.Error(err)
	}
}

func TestNoDirectory(t *testing.T) {
	space := NewSpace(filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b"))
	defer space.Close()
	if _, err := space.Create(); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// TestDamage: a byte that changed on disk is an error, never another answer.
func TestDamage(t *testing.T) {
	space := NewSpace(t.TempDir())
	defer space.Close()
	f, err := space.Create()
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Add(bytes.Repeat([]byte("frame"), 100))
	if err != nil {
		t.Fatal(err)
	}
	var b [1]byte
	for at := p.off; at < p.off+int64(p.size); at++ {
		f.f.ReadAt(b[:], at)
		f.f.WriteAt([]byte{b[0] ^ 4}, at)
		if _, err := f.Read(p); err == nil {
			t.Errorf("damage of byte %d is not seen", at)
		}
		f.f.WriteAt(b[:], at)
	}
}

func TestSweep(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{prefix + "1", prefix + "2", "mine"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	Sweep(dir)
	if left, _ := os.ReadDir(dir); len(left) != 1 || left[0].Name() != "mine" {
		t.Errorf("%v is left", left)
	}
}

func BenchmarkFrames(b *testing.B) {
	space := NewSpace(b.TempDir())
	defer space.Close()
	data := bytes.Repeat([]byte("C:\\Windows\\System32\\drivers\\etc\\hosts\x00\x01\x02"), 6000)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		f, err := space.Create()
		if err != nil {
			b.Fatal(err)
		}
		for range 10 {
			p, err := f.Add(data)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := f.Read(p); err != nil {
				b.Fatal(err)
			}
		}
		f.Close()
	}
}
