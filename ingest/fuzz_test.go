package ingest

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tidemark/table"
)

// seeds adds the files of testdata that match.
func seeds(f *testing.F, patterns ...string) {
	for _, p := range patterns {
		files, _ := filepath.Glob("testdata/" + p)
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
}

// fuzzDecode frames and decodes text as a format: no panic, no endless loop,
// and rows that make a record.
func fuzzDecode(t *testing.T, format, tbl string, text []byte) {
	m := newFake()
	m.own = map[string]*table.Schema{"Own": ownTable}
	e := &env{options: testOptions(), plans: newPlans(m)}
	e.options.Table = tbl
	f, _ := Lookup(format)
	s, newDecoder, err := f.start(e, text)
	if err != nil {
		return
	}
	d, w := newDecoder(), &writer{env: e}
	for rest := text; len(rest) > 0; {
		advance, record, err := s.split(rest, true)
		if advance <= 0 {
			t.Fatalf("split passes over %d of %q", advance, rest)
		}
		rest = rest[advance:]
		if err == nil && len(record) > 0 {
			w.reject(record, d.decode(s.header(), record, w))
		}
	}
	for _, r := range w.rejects {
		if r.Class == Internal {
			t.Fatal(r.Reason)
		}
	}
	for _, r := range w.tables {
		if rec := r.record(); rec.NumRows() != int64(len(r.ids)) {
			t.Fatalf("%d rows, %d ids", rec.NumRows(), len(r.ids))
		}
	}
	for _, l := range w.lists {
		k := &known{}
		for _, piece := range encodeItems(l.items) {
			if err := k.decodeItems(piece, len(l.kind.fields)); err != nil {
				t.Fatal(err)
			}
		}
		if len(k.items) != len(l.items) {
			t.Fatalf("%d items of %d", len(k.items), len(l.items))
		}
	}
}

// fuzzLoad loads text: it ends, and gives the same rows for all sizes of
// batches.
func fuzzLoad(t *testing.T, text []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var first []string
	for _, rows := range []int{0, 1} {
		m := newFake()
		o := testOptions()
		o.BatchRows, o.Decoders = rows, 2
		s, err := Load(ctx, m, bytes.NewReader(text), o)
		if ctx.Err() != nil {
			t.Fatal("does not end")
		}
		if s.Reasons[Internal] > 0 {
			t.Fatal(s.Rejects)
		}
		if err != nil {
			continue
		}
		var got []string
		for _, name := range table.BuiltinNames() {
			got = append(got, m.lines(name)...)
		}
		if int64(len(got)) != s.RowsIn || m.rows != s.RowsIn {
			t.Fatalf("%d rows stored, %d counted", len(got), s.RowsIn)
		}
		if rows == 0 {
			first = got
		} else if !slices.Equal(first, got) {
			t.Fatalf("batches of one:\n%q\nall at once:\n%q", got, first)
		}
	}
}

// fuzzFormat fuzzes the framing and the decoder of a format, from its samples.
func fuzzFormat(f *testing.F, format string) {
	files, _ := filepath.Glob("testdata/*.*")
	for _, file := range files {
		if formatOf(file) == format {
			seeds(f, filepath.Base(file))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) { fuzzDecode(t, format, "", text) })
}

func FuzzAzure(f *testing.F)     { fuzzFormat(f, "azure") }
func FuzzOMS(f *testing.F)       { fuzzFormat(f, "oms") }
func FuzzCSV(f *testing.F)       { fuzzFormat(f, "csv") }
func FuzzOsquery(f *testing.F)   { fuzzFormat(f, "osquery") }
func FuzzWazuh(f *testing.F)     { fuzzFormat(f, "wazuh") }
func FuzzAuditbeat(f *testing.F) { fuzzFormat(f, "auditbeat") }
func FuzzSysmon(f *testing.F)    { fuzzFormat(f, "sysmon") }
func FuzzFalco(f *testing.F)     { fuzzFormat(f, "falco") }
func FuzzAuditd(f *testing.F)    { fuzzFormat(f, "auditd") }
func FuzzSamhain(f *testing.F)   { fuzzFormat(f, "samhain") }
func FuzzAIDE(f *testing.F)      { fuzzFormat(f, "aide") }
func FuzzTripwire(f *testing.F)  { fuzzFormat(f, "tripwire") }
func FuzzDpkg(f *testing.F)      { fuzzFormat(f, "dpkg") }

func FuzzNDJSON(f *testing.F) {
	seeds(f, "own.ndjson")
	f.Fuzz(func(t *testing.T, text []byte) { fuzzDecode(t, "ndjson", "Own", text) })
}

// TestFormatsAreFuzzed finds a fuzz target for every format.
func TestFormatsAreFuzzed(t *testing.T) {
	text, err := os.ReadFile("fuzz_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Formats {
		if !strings.Contains(string(text), `fuzzFormat(f, "`+f.Name+`")`) && f.Name != "ndjson" {
			t.Errorf("%s has no fuzz target", f.Name)
		}
	}
}

func FuzzLoad(f *testing.F) {
	seeds(f, "*.*")
	f.Fuzz(func(t *testing.T, text []byte) { fuzzLoad(t, text) })
}

// FuzzCSVFields compares the reading of CSV with encoding/csv.
func FuzzCSVFields(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a,\"b \"\"c\"\"\",\r\n\"x\r\ny\",z", "a,b\"c\n\"d\"e\nf", "\n\n,\n", "\"\"\"\",\"\"", "a\rb,c\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\r") {
			return // a lone CR: encoding/csv keeps it but at the end of the input
		}
		want, bad := readAll(text)
		got, rest := [][]string{}, []byte(text)
		for len(rest) > 0 {
			end, _ := csvEnd(rest)
			if end < 0 {
				break
			}
			record := bytes.TrimRight(rest[:end], "\r\n")
			rest = rest[end:]
			fields, _, err := csvFields(record, nil, nil)
			if err != nil {
				bad--
				continue
			}
			if len(record) == 0 {
				continue
			}
			row := []string{}
			for _, f := range fields {
				row = append(row, string(f))
			}
			got = append(got, row)
		}
		if len(rest) > 0 {
			bad--
		}
		if bad != 0 || !slices.EqualFunc(got, want, slices.Equal[[]string]) {
			t.Fatalf("%q:\ngot  %q\nwant %q\nerrors %d", text, got, want, bad)
		}
	})
}

func readAll(text string) (rows [][]string, bad int) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	for {
		row, err := r.Read()
		switch {
		case err == nil:
			rows = append(rows, row)
		case row == nil && err.Error() == "EOF":
			return rows, bad
		default:
			bad++
		}
	}
}
