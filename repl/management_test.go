package repl

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tidemark"
	"tidemark/output"
	"tidemark/service"
)

// Commands of the database end where they are complete.
func TestManagementEntries(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{".show tables\n.show functions", []string{".show tables", ".show functions"}},
		{".show tables\n| where x == 1\n| count\nprint 1;", []string{".show tables\n| where x == 1\n| count", "print 1;"}},
		{".create table T\n  (a:long)\n.tables", []string{".create table T\n  (a:long)", ".tables"}},
		{".create function F() {\n\n  T\n}\nprint 1;", []string{".create function F() {\n\n  T\n}", "print 1;"}},
		{".ingest inline into table T <|\n1;\n2\n\nprint 1;", []string{".ingest inline into table T <|\n1;\n2", "print 1;"}},
		{".set T <| X\n| take 1;\nprint 1;", []string{".set T <| X\n| take 1;", "print 1;"}},
		{".set T <| X\n| take 1\n\n| take 2\n\nprint 1;", []string{".set T <| X\n| take 1\n\n| take 2", "print 1;"}},
		{".create table T (\n\n\nprint 1;", []string{".create table T (", "print 1;"}},
		{".alter table T policy retention ```{\n}```\nprint 1;", []string{".alter table T policy retention ```{\n}```", "print 1;"}},
		{".shw tables\nprint 1;", []string{".shw tables", "print 1;"}},
	} {
		col := collector{read: newPlain(strings.NewReader(c.in+"\n"), nil).Read}
		var got []string
		for {
			text, err := col.next()
			if err != nil {
				break
			}
			got = append(got, text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q gives %q", c.in, got)
		}
	}
}

// A prompt reads with one handle on the database and writes with another.
func TestManagement(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	open := func(opts ...tidemark.Option) func() (service.Database, error) {
		return func() (service.Database, error) { return local(tidemark.Open(dir, opts...)) }
	}
	var out, errs bytes.Buffer
	s, err := newSession(Config{Open: open(tidemark.ReadOnly(), tidemark.Lazy()), OpenForWriting: open(), Out: &out, Err: &errs, Format: "csv",
		Library: shelf{}, Screen: func() output.Options { return output.Options{Width: 40} }})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{".show functions", ".create function Twice(n:long) { n * 2 }", "print x = Twice(2)", ".drop function Once", ".help drop function"} {
		if err := s.do(context.Background(), text); err != nil {
			t.Fatal(err)
		}
	}
	want := "Name,Parameters,Body,Folder,DocString\nName,Parameters,Body,Folder,DocString\nTwice,(n:long),{ n * 2 },,\nx\n4\n" +
		".drop function F [ifexists]\n    Deletes a function.\n    .drop function Kilobytes\n"
	if out.String() != want || !strings.Contains(errs.String(), "there is no function named Once") {
		t.Errorf("%q\n%s", out.String(), errs.String())
	}
	for line, want := range map[string]string{
		".show tab":             "table ,tables ",
		".drop function ":       "Twice",
		".show table Hea":       "Heartbeat",
		".show table T policy ": "retention ",
		"print Tw":              "Twice(",
	} {
		_, words := s.complete(line)
		slices.Sort(words)
		if got := strings.Join(words, ","); got != want {
			t.Errorf("%q completes to %q", line, got)
		}
	}
	if err := s.db.close(); err != nil {
		t.Fatal(err)
	}
}
