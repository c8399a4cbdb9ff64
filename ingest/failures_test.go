package ingest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tidemark/table"
)

func TestFailures(t *testing.T) {
	m := newFake()
	o := testOptions()
	o.Computer = "given"
	text := azureRows(0, 1) + `{"ConfigChangeType":"Files","Size":"many","Computer":"own"}` + "\nnonsense\n" + azureRows(1, 1)
	s := m.load(t, text, o)
	if s.RowsIn != 2 || s.RowsRejected != 2 || s.FailuresLeftOut != 0 || s.Tables[table.IngestionFailures] != 0 {
		t.Errorf("%+v", s)
	}
	if len(m.batches) != 1 {
		t.Errorf("%d batches: the failures are not with the rows", len(m.batches))
	}
	got := m.lines(table.IngestionFailures)
	want := []map[string]string{
		{"Line": "2", "Offset": fmt.Sprint(len(azureRows(0, 1))), "Class": "bad value", "Computer": "own", "Format": "azure", "Source": "test", "Count": "1", "TimeGenerated": "2026-03-12T08:00:00.0000000Z"},
		{"Line": "3", "Class": "syntax", "Computer": "given", "RawRecord": "nonsense", "Type": table.IngestionFailures},
	}
	if len(got) != len(want) {
		t.Fatal(got)
	}
	for i, w := range want {
		for name, value := range w {
			if c := cells(got[i]); c[name] != value {
				t.Errorf("row %d: %s is %q, want %q", i, name, c[name], value)
			}
		}
	}
	m.fail = errors.New("disk full")
	if _, err := Load(t.Context(), m, strings.NewReader(text), o); !errors.Is(err, m.fail) {
		t.Error(err)
	}
	if n := len(m.lines(table.IngestionFailures)); n != 2 {
		t.Errorf("%d failures after a commit that failed", n)
	}
}

// TestFailuresFlood checks that a flood is cut off, and that what is left out
// is told, hour by hour and in the end.
func TestFailuresFlood(t *testing.T) {
	m := newFake()
	o := testOptions()
	o.MaxFailures, o.BatchRows, o.Decoders = 10, 5, 1
	batch := 0
	o.Now = func() time.Time { // the beginning of the load, then a batch a call, and its end
		batch++
		return testNow.Add(time.Duration(batch) * 6 * time.Minute)
	}
	s := m.load(t, azureRows(0, 1)+strings.Repeat("x\n", 100), o)
	kept, left := int64(0), int64(0)
	for _, line := range m.lines(table.IngestionFailures) {
		c := cells(line)
		n := int64(0)
		fmt.Sscan(c["Count"], &n)
		if c["Class"] != failuresLeftOut {
			kept += n
			continue
		}
		left += n
		if c["Line"] != "" || !strings.Contains(c["Reason"], "more records were rejected") {
			t.Error(line)
		}
	}
	if kept+left != 100 || s.FailuresLeftOut != left || kept < 20 || kept > 40 || s.RowsRejected != 100 {
		t.Errorf("%d kept, %d left out, %+v", kept, left, s)
	}
	o.MaxFailures = -1
	m = newFake()
	if s := m.load(t, azureRows(0, 1)+"x\n", o); s.FailuresLeftOut != 1 || len(m.lines(table.IngestionFailures)) != 0 {
		t.Errorf("%+v", s)
	}
}
