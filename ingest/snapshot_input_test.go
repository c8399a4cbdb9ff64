package ingest

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"tidemark/table"
)

// TestSnapshotBroken checks archives of a status file that break off.
func TestSnapshotBroken(t *testing.T) {
	status := func(version string) string {
		var b strings.Builder
		r := rand.New(rand.NewPCG(1, 2))
		for i := range 4000 {
			fmt.Fprintf(&b, "Package: p%d\nStatus: install ok installed\nArchitecture: amd64\nVersion: %s\nDescription: %x\n\n", i, version, r.Uint64())
		}
		return b.String()
	}
	m := newFake()
	o := testOptions()
	o.Computer = "h"
	m.load(t, status("1"), o)
	for i, keep := range []float64{0.3, 0.7, 1} {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		io.WriteString(z, status("2"))
		z.Close()
		o.Now = func() time.Time { return testNow.Add(time.Duration(i+1) * time.Hour) }
		_, err := Load(t.Context(), m, bytes.NewReader(packed.Bytes()[:int(keep*float64(packed.Len()))]), o)
		if (err == nil) != (keep == 1) {
			t.Fatal(err)
		}
	}
	seen := map[string]int{}
	for _, line := range m.lines(table.ConfigurationChange) {
		seen[cells(line)["ChangeCategory"]]++
	}
	if len(seen) != 1 || seen["Modified"] != 4000 {
		t.Errorf("%v", seen)
	}
}

// TestSnapshotLines checks osquery's snapshots whose rows are lines of their
// own (--logger_snapshot_event_type).
func TestSnapshotLines(t *testing.T) {
	line := func(unix int, name, version string) string {
		return fmt.Sprintf(`{"action":"snapshot","name":"pkgs","hostIdentifier":"h","unixTime":%d,"epoch":0,"counter":0,"columns":{"name":%q,"version":%q,"arch":"amd64","revision":"","maintainer":"m","size":"1"}}`+"\n", unix, name, version)
	}
	var b strings.Builder
	for i := range 50 {
		b.WriteString(line(1773212000, fmt.Sprint("p", i), "1"))
	}
	for i := range 50 {
		if i == 7 { // what has gone
			continue
		}
		b.WriteString(line(1773213000, fmt.Sprint("p", i), fmt.Sprint(1+i/49)))
		if i == 20 {
			b.WriteString(line(1773213000, "new", "1"))
		}
	}
	b.WriteString(line(1773214000, "p1", "1") + "damaged\n" + line(1773214000, "p2", "2"))
	for _, rows := range []int{0, 1} {
		m := newFake()
		o := testOptions()
		o.BatchRows = rows
		m.load(t, b.String(), o)
		var got []string
		for _, line := range m.lines(table.ConfigurationChange) {
			c := cells(line)
			got = append(got, c["ChangeCategory"]+" "+c["SoftwareName"]+" "+c["Previous"]+"-"+c["Current"])
		}
		if s := strings.Join(got, ", "); s != "Added new -1, Modified p49 1-2, Removed p7 1-, Modified p2 1-2" {
			t.Errorf("batches of %d: %s", rows, s)
		}
		if n := len(m.lines(table.ConfigurationData)); n != 102 {
			t.Errorf("%d items", n)
		}
		if s := m.load(t, b.String(), o); s.RowsIn != 0 || s.RowsDuplicate != 102 {
			t.Errorf("again: %+v", s)
		}
	}
}
