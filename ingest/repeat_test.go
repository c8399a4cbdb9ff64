package ingest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"tidemark/table"
)

// TestWindowLaw: against a model, for rows that come at random, with restarts in
// between, a row is left out exactly if an equal one was stored within the
// window; in between that and an eighth longer, either is right.
func TestWindowLaw(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 1))
		m := newFake()
		o := testOptions()
		o.DedupWindow = time.Duration(1+r.IntN(100)) * time.Minute
		now := testNow
		o.Now = func() time.Time { return now }
		l := NewLoader(m)
		last := map[int]time.Time{}
		for round := range 150 {
			now = now.Add(time.Duration(r.Int64N(int64(o.DedupWindow / 4))))
			if r.IntN(10) == 0 {
				now = now.Add(2 * o.DedupWindow)
			}
			if r.IntN(5) == 0 {
				l = NewLoader(m)
			}
			i := r.IntN(6)
			m.batches = nil
			s, err := l.Load(t.Context(), strings.NewReader(plainRows(i, 1)), o)
			if err != nil {
				t.Fatal(err)
			}
			was, had := last[i]
			age := now.Sub(was)
			known := s.RowsDuplicate == 1
			if s.RowsIn+s.RowsDuplicate != 1 || !had && known || had && age <= o.DedupWindow && !known || had && age > o.DedupWindow+o.DedupWindow/8 && known {
				t.Fatalf("seed %d, round %d: a row that came %v before, window %v: left out: %v", seed, round, age, o.DedupWindow, known)
			}
			if !known {
				last[i] = now
			}
		}
	}
}

// TestWindowContent: what counts is what the record says, of whatever order, not
// what loading adds; rows with an EventId and the table of failures are left
// alone, as is everything without a window.
func TestWindowContent(t *testing.T) {
	lines := []string{
		`{"Type":"ConfigurationChange","Computer":"a","Size":1,"x":"y","TimeGenerated":"2026-03-11T07:00:00Z"}`,
		`{"Size":1,"TimeGenerated":"2026-03-11T07:00:00.0Z","Computer":"a","x":"y","Type":"ConfigurationChange"}`, // the same
		`{"Type":"ConfigurationChange","Computer":"a","Size":1,"x":"z","TimeGenerated":"2026-03-11T07:00:00Z"}`,
		`{"Type":"ConfigurationChange","Computer":"a","PreviousSize":1,"x":"y","TimeGenerated":"2026-03-11T07:00:00Z"}`,
		`{"Type":"ConfigurationChange","Computer":"a","Size":1,"x":"y"}`,
		`{"Type":"ConfigurationChange","Computer":"a","Size":1,"x":"y"}`, // the same
		`{"Type":"ConfigurationChange","Computer":"","Size":1,"x":"y"}`,  // the same, with the option
		`{"Type":"ConfigurationChange","Computer":"a","Size":1,"_ItemId":"1"}`,
		`{"Type":"ConfigurationChange","Computer":"a","Size":1,"_ItemId":"2"}`,
		`{"Type":"ConfigurationData","Computer":"a","Size":1,"x":"y"}`,
		`{"Type":"ConfigurationChange","Size":"many"}`,
		`{"Type":"ConfigurationChange","Size":"many"}`,
	}
	o := testOptions()
	o.Computer = "a"
	m := newFake()
	if s := m.load(t, strings.Join(lines, "\n"), o); s.RowsIn != 10 || s.RowsDuplicate != 0 {
		t.Errorf("without a window: %+v", s)
	}
	o.DedupWindow = time.Hour
	m = newFake()
	now := testNow
	o.Now = func() time.Time { now = now.Add(time.Second); return now }
	if s := m.load(t, strings.Join(lines, "\n"), o); s.RowsIn != 7 || s.RowsDuplicate != 3 || s.RowsRejected != 2 {
		t.Errorf("with a window: %+v", s)
	}
	if n := len(m.lines(table.IngestionFailures)); n != 2 {
		t.Errorf("%d failures are kept", n)
	}
	m.epochs = map[string]uint64{"ConfigurationChange": 1}
	if s := m.load(t, strings.Join(lines, "\n"), o); s.RowsIn != 6 || s.RowsDuplicate != 4 {
		t.Errorf("a table was emptied: %+v", s)
	}
}

// TestWindowConcurrent: rows that come by many ways at the same time, and in
// batches that fail, are stored once.
func TestWindowConcurrent(t *testing.T) {
	m := newFake()
	var mu sync.Mutex
	n := 0
	m.refuse = func(*table.Batch) error {
		mu.Lock()
		defer mu.Unlock()
		if n++; n%3 == 0 {
			return fmt.Errorf("refused")
		}
		return nil
	}
	o := testOptions()
	o.DedupWindow, o.BatchRows = time.Hour, 50
	l := NewLoader(m)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				if _, err := l.Load(t.Context(), strings.NewReader(plainRows(0, 400)), o); err == nil {
					return
				}
			}
		})
	}
	wg.Wait()
	m.whole(t, 400)
	if s, err := NewLoader(m).Load(t.Context(), strings.NewReader(plainRows(0, 400)), o); err == nil && s.RowsIn > 0 {
		t.Errorf("%d rows after a restart", s.RowsIn)
	}
}

// TestWindowIsBounded: a window knows the last rows of very many, before and
// after a restart.
func TestWindowIsBounded(t *testing.T) {
	m := newFake()
	m.count = true
	o := testOptions()
	o.DedupWindow = time.Hour
	l := NewLoader(m)
	defer func(n int) { generationRows = n }(generationRows)
	generationRows = 5000 // more than are in a mark
	rows := (generations + 4) * generationRows
	for i := 0; i < rows; i += generationRows {
		if _, err := l.Load(t.Context(), strings.NewReader(plainRows(i, generationRows)), o); err != nil {
			t.Fatal(err)
		}
	}
	for round := range 2 {
		for _, first := range []int{rows - (generations-2)*generationRows, rows - 1000} {
			if s, err := l.Load(t.Context(), strings.NewReader(plainRows(first, 1000)), o); err != nil || s.RowsIn > 0 {
				t.Errorf("round %d: %d rows of the last are not known: %v", round, s.RowsIn, err)
			}
		}
		for _, w := range l.seen.contents {
			n := 0
			for _, p := range w.parts {
				n += p.set.n
			}
			if len(w.parts) > generations || n > (generations+1)*generationRows {
				t.Errorf("%d generations with %d rows", len(w.parts), n)
			}
		}
		l = NewLoader(m)
	}
}
