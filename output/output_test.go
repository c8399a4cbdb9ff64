package output

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"tidemark/table"
)

// render writes tables in a format.
func render(t *testing.T, format string, o Options, tables ...Table) string {
	t.Helper()
	f, ok := Lookup(format)
	if !ok {
		t.Fatalf("no format %s", format)
	}
	var b strings.Builder
	w := f.New(&b, o)
	for _, x := range tables {
		if _, err := Copy(context.Background(), w, x); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func cols(spec string) []table.Column {
	var out []table.Column
	for _, s := range strings.Fields(spec) {
		name, typ, _ := strings.Cut(s, ":")
		t, ok := table.TypeNamed(typ)
		if !ok {
			panic(typ)
		}
		out = append(out, table.Column{Name: name, Type: t})
	}
	return out
}

func at(s string) table.Time {
	t, ok := table.ParseTime(s)
	if !ok {
		panic(s)
	}
	return t
}

// every has a value and a null of each type.
func every() Table {
	return Rows("PrimaryResult", cols("b:bool i:int l:long r:real d:decimal s:string t:datetime ts:timespan g:guid dy:dynamic"), [][]any{
		{true, int64(-7), int64(math.MaxInt64), 1.0, "12.50", "a \"b\"\n<c>\x1b[31m", at("2026-02-03T10:15:02.307Z"), 26*table.Hour + 5, "6f4c9d3c-2b1a-4e57-9a0f-0c8d1e2f3a4b", `{"a":[1,null]}`},
		{nil, nil, nil, nil, nil, nil, nil, nil, nil, nil},
	})
}

const everyJSON = `{"tables":[{"name":"PrimaryResult","columns":[{"name":"b","type":"bool"},{"name":"i","type":"int"},{"name":"l","type":"long"},{"name":"r","type":"real"},{"name":"d","type":"decimal"},{"name":"s","type":"string"},{"name":"t","type":"datetime"},{"name":"ts","type":"timespan"},{"name":"g","type":"guid"},{"name":"dy","type":"dynamic"}],"rows":[[true,-7,9223372036854775807,1,"12.50","a \"b\"\n<c>\u001b[31m","2026-02-03T10:15:02.3070000Z","1.02:00:00.0000005","6f4c9d3c-2b1a-4e57-9a0f-0c8d1e2f3a4b",{"a":[1,null]}],
[null,null,null,null,null,"",null,null,null,null]]}]}
`

func TestJSON(t *testing.T) {
	if got := render(t, "json", Options{}, every()); got != everyJSON {
		t.Errorf("got\n%s\nwant\n%s", got, everyJSON)
	}
	if got := render(t, "json", Options{}); got != "{\"tables\":[]}\n" {
		t.Errorf("no tables: %s", got)
	}
	reals := Rows("x", cols("r:real"), [][]any{{math.NaN()}, {math.Inf(1)}, {math.Inf(-1)}, {1e16}, {-0.5}, {1e-9}})
	empty := Rows("y", cols("s:string"), nil)
	got := render(t, "json", Options{}, reals, empty)
	want := `{"tables":[{"name":"x","columns":[{"name":"r","type":"real"}],"rows":[["NaN"],
["Infinity"],
["-Infinity"],
[1E+16],
[-0.5],
[1E-09]]},{"name":"y","columns":[{"name":"s","type":"string"}],"rows":[]}]}
`
	if got != want || !json.Valid([]byte(got)) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Whatever the text, the output is JSON and reads back the same.
func TestJSONText(t *testing.T) {
	for _, s := range []string{"", "\x00\x1f\x7f", "é漢😀", "\xff\xfe", `\"`, "\u2028\u0085"} {
		got := render(t, "jsonl", Options{}, Rows("", cols("s:string d:dynamic"), [][]any{{s, s}}))
		var back struct{ S, D string }
		if err := json.Unmarshal([]byte(got), &back); err != nil {
			t.Errorf("%q: %v in %s", s, err, got)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); s != "\xff\xfe" && back.S != want {
			t.Errorf("%q came back as %q", s, back.S)
		}
	}
}

func TestJSONL(t *testing.T) {
	got := render(t, "jsonl", Options{}, Rows("", cols("a:long b:dynamic"), [][]any{{int64(1), "[1]"}, {nil, nil}}))
	if want := "{\"a\":1,\"b\":[1]}\n{\"a\":null,\"b\":null}\n"; got != want {
		t.Errorf("got %s", got)
	}
}

func TestCSV(t *testing.T) {
	got := render(t, "csv", Options{}, Rows("", cols("a:string b:string"), [][]any{{"x,y", " z"}, {"q\"q", "l\nm"}, {"", "p"}}))
	if want := "a,b\n\"x,y\",\" z\"\n\"q\"\"q\",\"l\nm\"\n,p\n"; got != want {
		t.Errorf("got %q", got)
	}
	rows, err := csv.NewReader(strings.NewReader(render(t, "csv", Options{}, every()))).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][6] != "2026-02-03T10:15:02.3070000Z" || rows[1][5] != "a \"b\"\n<c>\x1b[31m" {
		t.Errorf("%q %v", rows, err)
	}
	single := render(t, "csv", Options{}, Rows("", cols("a:string"), [][]any{{""}}))
	if single != "a\n\"\"\n" {
		t.Errorf("a lone empty field: %q", single)
	}
	two := render(t, "tsv", Options{}, Rows("", cols("a:long b:string"), [][]any{{int64(1), "a\tb"}}), Rows("", cols("c:long"), nil))
	if want := "a\tb\n1\t\"a\tb\"\n\nc\n"; two != want {
		t.Errorf("tsv: %q", two)
	}
}

func TestMarkdown(t *testing.T) {
	got := render(t, "markdown", Options{}, Rows("", cols("a_b:string n:long"), [][]any{{`C:\x|<i>` + "\n*", int64(4)}}))
	want := "| a\\_b | n |\n| --- | ---: |\n| C:\\\\x\\|&lt;i&gt;<br>\\* | 4 |\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// No format for a terminal lets a control character through, whatever the
// column names, table names and values.
func TestNothingReachesTheTerminal(t *testing.T) {
	evil := "\x1b]0;x\x07\x9b31m\r\u009b\u202e\x7f"
	for _, f := range Formats() {
		if f.Binary {
			continue
		}
		for _, width := range []int{0, 40, 200} {
			c := []table.Column{{Name: "a" + evil, Type: table.String}, {Name: "d", Type: table.Dynamic}, {Name: strings.Repeat("w", 60), Type: table.Guid}}
			got := render(t, f.Name, Options{Terminal: true, Width: width},
				Rows(evil, c, [][]any{{evil, evil, evil}, {evil + strings.Repeat("x", 300), "{}", ""}}))
			for _, r := range got {
				if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == 0x202e {
					t.Errorf("%s at %d columns lets %U through", f.Name, width, r)
				}
			}
			if f.Name == "json" && !json.Valid([]byte(got)) {
				t.Errorf("not JSON any more: %s", got)
			}
		}
	}
}

// A terminal-safe writer may be handed characters in pieces.
func TestSafeWriterPieces(t *testing.T) {
	var b strings.Builder
	w := terminalSafe(&b)
	for _, c := range []byte("é漢\x1b\u009b\xff😀") {
		if n, err := w.Write([]byte{c}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	if want := `é漢\u001b\u009b` + "\ufffd😀"; b.String() != want {
		t.Errorf("got %q want %q", b.String(), want)
	}
}

// Dictionaries with nulls in the index and in the values read as values do.
func TestDictionary(t *testing.T) {
	typ := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	values := array.NewStringBuilder(memory.DefaultAllocator)
	values.AppendValues([]string{"x", "", "z"}, []bool{true, false, true})
	index := array.NewInt32Builder(memory.DefaultAllocator)
	index.AppendValues([]int32{2, 0, 1, 0}, []bool{true, true, true, false})
	dict := array.NewDictionaryArray(typ, index.NewArray(), values.NewArray())
	schema := arrow.NewSchema([]arrow.Field{{Name: "s", Type: typ}, {Name: "g", Type: typ}}, nil)
	rec := array.NewRecord(schema, []arrow.Array{dict, dict}, 4).NewSlice(1, 4)
	columns, err := columnsOf(rec, cols("s:string g:guid"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range 3 {
		got = append(got, string(columns[0].appendJSON(nil, i))+string(columns[1].appendJSON(nil, i)))
	}
	if s := fmt.Sprint(got); s != `["x""x" ""null ""null]` {
		t.Errorf("got %s", s)
	}
}
