package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"tidemark"
	"tidemark/output"
	"tidemark/parser"
	"tidemark/table"
)

// serve answers from a database at a socket and returns a client.
func serve(t *testing.T, db Database) *Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	stop, err := Serve(path, Handler(db))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	c, err := Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stored is a database with a table that has sealed rows.
func stored(t *testing.T) *tidemark.DB {
	t.Helper()
	db, err := tidemark.Open("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, text := range []string{
		".create table Kept (b:bool, i:int, l:long, r:real, d:decimal, s:string, at:datetime, span:timespan, g:guid, any:dynamic)",
		".set-or-append Kept <| range n from 1 to 40000 step 1 | project b = n % 3 == 0, i = toint(n), l = n * 1000000000000, r = n / 7.0, d = todecimal(n) / 4, s = strcat('s', n % 100), at = datetime(2026-01-01) + n * 1tick, span = n * 1tick, g = iff(n % 5 == 0, guid(null), guid(0a0a0a0a-0000-0000-0000-000000000001)), any = iff(n % 2 == 0, dynamic(null), pack('n', n))",
		".create function Twice(n:long) { n * 2 }",
	} {
		if err := run(Local(db), text); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func run(db Database, text string) error {
	_, err := answer(context.Background(), db, Question{Text: text})
	return err
}

// answered is all that a query gave.
type answered struct {
	warnings parser.Errors
	tables   []string // names, columns and charts
	rows     [][]string
	rowsOut  int64
}

func answer(ctx context.Context, db Database, q Question) (*answered, error) {
	res, err := db.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	a := &answered{warnings: res.Warnings()}
	for _, t := range res.Tables() {
		render := ""
		if r := t.Render(); r != nil {
			render = fmt.Sprint(r.Kind, r.Options)
		}
		a.tables = append(a.tables, fmt.Sprintf("%s %+v %s", t.Name(), t.Columns(), render))
		var rows []string
		for {
			rec, err := t.Next(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return a, err
			}
			rows = append(rows, exact(rec, t.Columns())...)
		}
		a.rows = append(a.rows, rows)
	}
	a.rowsOut = res.Stats().RowsOut
	return a, nil
}

// exact shows rows so that no two values look the same.
func exact(rec arrow.Record, cols []table.Column) []string {
	var out []string
	for i := range int(rec.NumRows()) {
		var row strings.Builder
		for c, col := range cols {
			row.WriteString(cell(rec.Column(c), i, col.Type) + "|")
		}
		out = append(out, row.String())
	}
	return out
}

func cell(a arrow.Array, i int, t table.Type) string {
	if a.IsNull(i) && t != table.String { // strings are never null
		return "null"
	}
	switch a := a.(type) {
	case *array.Dictionary:
		if a.IsNull(i) {
			return `""`
		}
		return cell(a.Dictionary(), a.GetValueIndex(i), t)
	case *array.String:
		return strconv.Quote(a.Value(i))
	case *array.Float64:
		return fmt.Sprintf("%x", math.Float64bits(a.Value(i)))
	case *array.Int64:
		return strconv.FormatInt(a.Value(i), 10)
	case *array.Boolean:
		return strconv.FormatBool(a.Value(i))
	}
	return fmt.Sprintf("a %T", a)
}

// everything has all types, their nulls and their ends.
const everything = `datatable(b:bool, i:int, l:long, r:real, d:decimal, s:string, at:datetime, span:timespan, g:guid, any:dynamic) [
 true, 1, 1, 1.5, decimal(1.25), "a", datetime(2026-01-01 00:00:00.1234567), 1tick, guid(74be27de-1e4e-49d9-b579-fe0b331d3642), dynamic({"a":[1,"é",null],"b":{"c":0.1}}),
 false, -2147483648, -9223372036854775807, real(nan), decimal(12345678901234567890.123456789), "", datetime(0001-01-01), timespan(-10675199.02:48:05), guid(00000000-0000-0000-0000-000000000000), dynamic([]),
 bool(null), int(null), long(null), real(null), decimal(null), "\u0000\t\"ü😀", datetime(null), timespan(null), guid(null), dynamic(null),
 true, 2147483647, 9223372036854775807, real(+inf), decimal(-0.000000000000000001), "x", datetime(9999-12-31 23:59:59.9999999), timespan(10675199.02:48:05), guid(ffffffff-ffff-ffff-ffff-ffffffffffff), dynamic("text"),
 false, 0, 0, real(-inf), decimal(0), "y", datetime(1970-01-01), 0s, guid(0a0a0a0a-0000-0000-0000-000000000001), dynamic(12345678901234567890)
]`

// A client gets to the bit what whoever has the database open gets.
func TestAnswers(t *testing.T) {
	db := Local(stored(t))
	c := serve(t, db)
	for _, text := range []string{
		everything,
		everything + " | where b", everything + " | where l == 77", // empty
		everything + " | take 3 | where isnotnull(r) or true | project r, b",
		"print r = -0.0, n = 0.0 / 0.0", "print a = datetime(2026-13-01), b = timespan(x)", // with warnings
		"Kept", "Kept | where l % 3000000000000 == 1", "Kept | sort by l desc", "Kept | summarize count(), names = make_set(s) by b | extend names = array_sort_asc(names)", "Kept | where s == 's7' | extend g, b",
		"Kept | take 0; Kept | count; print 1; Kept | take 5",
		"Kept | summarize n = count() by bin(at, 1h) | render timechart with (title='a b', legend=hidden)",
		"Kept | summarize n = count() by s | render piechart",
		"Kept | as hint.materialized=true K | take 2; Kept | fork (count) (take 1)",
		".show tables", ".show table Kept schema as json", ".show functions | project Name", "print Twice(4)",
		"Kept | where s contains 's' | project-away any | where at > now()",
		"ConfigurationChange | project _ItemId, Computer",
		"print x = 'a\xffb', n = strlen('\xff\xfe')", "print k = '\xff', v = 1 | evaluate pivot(k, sum(v))",
	} {
		ctx := t.Context()
		want, err := answer(ctx, db, Question{Text: text})
		got, remoteErr := answer(ctx, c, Question{Text: text})
		if err != nil || remoteErr != nil {
			t.Errorf("%s\nhere: %v\nthere: %v", text, err, remoteErr)
			continue
		}
		if !strings.Contains(text, "sort by") {
			for _, a := range []*answered{want, got} {
				for _, rows := range a.rows {
					slices.Sort(rows)
				}
			}
		}
		if strings.Contains(text, "13-01") && len(got.warnings) == 0 {
			t.Errorf("%s has no warnings", text)
		}
		if !reflect.DeepEqual(want, got) {
			t.Errorf("%s\nhere:  %s\nthere: %s", text, shorten(want), shorten(got))
		}
	}
}

func shorten(a *answered) string { s := fmt.Sprintf("%+v", *a); return s[:min(len(s), 2000)] }

func TestParameters(t *testing.T) {
	c := serve(t, Local(stored(t)))
	got, err := answer(t.Context(), c, Question{Text: "declare query_parameters(h:string, n:long = 3); print h, n", Params: map[string]string{"h": "a\"b", "n": "7"}})
	if err != nil || !reflect.DeepEqual(got.rows, [][]string{{`"a\"b"|7|`}}) {
		t.Errorf("%v, %v", got, err)
	}
}

// What else may be asked has the same answers, too.
func TestOtherQuestions(t *testing.T) {
	ctx := t.Context()
	db := Local(stored(t))
	c := serve(t, db)
	same := func(what string, here, there any, err, remoteErr error) {
		t.Helper()
		if !reflect.DeepEqual(here, there) || fmt.Sprint(err) != fmt.Sprint(remoteErr) {
			t.Errorf("%s\nhere:  %+v, %v\nthere: %+v, %v", what, here, err, there, remoteErr)
		}
	}
	here, err := db.Tables(ctx)
	there, remoteErr := c.Tables(ctx)
	same("tables", here, there, err, remoteErr)
	if len(there) < 4 {
		t.Errorf("tables: %v", there)
	}
	for _, name := range []string{"Kept", "ConfigurationChange", "Nothing"} {
		here, err := db.Schema(ctx, name)
		there, remoteErr := c.Schema(ctx, name)
		if err == nil && remoteErr == nil {
			same(name, here.Columns(), there.Columns(), nil, nil)
		} else {
			same(name, nil, nil, err, remoteErr)
		}
	}
	names, err := db.Functions(ctx)
	remoteNames, remoteErr := c.Functions(ctx)
	same("functions", names, remoteNames, err, remoteErr)
	for _, text := range []string{"Kept | project b, any", "Kept | where nothing == 1", "Kept | wher x", ".show tables", "Kept | where s == 1", "let x = 1;", "Kept | project-away *"} {
		for _, syntaxOnly := range []bool{false, true} {
			here, err := db.Check(ctx, Question{Text: text}, syntaxOnly)
			there, remoteErr := c.Check(ctx, Question{Text: text}, syntaxOnly)
			if len(there.Diagnostics) == len(here.Diagnostics) {
				for i, d := range here.Diagnostics {
					same(text, d.Render(text, width), there.Diagnostics[i].Render(text, width), nil, nil)
				}
			} else {
				same(text, here.Diagnostics, there.Diagnostics, nil, nil)
			}
			same(text, here.Columns, there.Columns, err, remoteErr)
		}
	}
}

func width(s string) int { return len(s) }

// Errors and warnings point into the text as they do here.
func TestDiagnostics(t *testing.T) {
	db := Local(stored(t))
	c := serve(t, db)
	for _, text := range []string{"Kept | wher x", "Kept | where nothing == 1\n| where more", "Kept\n| where s == tolong('é') and (", ".create table", ".drop table Nothing", "Kept | where s = 'a'", "print '\xff\xfe' | where more"} {
		_, err := answer(t.Context(), db, Question{Text: text})
		_, remoteErr := answer(t.Context(), c, Question{Text: text})
		var here, there parser.Errors
		if errors.As(err, &here) != errors.As(remoteErr, &there) || len(here) != len(there) || err.Error() != remoteErr.Error() {
			t.Errorf("%s\nhere:  %v\nthere: %v", text, err, remoteErr)
			continue
		}
		for i := range here {
			if a, b := here[i].Render(text, width), there[i].Render(text, width); a != b || here[i].Code != there[i].Code {
				t.Errorf("%s\nhere:\n%s\nthere:\n%s", text, a, b)
			}
		}
	}
}

// wire is an answer as it goes over the wire.
func wire(t *testing.T, text string) []byte {
	t.Helper()
	res, err := Local(stored(t)).Query(t.Context(), Question{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	var b bytes.Buffer
	if err := send(t.Context(), &b, func() error { return nil }, res, 0); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// fromWire reads an answer from bytes.
type fromWire struct {
	Database
	b []byte
}

func (f fromWire) Query(ctx context.Context, _ Question) (Result, error) {
	res, err := receive(ctx, bytes.NewReader(f.b), func() error { return nil })
	if err != nil {
		return nil, err
	}
	return res, nil
}

// An answer that is cut off, wherever, is none.
func TestCutOff(t *testing.T) {
	whole := wire(t, "Kept | take 3; Kept | take 0 | project b; print x = 1, s = 'abc'")
	if a, err := answer(t.Context(), fromWire{b: whole}, Question{}); err != nil || len(a.rows) != 3 || a.rowsOut != 4 {
		t.Fatalf("%v, %v", a, err)
	}
	for n := range whole {
		if a, err := answer(t.Context(), fromWire{b: whole[:n]}, Question{}); !errors.Is(err, ErrLost) || errors.Is(err, io.EOF) {
			t.Fatalf("%d of %d bytes: %v, %v", n, len(whole), a, err)
		}
	}
}

// given is a result of one table whose records are given.
type given struct {
	Database
	cols    []table.Column
	records []arrow.Record
}

func (g *given) Query(context.Context, Question) (Result, error) {
	return &givenResult{given: *g}, nil
}

type givenResult struct{ given }

func (r *givenResult) Warnings() parser.Errors  { return nil }
func (r *givenResult) Tables() []Table          { return []Table{r} }
func (r *givenResult) Stats() tidemark.Stats    { return tidemark.Stats{} }
func (r *givenResult) Close() error             { return nil }
func (r *givenResult) Name() string             { return "T" }
func (r *givenResult) Columns() []table.Column  { return r.cols }
func (r *givenResult) Render() *tidemark.Render { return nil }
func (r *givenResult) Next(context.Context) (arrow.Record, error) {
	if len(r.records) == 0 {
		return nil, io.EOF
	}
	rec := r.records[0]
	r.records = r.records[1:]
	return rec, nil
}

// Records that begin and end anywhere in their arrays, have no rows, or
// dictionaries with nulls arrive as they are.
func TestSlices(t *testing.T) {
	cols := []table.Column{{Name: "b", Type: table.Bool}, {Name: "n", Type: table.Long}, {Name: "r", Type: table.Real}, {Name: "s", Type: table.String}, {Name: "g", Type: table.Guid}}
	var rows [][]any
	for i := range 40 {
		row := []any{i%3 == 0, int64(i), float64(i) / 3, strconv.Itoa(i), nil}
		if i%5 == 0 {
			row[i/5%5] = nil
		}
		rows = append(rows, row)
	}
	rec, err := output.Rows("T", cols, rows).Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	codes := array.NewInt32Builder(memory.DefaultAllocator)
	for i := range 40 {
		if i%7 == 0 {
			codes.AppendNull()
		} else {
			codes.Append(int32(i * 3 % 40))
		}
	}
	arrays := slices.Clone(rec.Columns())
	arrays[4] = array.NewDictionaryArray(&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}, codes.NewArray(), arrays[3])
	fields := slices.Clone(rec.Schema().Fields())
	fields[4].Type = arrays[4].DataType()
	rec = array.NewRecord(arrow.NewSchema(fields, nil), arrays, 40)
	db := &given{cols: cols}
	for from := range int64(40) {
		for _, n := range []int64{0, 1, 7, 8, 13} {
			db.records = append(db.records, rec.NewSlice(from, min(from+n, 40)))
		}
	}
	want, err := answer(t.Context(), db, Question{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := answer(t.Context(), serve(t, db), Question{})
	if err != nil || !reflect.DeepEqual(want, got) {
		t.Errorf("%v\nhere:  %s\nthere: %s", err, shorten(want), shorten(got))
	}
}
