package ingest

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tidemark/table"
)

// paths returns how often each FileSystemPath is stored.
func (m *fake) paths() map[string]int {
	out := map[string]int{}
	for _, line := range m.lines("ConfigurationChange") {
		_, rest, _ := strings.Cut(line, "FileSystemPath=")
		path, _, _ := strings.Cut(rest, " |")
		out[path]++
	}
	return out
}

// once fails the test unless the paths /f0 to /f(n-1) are stored once each, and
// a loader that knows nothing but the marks takes all for stored.
func (m *fake) once(t *testing.T, n int) {
	t.Helper()
	got := m.paths()
	for i := range n {
		if path := fmt.Sprintf("/f%d", i); got[path] != 1 {
			t.Fatalf("%s is stored %d times", path, got[path])
		}
	}
	if len(got) != n {
		t.Fatalf("%d paths are stored, want %d", len(got), n)
	}
	if s := m.load(t, azureRows(0, n), testOptions()); s.RowsIn != 0 || s.RowsDuplicate != int64(n) {
		t.Fatalf("by the marks: %+v", s)
	}
}

// TestConcurrentLoads loads parts of the same rows at the same time into a
// database that refuses some batches. Who is refused tries again.
func TestConcurrentLoads(t *testing.T) {
	const n = 3000
	m := newFake()
	var mu sync.Mutex
	random := rand.New(rand.NewSource(1))
	refused := errors.New("refused")
	m.refuse = func(*table.Batch) error {
		mu.Lock()
		chance := random.Intn(4)
		mu.Unlock()
		for range 20 {
			runtime.Gosched() // others come between
		}
		if chance == 0 {
			return refused
		}
		return nil
	}
	l := NewLoader(m)
	var wg sync.WaitGroup
	var stored, repeated, offered int64
	for i := range 12 {
		wg.Go(func() {
			first, count := i%3*500, n-i%3*500
			o := testOptions()
			o.BatchRows, o.Decoders = 50+7*i, 1
			for done := false; !done; {
				s, err := l.Load(t.Context(), strings.NewReader(azureRows(first, count)), o)
				if err != nil && !errors.Is(err, refused) {
					t.Error(err)
					return
				}
				mu.Lock()
				stored += s.RowsIn
				if done = err == nil; done {
					offered += int64(count)
					repeated += s.RowsDuplicate
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	m.refuse = nil
	if stored != n || repeated > offered {
		t.Errorf("%d stored, %d of %d there already", stored, repeated, offered)
	}
	if len(l.claims) > 0 {
		t.Errorf("%d claims are left", len(l.claims))
	}
	m.once(t, n)
}

// TestClaimWaits has a load wait for the outcome of a batch that has its rows
// under way.
func TestClaimWaits(t *testing.T) {
	for _, fails := range []bool{false, true} {
		m := newFake()
		begun, outcome := make(chan bool, 1), make(chan error, 1)
		first := true
		m.refuse = func(*table.Batch) error {
			if !first {
				return nil
			}
			first = false
			begun <- true
			return <-outcome
		}
		l := NewLoader(m)
		results := make(chan Stats, 2)
		load := func(text string) {
			s, err := l.Load(context.Background(), strings.NewReader(text), testOptions())
			if (err != nil) != (fails && s.RowsIn == 0) {
				t.Error(err)
			}
			results <- s
		}
		go load(azureRows(0, 100))
		<-begun
		go load(azureRows(50, 100))
		// Give up while waiting: no claim may be left behind.
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		if _, err := l.Load(ctx, strings.NewReader(azureRows(99, 1)), testOptions()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting load: %v", err)
		}
		cancel()
		var want error
		if fails {
			want = errors.New("no")
		}
		outcome <- want
		a, b := <-results, <-results
		if in := a.RowsIn + b.RowsIn; fails && in != 100 || !fails && (in != 150 || a.RowsDuplicate+b.RowsDuplicate != 50) {
			t.Errorf("fails %v: %+v, %+v", fails, a, b)
		}
		if got := len(m.paths()); got != map[bool]int{false: 150, true: 100}[fails] {
			t.Errorf("fails %v: %d rows", fails, got)
		}
	}
}

// TestConcurrentLists sends two messages of a computer at the same time: one
// must be compared with the other.
func TestConcurrentLists(t *testing.T) {
	for range 20 {
		m := newFake()
		l := NewLoader(m)
		var wg sync.WaitGroup
		for i := range 4 {
			text := fmt.Sprintf(`{"DataType":"CONFIG_CHANGE_BLOB","DataItems":[{"Timestamp":"2026-03-12T07:00:0%dZ","Computer":"web01","ConfigChangeType":"Daemons","Collections":[{"CollectionName":"s","Name":"s","State":"%d"}]}]}`, i, i)
			wg.Go(func() {
				if _, err := l.Load(t.Context(), strings.NewReader(text), testOptions()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		last, err := (&tracker{dst: m}).last(&list{kind: kindOf("Daemons"), computer: "web01"}, nil)
		if err != nil || !slices.Contains(last.items[0].values, "3") {
			t.Fatalf("the last list is %v: %v", last, err)
		}
	}
}

func TestSeenForgets(t *testing.T) {
	l := NewLoader(newFake())
	s := l.seen
	d, _ := s.day(dayKey{table: "T", day: 1})
	for i := range maxHashes {
		d.set.add(uint64(i + 1))
	}
	pinned, _ := s.day(dayKey{table: "T", day: 2})
	pinned.pins = 1
	s.tick++
	if _, err := s.day(dayKey{table: "T", day: 3}); err != nil {
		t.Fatal(err)
	}
	if s.forget(); len(s.days) != 2 || s.days[dayKey{table: "T", day: 1}] != nil {
		t.Errorf("%d days in memory", len(s.days))
	}
}

// TestHashSet compares the set with a map.
func TestHashSet(t *testing.T) {
	random := rand.New(rand.NewSource(2))
	for range 50 {
		var h hashSet
		want := map[uint64]bool{}
		for range 2000 {
			v := uint64(random.Intn(300)+1) << random.Intn(8)
			if random.Intn(2) == 0 {
				if h.add(v) == want[v] {
					t.Fatalf("add %d", v)
				}
				want[v] = true
			} else {
				h.remove(v)
				delete(want, v)
			}
		}
		for v := uint64(1); v < 300<<8; v++ {
			if h.has(v) != want[v] {
				t.Fatalf("has %d is %v", v, h.has(v))
			}
		}
		if h.n != len(want) {
			t.Fatalf("%d, want %d", h.n, len(want))
		}
	}
}
