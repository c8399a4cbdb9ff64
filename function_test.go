package tidemark_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tidemark"
)

// Functions and what is said about tables stay when a database is closed, and
// can be read where nothing can be written.
func TestFunctionsStay(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	open := func(opts ...tidemark.Option) *tidemark.DB {
		t.Helper()
		db, err := tidemark.Open(dir, opts...)
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	db := open()
	for _, text := range []string{
		`.create table T (a:long) with (docstring="a table")`,
		".ingest inline into table T <| 1\n2\n3",
		".create function with (docstring='a function') Above(n:long) { T | where a > n }",
		".alter table T policy retention '{\"SoftDeletePeriod\": \"10.00:00:00\"}'",
	} {
		if out := say(db, text); strings.Contains(out, "error:") {
			t.Fatal(out)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = open(tidemark.ReadOnly(), tidemark.Lazy())
	defer func() { db.Close() }()
	for text, want := range map[string]string{
		"Above(1) | count":                                          "Count\n2\n",
		".show tables (T)":                                          "TableName,DatabaseName,Folder,DocString\nT,db,,a table\n",
		".show function Above":                                      "Name,Parameters,Body,Folder,DocString\nAbove,(n:long),{ T | where a > n },,a function\n",
		".show databases | project DatabaseAccessMode":              "DatabaseAccessMode\nReadOnly\n",
		".show table T policy retention | project l=strlen(Policy)": "l\n61\n",
	} {
		if got := say(db, text); got != want {
			t.Errorf("%s\ngives %q\nwant  %q", text, got, want)
		}
	}
	for _, text := range []string{".drop table T", ".drop function Above", ".clear table T data", ".append T <| print 1", ".create table U (a:long)"} {
		if _, err := db.Query(context.Background(), text); err == nil || !strings.Contains(err.Error(), "for reading only") {
			t.Errorf("%s: %v", text, err)
		}
	}
	functions, err := db.Functions()
	if err != nil || len(functions) != 1 || functions[0].Name != "Above" {
		t.Errorf("%v, %v", functions, err)
	}
}

// A query that reads nothing of the database does not open it, whatever
// functions it calls; nor is one made for looking.
func TestFunctionsDoNotOpen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	db, err := tidemark.Open(dir, tidemark.ReadOnly(), tidemark.Lazy())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, text := range []string{"print strlen('x')", "Nope(1)", ".show tables", ".show functions", ".show version", ".show schema as json"} {
		say(db, text)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a database was made: %v", err)
	}
	locked, err := tidemark.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer locked.Close()
	if got := say(db, "print x = strlen('abc') | where x > 1 | summarize n = count()"); got != "n\n1\n" {
		t.Errorf("while the database is locked: %s", got)
	}
}

// Functions may be used and changed from many goroutines.
func TestFunctionsConcurrently(t *testing.T) {
	db := scratch(t)
	say(db, ".create function F(n:long) { range x from 1 to n step 1 | summarize s = sum(x) }")
	var all sync.WaitGroup
	for i := range 4 {
		all.Add(1)
		go func() {
			defer all.Done()
			for range 20 {
				if got := say(db, "F(4)"); got != "s\n10\n" {
					t.Errorf("F(4): %s", got)
				}
				if i == 0 {
					say(db, ".create-or-alter function F(n:long) { range x from 1 to n step 1 | summarize s = sum(x) }")
				}
			}
		}()
	}
	all.Wait()
}
