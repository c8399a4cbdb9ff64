package huge

import (
	"os"
	"testing"
	"unsafe"
)

func TestHeapRange(t *testing.T) {
	for _, c := range []struct {
		line string
		a, b uintptr
		ok   bool
	}{
		{"7f0000400000-7f0001400000 rw-p 00000000 00:00 0", 0x7f0000400000, 0x7f0001400000, true},
		{"7f0000500000-7f0001500000 rw-p 00000000 00:00 0", 0x7f0000800000, 0x7f0001400000, true},
		{"c000000000-c000400000 rw-p 00000000 00:00 0    [anon: Go: heap]", 0xc000000000, 0xc000400000, true},
		{"c000400000-c004000000 ---p 00000000 00:00 0", 0, 0, false},
		{"7f0000400000-7f0001400000 rw-p 00000000 00:00 0    [stack]", 0, 0, false},
		{"7f0000400000-7f0001400000 rw-p 00000000 fe:00 77    /data/000001.vlog", 0, 0, false},
		{"", 0, 0, false},
	} {
		if a, b, ok := heapRange(c.line); a != c.a || b != c.b || ok != c.ok {
			t.Errorf("%q: %x-%x %v, want %x-%x %v", c.line, a, b, ok, c.a, c.b, c.ok)
		}
	}
}

// A buffer of the heap is within what was advised.
func TestHeap(t *testing.T) {
	if _, err := os.Stat("/proc/self/maps"); err != nil {
		t.Skipf("a Linux without /proc, where nothing is advised: %v", err)
	}
	buffer := make([]byte, 64<<20)
	adviseHeap()
	at := uintptr(unsafe.Pointer(&buffer[len(buffer)/2]))
	if !advised[at/piece*piece] {
		t.Errorf("the piece of a buffer at %x was not advised", at)
	}
	for _, b := range buffer {
		if b != 0 {
			t.Fatal("the buffer has changed")
		}
	}
}
