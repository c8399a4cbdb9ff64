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

// fuzzLoad loads text as a format: no panic, no endless loop, the same rows
// for all sizes of batches, and every record is either stored or rejected.
func fuzzLoad(t *testing.T, format, tbl string, text []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var first []string
	for _, rows := range []int{0, 1} {
		m := newFake()
		m.own = map[string]*table.Schema{"Own": ownTable}
		o := testOptions()
		o.Format, o.Table, o.BatchRows, o.Decoders = format, tbl, rows, 2
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
		for _, name := range append(table.BuiltinNames(), "Own") {
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

func FuzzAzure(f *testing.F) {
	seeds(f, "azure*", "rawbytes*")
	f.Fuzz(func(t *testing.T, text []byte) { fuzzLoad(t, "azure", "", text) })
}

func FuzzOMS(f *testing.F) {
	seeds(f, "oms*")
	f.Fuzz(func(t *testing.T, text []byte) { fuzzLoad(t, "oms", "", text) })
}

func FuzzCSV(f *testing.F) {
	seeds(f, "*.csv")
	f.Fuzz(func(t *testing.T, text []byte) { fuzzLoad(t, "csv", "", text) })
}

func FuzzNDJSON(f *testing.F) {
	seeds(f, "own.ndjson")
	f.Fuzz(func(t *testing.T, text []byte) { fuzzLoad(t, "ndjson", "Own", text) })
}

func FuzzDetect(f *testing.F) {
	seeds(f, "*.*")
	f.Fuzz(func(t *testing.T, text []byte) { fuzzLoad(t, "", "", text) })
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
