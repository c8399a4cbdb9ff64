package ingest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/s2"
)

// manyPkgs are so many packages that their list has marks of its own for them.
func manyPkgs(n int, version string) []pkg {
	var out []pkg
	for i := range n {
		out = append(out, pkg{fmt.Sprintf("p%d", i*7919%n), "x86_64", version + fmt.Sprint(i%17), fmt.Sprint(i)})
	}
	return out
}

// age rewrites the kept lists as an older version had them.
func (m *fake) age(t *testing.T, version byte) (pieces int) {
	t.Helper()
	for name, b := range m.marks {
		if !strings.HasPrefix(name, "ingest/list/") || strings.Contains(name, "/#") {
			continue
		}
		k, fields, rest, err := decodeHead(b)
		if err != nil {
			t.Fatal(err)
		}
		repack := func(b []byte) []byte {
			if version > 2 {
				return b
			}
			text, err := listUnpacker.DecodeAll(b, nil)
			if err != nil {
				t.Fatal(err)
			}
			return s2.Encode(nil, text)
		}
		k.epoch = 0
		head := k.encodeHead(fields)
		head = head[:len(head)-1]
		head[0] = version
		for i := range k.pieces {
			pieces++
			m.marks[pieceMark(name, k.gen, i)] = repack(m.marks[pieceMark(name, k.gen, i)])
		}
		if k.pieces == 0 {
			head = append(head, repack(rest)...)
		}
		m.marks[name] = head
	}
	return pieces
}

// TestSnapshotOlderVersions: lists that older versions have kept are compared
// with, changed or not, and kept as they are today.
func TestSnapshotOlderVersions(t *testing.T) {
	for _, n := range []int{3, 3000} {
		was, now := manyPkgs(n, "1."), manyPkgs(n, "1.")
		now[1].version = "2"
		for version := byte(2); version < listVersion; version++ {
			m := newFake()
			m.load(t, message("web01", testNow, was), testOptions())
			if pieces := m.age(t, version); (pieces > 0) != (n > 3) {
				t.Fatalf("%d pieces", pieces)
			}
			for hour, list := range [][]pkg{was, was, now} { // unchanged ones are kept first
				m.load(t, message("web01", testNow.Add(time.Duration(hour+1)*time.Hour), list), testOptions())
			}
			if got := m.lines("ConfigurationChange"); len(got) != 1 || !strings.Contains(got[0], "Current=2 ") {
				t.Errorf("%d packages, version %d: %d changes, %.300q", n, version, len(got), got)
			}
		}
	}
}

// TestSnapshotEmptied: once the table of changes has been emptied the lists that
// made them make them again, and a list that comes meanwhile is compared with
// the one before.
func TestSnapshotEmptied(t *testing.T) {
	var text string
	for hour := range 4 {
		text += message("web01", testNow.Add(time.Duration(hour)*time.Hour), manyPkgs(5, fmt.Sprint(hour)))
	}
	m := newFake()
	m.load(t, text, testOptions())
	want := m.lines("ConfigurationChange")
	if len(want) != 15 {
		t.Fatalf("%d changes", len(want))
	}
	m.batches = nil
	m.load(t, text, testOptions())
	if got := m.lines("ConfigurationChange"); len(got) != 0 {
		t.Fatalf("%d changes come twice", len(got))
	}
	for round := range 2 {
		m.epochs, m.batches = map[string]uint64{"ConfigurationChange": uint64(round + 1)}, nil
		m.load(t, text, testOptions())
		if got := m.lines("ConfigurationChange"); !slices.Equal(got, want) {
			t.Errorf("round %d: %d changes, want %d", round, len(got), len(want))
		}
	}
	m.epochs, m.batches = map[string]uint64{"ConfigurationChange": 9}, nil
	m.load(t, message("web01", testNow.Add(9*time.Hour), manyPkgs(5, "9")), testOptions())
	if got := m.lines("ConfigurationChange"); len(got) != 5 {
		t.Errorf("%d changes of a list that came after", len(got))
	}
}
