package tidemark

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"tidemark/table"
)

// pruningWords are of all kinds that indexes could get wrong: cases, scripts,
// letters whose cases differ in length, characters that regular expressions
// take for equal, marks within terms, and what is no text at all.
var pruningWords = []string{"hosts", "HOSTS", "host", "etc", "Temp", "a", "", " ", "x-y", "svc.exe", "exe", "9F3E7", "9f3e7a", "kelvin", "\u212aelvin", "\u017ftop", "stop",
	"straße", "STRASSE", "ΣΊΣΥΦΟΣ", "σίσυφος", "İstanbul", "istanbul", "ǆ", "Ǆ", "日本語", "日本", "naïve", "naïve", "bad\xff", "\xc3", "ﬁle", "\u0345", "Ι", "0", "-12", "12"}

func pruningText(r *rand.Rand, many bool) string {
	n := 1 + r.Intn(3)
	parts := make([]string, n)
	for i := range parts {
		parts[i] = pruningWords[r.Intn(len(pruningWords))]
	}
	s := strings.Join(parts, []string{`\`, "/", " ", ".", "_", ""}[r.Intn(6)])
	if many {
		s = fmt.Sprintf(`c:\%x\%s`, r.Intn(20000), s)
	}
	return s
}

// TestPruningChangesNothing asks random questions of random rows, with and
// without pruning.
func TestPruningChangesNothing(t *testing.T) {
	t.Parallel()
	db := pruningTable(t)
	r := rand.New(rand.NewSource(42))
	ctx := context.Background()
	chosen, questions := 0, 250
	for range questions {
		text := "T | where " + pruningCondition(r, 2) + " | summarize Rows = count(), First = min(N), Last = max(N), Sum = sum(N)"
		if r.Intn(4) == 0 {
			text = "T | where " + pruningCondition(r, 2) + " | sort by N asc | project N, Few, Many, Hash, Long, G"
		}
		pruned, st := pruningAnswer(t, ctx, db, text)
		plain, all := pruningAnswer(t, ctx, db, text, NoPruning())
		if !slices.Equal(pruned, plain) {
			t.Fatalf("%s\nwith pruning %d rows, without %d:\n%.400s\n%.400s", text, len(pruned), len(plain), strings.Join(pruned, "\n"), strings.Join(plain, "\n"))
		}
		if all.Pruned != (table.Pruned{}) {
			t.Fatalf("%s: pruned although it was not to be: %+v", text, all.Pruned)
		}
		if st.RowsScanned < all.RowsScanned {
			chosen++
		}
	}
	if chosen < questions/4 {
		t.Errorf("only %d of %d questions were pruned: the test proves little", chosen, questions)
	}
}

// TestCountsChangeNothing asks for numbers of rows, again and again: of all, of
// those that satisfy conditions, and by a column. Extents answer without their
// rows where they can, and must say the same.
func TestCountsChangeNothing(t *testing.T) {
	t.Parallel()
	db := pruningTable(t)
	r := rand.New(rand.NewSource(5))
	ctx := context.Background()
	columns := []string{"Few", "Many", "Hash", "Mostly", "Kind", "State", "One", "None"}
	condition := func() string {
		if r.Intn(8) == 0 {
			return pruningCondition(r, 1)
		}
		column := columns[4+r.Intn(4)]
		word := func() string { return pruningLiteral(append(pruningWords[:6:6], "one", "none")[r.Intn(8)]) }
		if r.Intn(4) == 0 {
			return fmt.Sprintf("%s in (%s, %s)", column, word(), word())
		}
		return fmt.Sprintf("%s %s %s", column, []string{"==", "!=", "has", "contains", "!contains", "=~", "startswith"}[r.Intn(7)], word())
	}
	counted, questions := 0, 300
	for range questions {
		text := "T"
		for range r.Intn(4) {
			text += " | where " + condition()
		}
		column := columns[r.Intn(len(columns))]
		text += []string{" | count", " | summarize A = count(), B = count()", " | summarize Rows = count() by " + column + " | sort by " + column + " asc",
			" | distinct " + column + " | sort by " + column + " asc"}[r.Intn(4)]
		plain, all := pruningAnswer(t, ctx, db, text, NoPruning())
		for range 2 {
			got, st := pruningAnswer(t, ctx, db, text)
			if !slices.Equal(got, plain) {
				t.Fatalf("%s\n%.400s\nby reading all rows:\n%.400s", text, strings.Join(got, "\n"), strings.Join(plain, "\n"))
			}
			if p := st.Pruned; p.ExtentsByRange+p.ExtentsByText+p.ExtentsByValue+p.ExtentsByCount+st.ExtentsScanned != st.ExtentsTotal {
				t.Fatalf("%s: %d extents, but %+v", text, st.ExtentsTotal, st)
			}
			if st.Pruned.ExtentsByCount > 0 {
				counted++
			}
		}
		if all.Pruned != (table.Pruned{}) {
			t.Fatalf("%s: counted although rows were to be read: %+v", text, all.Pruned)
		}
	}
	if counted < questions/2 {
		t.Errorf("extents gave numbers for %d of %d questions: the test proves little", counted, 2*questions)
	}
}

func pruningTable(t *testing.T) *DB {
	db, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	schema, err := table.NewSchema(
		table.Column{Name: "N", Type: table.Long}, table.Column{Name: "TimeGenerated", Type: table.Datetime},
		table.Column{Name: "Few", Type: table.String}, table.Column{Name: "Many", Type: table.String},
		table.Column{Name: "Hash", Type: table.String}, table.Column{Name: "Mostly", Type: table.String},
		table.Column{Name: "Long", Type: table.Long}, table.Column{Name: "R", Type: table.Real}, table.Column{Name: "B", Type: table.Bool},
		table.Column{Name: "Kind", Type: table.String}, table.Column{Name: "State", Type: table.String}, table.Column{Name: "One", Type: table.String},
		table.Column{Name: "None", Type: table.String}, table.Column{Name: "G", Type: table.Guid}, table.Column{Name: "D", Type: table.Dynamic}, table.Column{Name: "Dec", Type: table.Decimal})
	if err == nil {
		err = db.CreateTable("T", schema)
	}
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewSource(7))
	n := 0
	for _, rows := range []int{14000, 3000, 9000, 500} {
		var b strings.Builder
		for range rows {
			pruningRow(&b, r, n)
			n++
		}
		if _, err := db.Ingest(context.Background(), strings.NewReader(b.String()), IngestOptions{Format: "csv", Table: "T"}); err != nil {
			t.Fatal(err)
		}
		if rows != 500 { // these stay in the tail
			if err := db.store.Seal(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
	return db
}

func pruningRow(b *strings.Builder, r *rand.Rand, n int) {
	if b.Len() == 0 {
		b.WriteString("N,TimeGenerated,Few,Many,Hash,Mostly,Long,R,B,Kind,State,One,G,D,Dec\n")
	}
	maybe := func(s string) string {
		if r.Intn(3) == 0 {
			return ""
		}
		return s
	}
	mostly := ""
	if r.Intn(50) == 0 {
		mostly = pruningText(r, false)
	}
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	fmt.Fprintf(b, "%d,2026-01-%02dT%02d:00:00Z,%s,%s,%s,%s,%s,%s,%s,%s,%s,one,%s,%s,%s\n", n, 1+n/1000, r.Intn(24),
		quote(pruningText(r, false)), quote(maybe(pruningText(r, true))), maybe(fmt.Sprintf("%016x%016x", pruningHash(r), 77)), quote(mostly),
		maybe(fmt.Sprint(r.Intn(400)-200)), maybe(fmt.Sprint(float64(r.Intn(100))/4)), maybe([]string{"true", "false"}[r.Intn(2)]),
		pruningWords[r.Intn(5)], maybe(pruningWords[r.Intn(3)]),
		maybe(fmt.Sprintf("00000000-0000-0000-0000-%012x", r.Intn(3000))), quote(maybe(fmt.Sprintf(`{"k":"%s"}`, pruningWords[r.Intn(5)]))), maybe(fmt.Sprint(r.Intn(50))))
}

func pruningHash(r *rand.Rand) uint64 { return uint64(r.Intn(6000)) * 0x9E3779B97F4A7C15 }

// pruningCondition is a random condition in the language.
func pruningCondition(r *rand.Rand, depth int) string {
	if depth > 0 && r.Intn(3) > 0 {
		op := []string{" and ", " or "}[r.Intn(2)]
		return "(" + pruningCondition(r, depth-1) + op + pruningCondition(r, depth-1) + ")"
	}
	column := []string{"Few", "Many", "Hash", "Mostly"}[r.Intn(4)]
	word := func() string { return pruningLiteral(pruningText(r, r.Intn(3) == 0)) }
	if r.Intn(2) == 0 {
		word = func() string { return pruningLiteral(pruningWords[r.Intn(len(pruningWords))]) }
	}
	if column == "Hash" {
		word = func() string {
			h := fmt.Sprintf("%016x%016x", pruningHash(r), 77)
			return pruningLiteral([]string{h, h[:6], strings.ToUpper(h), h[3:9], "xyz"}[r.Intn(5)])
		}
	}
	ops := []string{"==", "!=", "=~", "!~", "has", "!has", "has_cs", "contains", "!contains", "contains_cs", "startswith", "!startswith", "startswith_cs",
		"endswith", "endswith_cs", "hasprefix", "hasprefix_cs", "hassuffix", "!hassuffix", "matches regex"}
	switch r.Intn(8) {
	case 0:
		op := []string{"in", "!in", "in~", "!in~", "has_any", "has_all"}[r.Intn(6)]
		return fmt.Sprintf("%s %s (%s, %s)", column, op, word(), word())
	case 1:
		op := []string{"==", "!=", "<", ">", "<=", ">="}[r.Intn(6)]
		return []string{
			fmt.Sprintf("Long %s %d", op, r.Intn(500)-250), fmt.Sprintf("R %s %g", op, float64(r.Intn(120))/4), fmt.Sprintf("B == %v", r.Intn(2) == 0),
			fmt.Sprintf("G == guid(00000000-0000-0000-0000-%012x)", r.Intn(4000)), fmt.Sprintf("Dec == decimal(%d)", r.Intn(60)),
			fmt.Sprintf("TimeGenerated %s datetime(2026-01-%02d)", op, 1+r.Intn(30)), fmt.Sprintf("D.k == %s", pruningLiteral(pruningWords[r.Intn(6)])),
			"isempty(" + column + ")", "isnotempty(" + column + ")", "strlen(" + column + ") > 12", "tolower(" + column + ") contains " + word(),
			fmt.Sprintf("TimeGenerated %s toscalar(T | summarize min(TimeGenerated)) + %dd", op, r.Intn(30)),
		}[r.Intn(12)]
	case 2:
		return fmt.Sprintf(`%s matches regex @"(?i)%s[a-z0-9]*$"`, column, []string{"kel", "sto", `\\etc`, "h.st", "(host|temp)", "9f3", "STRA"}[r.Intn(7)])
	case 3:
		return "not(" + pruningCondition(r, 0) + ")"
	}
	op := ops[r.Intn(len(ops)-1)]
	return fmt.Sprintf("%s %s %s", column, op, word())
}

// pruningLiteral writes a text as the language does; what is not UTF-8 cannot
// be written and becomes a question mark.
func pruningLiteral(s string) string {
	return `"` + strings.ReplaceAll(strings.ReplaceAll(strings.ToValidUTF8(s, "?"), `\`, `\\`), `"`, `\"`) + `"`
}

func pruningAnswer(t *testing.T, ctx context.Context, db *DB, text string, opts ...QueryOption) ([]string, Stats) {
	t.Helper()
	res, err := db.Query(ctx, text, opts...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var rows []string
	for row, err := range res.Rows(ctx) {
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		line := ""
		for i := range row.Columns() {
			line += fmt.Sprintf("%v|", row.Value(i))
		}
		rows = append(rows, line)
	}
	res.Close()
	return rows, res.Stats()
}
