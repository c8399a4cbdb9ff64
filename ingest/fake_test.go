package ingest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow/array"

	"tidemark/table"
)

// fake is a Destination in memory.
type fake struct {
	mu      sync.Mutex
	own     map[string]*table.Schema
	batches []*table.Batch
	marks   map[string][]byte
	epochs  map[string]uint64
	count   bool // only count rows
	rows    int64
	fail    error
	refuse  func(*table.Batch) error // asked before each commit
}

func newFake() *fake { return &fake{marks: map[string][]byte{}} }

func (m *fake) Schema(name string) (*table.Schema, bool) {
	if s, ok := m.own[name]; ok {
		return s, true
	}
	return table.Builtin(name)
}

func (m *fake) Epoch(name string) (uint64, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.epochs[name], true
}

func (m *fake) Commit(ctx context.Context, b *table.Batch) error {
	if m.refuse != nil {
		if err := m.refuse(b); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	for name, epoch := range b.Epochs {
		if m.epochs[name] != epoch {
			return table.ErrCleared
		}
	}
	for _, p := range b.Parts {
		if p.Table != table.IngestionFailures {
			m.rows += p.Rows.NumRows()
		}
		if p.Rows.NumRows() == 0 {
			return errors.New("empty part")
		}
	}
	maps.Copy(m.marks, b.Marks)
	if !m.count {
		m.batches = append(m.batches, b)
	}
	return nil
}

func (m *fake) Mark(key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.marks[key], nil
}

// lines returns the rows of a table, each as the columns that are set; the
// columns of skip are left out.
func (m *fake) lines(name string, skip ...string) []string {
	out := []string{}
	s, _ := m.Schema(name)
	for _, b := range m.batches {
		for _, p := range b.Parts {
			if p.Table != name {
				continue
			}
			for row := range int(p.Rows.NumRows()) {
				var cells []string
				for i, f := range p.Rows.Schema().Fields() {
					text := cell(p.Rows.Column(i), row, s.Column(s.Index(f.Name)).Type)
					if text != "" && !strings.Contains(" "+strings.Join(skip, " ")+" ", " "+f.Name+" ") {
						cells = append(cells, f.Name+"="+text)
					}
				}
				sort.Strings(cells)
				out = append(out, strings.Join(cells, " | "))
			}
		}
	}
	return out
}

func cell(a interface{ IsNull(int) bool }, row int, t table.Type) string {
	if a.IsNull(row) {
		return ""
	}
	switch a := a.(type) {
	case *array.String:
		return a.Value(row)
	case *array.Int64:
		switch t {
		case table.Datetime:
			return table.Time(a.Value(row)).String()
		case table.Timespan:
			return table.Duration(a.Value(row)).String()
		}
		return fmt.Sprint(a.Value(row))
	case *array.Float64:
		return table.FormatReal(a.Value(row))
	case *array.Boolean:
		return fmt.Sprint(a.Value(row))
	}
	return fmt.Sprintf("%T", a)
}

var testNow = time.Date(2026, 3, 12, 8, 0, 0, 0, time.UTC)

func testOptions() Options {
	return Options{Source: "test", Now: func() time.Time { return testNow }}
}

// load loads text and fails the test if the load fails.
func (m *fake) load(t testing.TB, text string, o Options) Stats {
	t.Helper()
	s, err := Load(context.Background(), m, strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
