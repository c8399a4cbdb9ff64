package output

import (
	"fmt"
	"strings"
	"testing"

	"tidemark/table"
)

func TestGrid(t *testing.T) {
	got := render(t, "table", Options{Width: 80}, Rows("PrimaryResult", cols("Computer:string When:datetime Count:long Share:real"), [][]any{
		{"web-01", at("2026-02-03T10:15:02.307Z"), int64(12), 0.25},
		{"データ", at("2026-02-03"), nil, 1.0},
		{"", nil, int64(3), nil},
	}))
	want := `Computer  When                     Count  Share
────────  ───────────────────────  ─────  ─────
web-01    2026-02-03 10:15:02.307     12   0.25
データ    2026-02-03 00:00:00       null      1
          null                         3   null
(3 rows)
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A page that is too wide loses empty columns first, then the length of text.
func TestGridFits(t *testing.T) {
	path := `C:\Program Files\Tidemark\a long way down\agent.exe`
	got := render(t, "table", Options{Width: 60}, Rows("", cols("Computer:string Empty:string FileSystemPath:string Size:long"), [][]any{
		{"web-01", "", path, int64(1204)}, {"web-02", "", "x", int64(1)},
	}))
	want := `Computer  FileSystemPath                              Size
────────  ──────────────────────────────────────────  ────
web-01    C:\Program Files…k\a long way down\agent.exe  1204
web-02    x                                              1
(2 rows; 1 empty column not shown)
`
	if lines := strings.Split(got, "\n"); Width(lines[2]) != 60 || !strings.HasSuffix(lines[2], "agent.exe  1204") {
		t.Errorf("got\n%s\nwant about\n%s", got, want)
	}
	if !strings.HasSuffix(got, "(2 rows; 1 empty column not shown)\n") {
		t.Errorf("got\n%s", got)
	}
}

// What fits is shown with its empty columns: they were asked for.
func TestEmptyColumnThatFits(t *testing.T) {
	got := render(t, "table", Options{Width: 60}, Rows("", cols("a:string b:string"), [][]any{{"x", ""}}))
	if want := "a  b\n─  ─\nx\n(1 row)\n"; got != want {
		t.Errorf("got\n%s", got)
	}
}

func wide(n int) ([]table.Column, []any) {
	var c []table.Column
	var row []any
	for i := range n {
		c = append(c, table.Column{Name: fmt.Sprintf("Column%02d", i), Type: table.String})
		row = append(row, "")
	}
	return c, row
}

func TestRecords(t *testing.T) {
	c, row := wide(30)
	for i := range 12 {
		row[i] = strings.Repeat(string(rune('a'+i)), 10*i+1)
	}
	got := render(t, "table", Options{Width: 50}, Rows("", c, [][]any{row, row}))
	for _, line := range strings.Split(got, "\n") {
		if Width(line) > 50 {
			t.Errorf("%d columns: %s", Width(line), line)
		}
	}
	for _, want := range []string{"── row 1 ─", "── row 2 ─", "Column00  a\n", "Column11  lllll", "(2 rows; 18 empty columns not shown)"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	all := render(t, "table", Options{Width: 50, AllColumns: true}, Rows("", c, [][]any{row}))
	if !strings.Contains(all, "Column29\n(1 row)") {
		t.Errorf("got\n%s", all)
	}
}

func TestWideAndEmpty(t *testing.T) {
	c, _ := wide(30)
	if got := render(t, "table", Options{Width: 50}, Rows("", c, nil)); got != "(0 rows of 30 columns)\n" {
		t.Errorf("got\n%s", got)
	}
	got := render(t, "table", Options{Width: 50, AllColumns: true}, Rows("", c, nil))
	if !strings.HasPrefix(got, "Column00, Column01,") || !strings.HasSuffix(got, "Column29\n(0 rows)\n") {
		t.Errorf("got\n%s", got)
	}
}

// To a file nothing is cut and nothing left out.
func TestNoWidth(t *testing.T) {
	c, row := wide(30)
	row[3] = strings.Repeat("x", 300)
	got := render(t, "table", Options{}, Rows("", c, [][]any{row}))
	if lines := strings.Split(got, "\n"); len(lines) != 5 || !strings.Contains(lines[2], row[3].(string)) {
		t.Errorf("got\n%s", got)
	}
}

func TestPages(t *testing.T) {
	var rows [][]any
	for i := range 2500 {
		rows = append(rows, []any{int64(i)})
	}
	got := render(t, "table", Options{Width: 80}, Rows("", cols("n:long"), rows))
	if strings.Count(got, "n\n─") != 3 || !strings.HasSuffix(got, "2499\n(2,500 rows)\n") {
		t.Errorf("%d headers", strings.Count(got, "n\n─"))
	}
	if !strings.HasPrefix(got, "  n\n───\n  0\n") {
		t.Errorf("got %q", got[:30])
	}
}

func TestSeveralTables(t *testing.T) {
	one := func(name string) Table { return Rows(name, cols("a:long"), [][]any{{int64(1)}}) }
	got := render(t, "table", Options{Width: 80}, one("PrimaryResult"), one("Second"))
	if want := "a\n─\n1\n(1 row)\n\nSecond\na\n─\n1\n(1 row)\n"; got != want {
		t.Errorf("got %s", got)
	}
}

func TestWidth(t *testing.T) {
	for s, want := range map[string]int{"abc": 3, "漢字": 4, "é": 1, "e\u0301": 1, "👩‍👩‍👧": 2, "🇩🇪": 2, "": 0} {
		if got := Width(s); got != want {
			t.Errorf("Width(%q) = %d, want %d", s, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		s     string
		width int
		want  string
	}{
		{"hello", 5, "hello"}, {"hello!", 5, "hell…"}, {"漢字漢字", 5, "漢字…"}, {"漢字漢字", 4, "漢…"},
		{"/usr/share/doc/tidemark/README", 20, "/usr/sha…mark/README"}, {"x", 0, ""},
	} {
		got := cut(c.s, c.width)
		if got != c.want || Width(got) > c.width {
			t.Errorf("cut(%q, %d) = %q, want %q", c.s, c.width, got, c.want)
		}
	}
}

func TestClean(t *testing.T) {
	for s, want := range map[string]string{
		"plain": "plain", "a\tb\r\n": `a\tb\r\n`, "\x1b[2J": `\x1b[2J`, "\u202egnp.exe": `\u202egnp.exe`,
		"\xff": `\xff`, "\u009b": `\u009b`, "\x7f": `\x7f`, "👩‍👧": "👩‍👧", "\ufeffx": `\ufeffx`,
	} {
		if got := Clean(s); got != want {
			t.Errorf("Clean(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %s", n, got)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 9949: "9.9 kB", 12345: "12 kB", 999600: "1.0 MB", 5e9: "5.0 GB"} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %s, want %s", n, got, want)
		}
	}
	if ShortTime(at("0001-01-01")) != "0001-01-01 00:00:00" {
		t.Error(ShortTime(at("0001-01-01")))
	}
}
