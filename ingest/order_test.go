package ingest

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"tidemark/table"
)

// sourceFile is an input of the order tests.
type sourceFile struct {
	name string
	text []byte
}

func testFiles(t *testing.T, patterns ...string) []sourceFile {
	var out []sourceFile
	for _, p := range patterns {
		names, err := filepath.Glob(filepath.Join("testdata", p))
		if err != nil || len(names) == 0 {
			t.Fatal(p, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, sourceFile{filepath.Base(name), text})
		}
	}
	return out
}

// ragged reads as much at a time as chance wants.
type ragged struct {
	r    io.Reader
	rand *rand.Rand
}

func (r ragged) Read(p []byte) (int, error) { return r.r.Read(p[:1+r.rand.IntN(min(len(p), 3000))]) }

// rowsOf are the rows of the tables, sorted, and of the rejected records what
// does not depend on where they stood.
func rowsOf(m *fake) []string {
	var out []string
	for _, name := range append(table.BuiltinNames(), "Own") {
		for _, line := range m.lines(name, "IngestionTime") {
			out = append(out, name+": "+line)
		}
	}
	for _, line := range m.lines(table.IngestionFailures, "IngestionTime", "Line", "Offset", "Source") {
		out = append(out, "rejected: "+line)
	}
	slices.Sort(out)
	return out
}

// loadFiles loads files, some at the same time, each cut into reads and batches
// by chance.
func loadFiles(t *testing.T, files []sourceFile, r *rand.Rand, atOnce int) *fake {
	t.Helper()
	m := newFake()
	m.own = ownTables
	l := NewLoader(m)
	var wg sync.WaitGroup
	slots := make(chan bool, atOnce)
	for _, f := range files {
		o := testOptions()
		o.Source, o.Computer, o.BatchRows, o.Decoders = f.name, f.name, r.IntN(4), 1+r.IntN(3)
		if strings.Contains(f.name, "own.") {
			o.Table = "Own"
		}
		in := ragged{bytes.NewReader(f.text), rand.New(rand.NewPCG(r.Uint64(), 1))}
		slots <- true
		wg.Go(func() {
			defer func() { <-slots }()
			if _, err := l.Load(t.Context(), in, o); err != nil {
				t.Errorf("%s: %v", f.name, err)
			}
		})
	}
	wg.Wait()
	return m
}

func checkOrder(t *testing.T, want, got []string) {
	t.Helper()
	if slices.Equal(want, got) {
		return
	}
	count := map[string]int{}
	for _, line := range want {
		count[line]++
	}
	for _, line := range got {
		count[line]--
	}
	for line, n := range count {
		if n != 0 {
			t.Errorf("%+d %s", -n, line)
		}
	}
	t.FailNow()
}

// TestOrder loads the files of all formats in random order, one after another
// and at the same time, and cuts them into reads and batches by chance: the
// rows are the same.
func TestOrder(t *testing.T) {
	// The reports of Tripwire are of one run: its events have the same ids in
	// all, and of those that differ the first one stays.
	files := slices.DeleteFunc(testFiles(t, "*.*"), func(f sourceFile) bool {
		return strings.HasPrefix(f.name, "tripwire") && f.name != "tripwire_level4.txt"
	})
	want := rowsOf(loadFiles(t, files, rand.New(rand.NewPCG(0, 0)), 1))
	if len(want) < 200 {
		t.Fatalf("%d rows", len(want))
	}
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 2))
		files := slices.Clone(files)
		r.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
		checkOrder(t, want, rowsOf(loadFiles(t, files, r, 1+int(seed%4))))
	}
}

// TestOrderOfEvents tears the files of formats with an event a line apart and
// loads the lines in random order, cut into inputs anywhere, some of them
// again.
func TestOrderOfEvents(t *testing.T) {
	for _, name := range []string{"azure_export.json", "auditbeat.ndjson", "falco.ndjson", "sysmon.ndjson", "wazuh_agent.ndjson", "wazuh_alerts.json", "dpkg.log", "samhain.log"} {
		file := testFiles(t, name)[0]
		format, err := Detect(file.text)
		if err != nil {
			t.Fatal(err)
		}
		load := func(m *fake, lines [][]byte) Stats {
			o := testOptions()
			o.Format = format.Name
			return m.load(t, string(bytes.Join(lines, nil)), o)
		}
		lines, known := distinctEvents(file, func(m *fake, line []byte) { load(m, [][]byte{line}) })
		whole := newFake()
		load(whole, lines)
		want := rowsOf(whole)
		for seed := range uint64(10) {
			r := rand.New(rand.NewPCG(seed, 3))
			lines := slices.Clone(lines)
			r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			m := newFake()
			for rest := lines; len(rest) > 0; {
				n := 1 + r.IntN(len(rest))
				load(m, rest[:n])
				rest = rest[n:]
			}
			t.Run(fmt.Sprintf("%s/%d", name, seed), func(t *testing.T) { checkOrder(t, want, rowsOf(m)) })
			if s := load(m, known[r.IntN(len(known)):]); s.RowsIn != 0 || s.RowsDuplicate == 0 {
				t.Errorf("%s: %d rows are new when they come again", name, s.RowsIn)
			}
		}
	}
}

// distinctEvents are the lines of a file, without those whose EventId another
// one has already; known are those that have one.
func distinctEvents(f sourceFile, load func(m *fake, line []byte)) (lines, known [][]byte) {
	had := map[string]bool{}
	for line := range bytes.Lines(f.text) {
		line = append(trim(line), '\n')
		if len(line) == 1 {
			continue
		}
		m := newFake()
		load(m, line)
		again, ids, rows := false, 0, 0
		for _, name := range table.BuiltinNames() {
			for _, row := range m.lines(name) {
				rows++
				if id := cells(row)["EventId"]; id != "" {
					again = again || had[id]
					had[id] = true
					ids++
				}
			}
		}
		if !again {
			lines = append(lines, line)
		}
		if rows > 0 && ids == rows {
			known = append(known, line)
		}
	}
	return lines, known
}
