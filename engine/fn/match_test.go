package fn

import (
	"math/rand"
	"strings"
	"testing"
	"unicode/utf8"

	"tidemark/engine/vec"
	"tidemark/table"
)

func operate(t *testing.T, want bool, left value, op string, right ...value) {
	t.Helper()
	s, ok := Operator(op)
	if !ok {
		t.Fatalf("no operator %s", op)
	}
	if got, _ := call(t, s, append([]value{left}, right...)...); got != want {
		t.Errorf("%v %s %v = %v", left.v, op, right, got)
	}
}

func TestStringOperators(t *testing.T) {
	for _, c := range []struct {
		left, op, right string
		want            bool
	}{
		{"abc", "=~", "ABC", true}, {"aBc", "!~", "xyz", true}, {"É", "=~", "é", true}, {"\u212a", "=~", "k", false}, {"", "=~", "", true}, {"ab", "=~", "a", false},
		{"FabriKam", "contains", "BRik", true}, {"Fabrikam", "!contains", "xyz", true}, {"FabriKam", "contains_cs", "Kam", true}, {"Fabrikam", "!contains_cs", "Kam", true},
		{"Fabrikam", "endswith", "Kam", true}, {"Fabrikam", "!endswith", "brik", true}, {"Fabrikam", "endswith_cs", "kam", true}, {"Fabrikam", "!endswith_cs", "brik", true},
		{"Fabrikam", "startswith", "fab", true}, {"Fabrikam", "!startswith", "kam", true}, {"Fabrikam", "startswith_cs", "Fab", true}, {"Fabrikam", "!startswith_cs", "fab", true},
		{"North America", "has", "america", true}, {"North America", "!has", "amer", true}, {"North America", "has_cs", "America", true}, {"North America", "!has_cs", "amer", true},
		{"North America", "hasprefix", "ame", true}, {"North America", "!hasprefix", "mer", true}, {"North America", "hasprefix_cs", "Ame", true}, {"North America", "!hasprefix_cs", "CA", true},
		{"North America", "hassuffix", "ica", true}, {"North America", "!hassuffix", "americ", true}, {"North America", "hassuffix_cs", "ica", true}, {"North America", "!hassuffix_cs", "icA", true},
		{"Fabrikam", "matches regex", "b.*k", true}, {"Fabrikam", "matches regex", "^b", false},
		{"a_bc_d", "has", "bc", true}, {"cmd.exe", "has", ".exe", true}, {"cmd.exe.bak", "has", ".exe", true}, {"cmd.exes", "has", ".exe", false},
		{"run a b c", "has", "a b", true}, {"run a bc", "has", "a b", false}, {"xa b", "has", "a b", false}, {"barfoo foo", "has", "foo", true}, {"foofoo", "has", "foo", false},
		{"crème brûlée", "has", "BRÛLÉE", true}, {"brûlée", "has", "br", false}, {"brûlée", "has", "e", false}, {"日本 x", "has", "x", true}, {"日本x", "has", "x", false},
		{"abc", "has", "", true}, {"", "has", "", true}, {"", "has", "a", false}, {"abc", "contains", "", true}, {"", "contains", "a", false}, {"", "!contains", "a", true},
		{"straße", "contains", "STRASSE", false}, {"ΑΣ", "contains", "σ", true}, {"xȺ", "endswith", "ⱥ", true}, {"Ⱥx", "startswith", "ⱥ", true},
		{"ends in \xff", "contains", "\xff", true}, {"abc", "notcontains", "d", true},
	} {
		operate(t, c.want, str(c.left), c.op, str(c.right))
	}
	operate(t, true, dynv(`"North"`), "has", str("north"))
	operate(t, true, dynv(`{"a":"x"}`), "contains", str(`"a"`))
	s, _ := Operator("contains")
	if _, _, err := s.Choose([]Arg{{Type: table.Long}, {Type: table.Long}}); err == nil || err.Error() != "the operator 'contains' is not defined for long and long" {
		t.Errorf("1234 contains 23 says %v", err)
	}
	operate(t, true, value{table.Dynamic, nil}, "!contains", str("a"))
}

func TestHasAnyAll(t *testing.T) {
	operate(t, true, str("North America"), "has_any", str("south"), str("north"))
	operate(t, false, str("North America"), "has_any", str("south"), str("nor"))
	operate(t, true, str("North America"), "has_any", dynv(`["south","north"]`))
	operate(t, true, str("North and South America"), "has_all", str("south"), str("north"))
	operate(t, false, str("North and South America"), "has_all", dynv(`["south","west"]`))
	operate(t, true, str("port 443"), "has_any", dynv(`[80, 443]`))
	operate(t, true, str("a=5"), "has_any", long(5))
	operate(t, false, str("x"), "has_any", dynv(`[]`))
	operate(t, true, str("x"), "has_all", dynv(`[]`))
	many := strings.Repeat(`"zz",`, 20)
	operate(t, true, str("say Größe, please"), "has_any", dynv(`[`+many+`"GRÖSSE","größe"]`))
	operate(t, true, str("run cmd.exe now"), "has_any", dynv(`[`+many+`"CMD.exe"]`))
	operate(t, false, str("aazz zzz"), "has_any", dynv(`[`+many+`"q"]`))
}

// naive is what has, contains and so on do, written plainly.
func naive(op, hay, needle string) bool {
	fold := func(s string) []rune {
		var out []rune
		for i := 0; i < len(s); {
			r, size := foldRune(s[i:])
			out = append(out, r)
			i += size
		}
		return out
	}
	h, n := fold(hay), fold(needle)
	edge := func(i int) bool {
		return i == 0 || i == len(h) || !isAlnum(max(h[i-1], 0)) || !isAlnum(max(h[i], 0))
	}
	for i := 0; i+len(n) <= len(h); i++ {
		if string(h[i:i+len(n)]) != string(n) {
			continue
		}
		switch {
		case len(n) == 0, op == "contains", op == "has" && edge(i) && edge(i+len(n)), op == "hasprefix" && edge(i), op == "hassuffix" && edge(i+len(n)):
			return true
		}
	}
	return false
}

func TestMatchAgainstNaive(t *testing.T) {
	alphabets := []string{"ab", "aAbB .", "abcABC._-/", "aéÉ ß.日", "kKKſsS "}
	rng := rand.New(rand.NewSource(1))
	random := func(alphabet []rune, n int) string {
		out := make([]rune, rng.Intn(n))
		for i := range out {
			out[i] = alphabet[rng.Intn(len(alphabet))]
		}
		return string(out)
	}
	for range 40000 {
		alphabet := []rune(alphabets[rng.Intn(len(alphabets))])
		hay, needle := random(alphabet, 30), random(alphabet, 5)
		for _, op := range []string{"has", "hasprefix", "hassuffix", "contains"} {
			if got, want := Matcher(op, needle)(hay), naive(op, hay, needle); got != want {
				t.Fatalf("%q %s %q = %v", hay, op, needle, got)
			}
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("North America", "america")
	f.Add("cmd.exe", ".EXE")
	f.Add("brûlée", "É")
	f.Fuzz(func(t *testing.T, hay, needle string) {
		if !utf8.ValidString(hay) || !utf8.ValidString(needle) {
			return
		}
		for _, op := range []string{"has", "hasprefix", "hassuffix", "contains"} {
			if got, want := Matcher(op, needle)(hay), naive(op, hay, needle); got != want {
				t.Fatalf("%q %s %q = %v", hay, op, needle, got)
			}
		}
	})
}

// A text that nearly matches everywhere must not take quadratic time.
func TestMatchNearMisses(t *testing.T) {
	hay, needle := strings.Repeat("a", 1<<20), strings.Repeat("A", 5000)+"b"
	if Matcher("contains", needle)(hay) || !Matcher("contains", needle)(hay+"B") {
		t.Error("contains is wrong")
	}
	if Matcher("has", needle[:100])(hay) {
		t.Error("has is wrong")
	}
}

func TestRegexTest(t *testing.T) {
	if Matcher("matches regex", "(")("(") {
		t.Error("what is no regular expression matches nothing")
	}
	texts := []string{"", "foo", "FOO bar", "a foobar", "barfoo\n", "Kelvin \u212a", "x1y22", "\u017f", "fo", "foob", "a|b", "line\nfoo"}
	for _, p := range []string{"foo", "(?i)foo", "(foo|bar)", ".*foo.*", "(?i)k", "(?i)skin|foo", `\d+y`, "^foo$", "(foo)+b?", "(?:foo){2}", "fo|foo|foob", `a\|b`, "(?s).*foo", `\u0066oo\Z`, "(?<n>o)o", "[[:alpha:]]o", "(?i)s"} {
		re, err := CompileRegex(p)
		if err != nil {
			t.Fatal(p, err)
		}
		test := Matcher("matches regex", p)
		for _, s := range texts {
			if test(s) != re.MatchString(s) {
				t.Errorf("%q matches regex %q = %v", s, p, test(s))
			}
		}
	}
}

func TestSet(t *testing.T) {
	col := func(t table.Type, values ...any) vec.Column {
		b := vec.NewBuilder(t, len(values))
		for _, v := range values {
			b.Value(v)
		}
		return vec.Column{Arr: b.Done()}
	}
	verify := func(s *Set, c vec.Column, want ...bool) {
		t.Helper()
		yes, no := s.Contains(c, len(want)), s.Lacks(c, len(want))
		for i, w := range want {
			if yes.Bool(i) != w || no.Bool(i) == w {
				t.Errorf("row %d: in is %v, !in is %v, want %v", i, yes.Bool(i), no.Bool(i), w)
			}
		}
	}
	verify(NewSet(table.Long, []any{int64(1), int64(3), nil}, false), col(table.Long, int64(1), int64(2), nil), true, false, false)
	verify(NewSet(table.Real, []any{0.0, 1.5}, false), col(table.Real, 1.5, 2.0, nil), true, false, false)
	verify(NewSet(table.Bool, []any{false}, false), col(table.Bool, true, nil, false), false, false, true)
	verify(NewSet(table.String, []any{"a", ""}, false), col(table.String, "a", "A", ""), true, false, true)
	verify(NewSet(table.String, []any{"aé"}, true), col(table.String, "AÉ", "b", nil), true, false, false)
	verify(NewSet(table.Decimal, []any{"1.50"}, false), col(table.Decimal, "1.5", "1.500", "2"), true, true, false)
	verify(NewSet(table.Dynamic, []any{`"a"`}, true), col(table.Dynamic, `"A"`, `1`, nil), true, false, false)
	dict := vec.NewDict([]int32{0, 1, 1, 0}, vec.NewStrings([]string{"a", "b"}, nil), []bool{true, true, true, false})
	verify(NewSet(table.String, []any{"B"}, true), vec.Column{Arr: dict}, false, true, true, false)
	verify(NewSet(table.String, []any{""}, true), vec.Column{Arr: dict}, false, false, false, true)
	verify(NewSet(table.Guid, []any{"x"}, true), vec.Column{Arr: dict}, false, false, false, false)
	if c := NewSet(table.String, []any{"x"}, false).Contains(vec.Constant(table.String, "x"), 5); !c.Const || !c.Bool(4) {
		t.Error("a constant stays one")
	}
}

// logs are texts as one finds them: paths, command lines, host names.
func logs(n int) vec.Column {
	rng := rand.New(rand.NewSource(2))
	words := strings.Fields(`C:\Windows\System32\svchost.exe powershell.exe -NoProfile -EncodedCommand JABzAD0ATgBlAHcA rundll32.exe /usr/bin/python3 --config=/etc/app.conf host-0073.corp.contoso.com Event error timeout connection Kusto 10.1.2.3:443 {"level":"info"}`)
	out := make([]string, n)
	for i := range out {
		var b []string
		for range 4 + rng.Intn(6) {
			b = append(b, words[rng.Intn(len(words))])
		}
		out[i] = strings.Join(b, " ")
	}
	return vec.Column{Arr: vec.NewStrings(out, nil)}
}

func BenchmarkOperators(b *testing.B) {
	hay := logs(4096)
	for _, c := range [][2]string{{"has", "kusto"}, {"has", "exe"}, {"has", "absent"}, {"has_cs", "Kusto"}, {"contains", "contoso"}, {"contains", "absent"}, {"contains_cs", "absent"}, {"startswith", "power"}, {"=~", "x"},
		{"matches regex", "rundll.*python"}, {"matches regex", "(?i)encoded.*conf"}, {"matches regex", `\d+\.\d+\.\d+\.\d+:443`}, {"matches regex", "(?i)(timeout|absent)"}} {
		s, _ := Operator(c[0])
		a := &Args{N: 4096, Cols: []vec.Column{hay, vec.Constant(table.String, c[1])}, Types: []table.Type{table.String, table.String}}
		b.Run(c[0]+"/"+c[1], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Overloads[0].Kernel(a)
			}
			b.ReportMetric(4096*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}
