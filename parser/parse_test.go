package parser

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// accepted are queries that must be read without an error; between them they
// use every operator and every kind of literal.
var accepted = []string{
	"ConfigurationChange\n| where RegistryKey == @\"HKEY_LOCAL_MACHINE\"",
	"ConfigurationChange\n| where ConfigChangeType == \"Files\" and FileSystemPath contains \" c:\\windows\\system32\\drivers\\\"",
	"ConfigurationChange\n| where FieldsChanged contains \"FileContentChecksum\" and FileSystemPath == \"c:\\windows\\system32\\drivers\\etc\\hosts\"",
	"ConfigurationChange\n| where ConfigChangeType == \"WindowsServices\" and SvcName contains \"w3svc\" and SvcState == \"Stopped\"",
	"ConfigurationChange\n| where ConfigChangeType == \"Daemons\" and SvcName contains \"ssh\" and SvcState!= \"Running\"",
	"ConfigurationChange\n| where ConfigChangeType == \"Software\" and ChangeCategory == \"Added\"",
	"ConfigurationData\n| where SoftwareName contains \"Monitoring Agent\" and CurrentVersion!= \"8.0.11081.0\"",
	"T | filter count > 3 and type == 'x' | limit 5 | count as N",
	"T | extend z = 1 | project a, b = c + 1, (d, e) = f(g) | project-away x*, ['y z'] | project-keep a | project-rename q = a | project-reorder b desc, *_x | project-by-names 'a'",
	"T | distinct * | sample 3 | sample-distinct 3 of x | serialize | serialize n = row_number() | getschema | consume decodeblocks=true",
	"T | order by a asc nulls first, b | top 5 by c granny-desc | top-hitters 3 of x by y | top-nested 3 of a with others='o' by max(b) desc, top-nested of c by count()",
	"union withsource=S kind=outer isfuzzy=true (T | take 1), U*, database('d').V*, cluster('c').database('d').W, * | as hint.materialized=true X",
	"T | join kind=inner hint.shufflekey=a, b (U | where x) on k, $left.a == $right.b and true | lookup kind=leftouter U on k | join (V) on x",
	"search kind=case_sensitive in (T, U*) 'a' and b:'c' or * has 'd' | render piechart kind=map title='t' accumulate=true by a, b with (title='x', ycolumns=a, b)",
	"find withsource=S in (T, U* ) where a == 1 project a:long, b, pack(*)",
	"find 'x' project-smart",
	"print x = 0x1F, 1e3, 1., 1.5h, 2min, 3tick, 5microseconds, datetime(2024-01-01 10:00), time(1.02:03:04), guid(74be27de-1e4e-49d9-b579-fe0b331d3642), int(null), real(nan), bool(true), decimal(1.5), h'x', H@'y', 'a' \"b\", ```c\nd```, ~~~e~~~, -1 - -2",
	"print dynamic({'a': [1, 2.5, -3, null, true, datetime(2024-01-01), {\"b\": dynamic('c')}]}), typeof(long), 5xx, ['a b'], _x, a.b['c'][0].d(1)",
	"range x from 1 to 10 step 2 | where x in (1, 2) or x !in~ (T | project y) or x has_any (dynamic(['a'])) or x !between (1 .. 2) or x matches regex 'a' or x notcontains 'b' or x <> 3 or x =~ 'c'",
	"T | mv-expand bagexpansion=array with_itemindex=i a = b to typeof(long), c limit 3 | mvexpand d | mv-apply e = f to typeof(string) limit 2 on (where e > 1 | top 1 by e)",
	"T | parse kind=regex flags=Ui a with * 'x' b:long 'y' c * | parse-where a with 'x' b | parse-kv a as (b:long, c:string) with (pair_delimiter=',', kv_delimiter='=', quote='\"')",
	"T | make-series kind=nonempty n = count() default=0, avg(x) on t from a to b step 1d by k | make-series m = sum(n) on t in range(a, b, 1h) by k | make-series q = sum(n) on t step 1d",
	"T | evaluate hint.distribution=single pivot(a, b) : (*, x:long) | evaluate bag_unpack(d) | invoke f(1, x = 2)",
	"externaldata(a:long, b:string) ['https://x/y'] with (format='csv', ignoreFirstRecord=true)",
	"datatable(a:long, b:datetime, c:dynamic) [-1, datetime(2024-01-01), dynamic([1]), 2, datetime(null), dynamic(null),]",
	"T | partition hint.strategy=native by a (top 1 by b) | partition by a {U | where x == toscalar(a)} | __partitionby a id 'x' (count)",
	"T | fork a = (where x | count) (take 1) | facet by a, b with (where c) | reduce kind=source by d with threshold=0.1, characters='-'",
	"T | scan with_match_id=m order by t partition by k declare (s:long = 0) with (step a output=last: x == 1; step b optional: y > a.y => s = s + 1, u = 2;)",
	"E | make-graph a --> b with N on id | graph-match cycles=none (n1)-[e*1..3]->(n2)<--(n3)--(n4), (n1)<-[f]-(n5) where e.x == 1 project n1.a, y = n2.b",
	"E | make-graph a --> b with_node_id=id partitioned-by t (graph-mark-components kind=weak with_component_id=c | graph-where-nodes x == 1 | graph-where-edges y == 2 | graph-to-table nodes as n with_node_id=i, edges)",
	"G | graph-shortest-paths output=all (a)-[e*1..5]->(b) where a.x == 1 project b.y",
	"macro-expand entity_group [cluster('a').database('b'), database('c')] as X (let y = 1; X.T | take y)",
	"T | assert-schema (a:long, b:string) | __executeAndCache",
	"#connect x\nset notruncation; set a = 'b'; alias database d = cluster('x').database('y'); declare query_parameters(p:long = 1, q:string); restrict access to (T, database('d').*); let f = view (T:(a:long), U:(*), n:long = 5, s:string = 'x') { let k = n; T | where a > k }; let m = materialize(f(T) | take 1); m | where {p} == 1",
	"declare pattern app = (a:string)[s:string] { ('x').['y'] = { T | where z }; }; app('x').y",
	"T | summarize hint.strategy=shuffle by a, bin(t, 1h) | summarize count() by a bin=1 | summarize",
	".show tables | project TableName",
}

func TestAccepted(t *testing.T) {
	for _, text := range accepted {
		if _, errs := Parse(text); errs.Fatal() {
			t.Errorf("%s\n%s", text, errs)
		}
	}
}

// TestEveryOperatorRead sees that accepted uses every operator, so that each
// grammar is exercised.
func TestEveryOperatorRead(t *testing.T) {
	used := map[string]bool{}
	for _, text := range accepted {
		q, _ := Parse(text)
		spans(reflect.ValueOf(q), func(n any, _ Span) {
			if op, ok := n.(Operator); ok {
				used[op.Keyword()] = true
			}
		})
	}
	for _, op := range Operators() {
		if !used[op.Keyword] && op.Keyword != "__partitionby" {
			t.Errorf("no test reads %s", op.Keyword)
		}
		if op.Usage == "" || !strings.HasSuffix(op.Doc, ".") {
			t.Errorf("%s lacks a usage line or a sentence", op.Keyword)
		}
	}
}

// TestGolden compares testdata/*.txt, in which each case is a query, a line
// "---", and the tree or the errors; cases are separated by "===".
// UPDATE=1 writes what the parser says now.
func TestGolden(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, c := range strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n===\n") {
			text, want, _ := strings.Cut(c, "\n---\n")
			got := render(text)
			out = append(out, text+"\n---\n"+got)
			if got != want && os.Getenv("UPDATE") == "" {
				t.Errorf("%s: %s\ngot:\n%s\nwant:\n%s", file, text, got, want)
			}
		}
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(file, []byte(strings.Join(out, "\n===\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func render(text string) string {
	q, errs := Parse(text)
	out := ""
	for _, e := range errs {
		out += e.Render(text, func(s string) int { return len([]rune(s)) })
	}
	if !errs.Fatal() {
		out += dump(q)
	}
	return strings.TrimSuffix(out, "\n")
}

// typeNamesOfOurs are names that must not reach a user.
var typeNamesOfOurs = regexp.MustCompile(`Grammar|[a-z]Item\b|\bExpr\b|\*parser|sub-expression|<[a-z]+>|lexer|participle`)

func TestMessagesAreInTheUsersWords(t *testing.T) {
	for _, text := range append([]string{sevenLines, thirtyLines}, accepted...) {
		words := strings.Fields(text)
		for i := range words {
			less := strings.Join(append(append([]string{}, words[:i]...), words[i+1:]...), " ")
			more := strings.Join(append(append([]string{}, words[:i]...), append([]string{"zz ,"}, words[i:]...)...), " ")
			for _, broken := range []string{less, more} {
				_, errs := Parse(broken)
				for _, e := range errs {
					if m := typeNamesOfOurs.FindString(e.Msg + " " + e.Hint); m != "" {
						t.Errorf("%q: %q shows %q", broken, e.Msg, m)
					}
				}
			}
		}
	}
}

func TestDepth(t *testing.T) {
	for _, open := range []string{"(", "f(", "[", "dynamic([", "{", "T | where x in (", "T | join (", "a[", "-(", "toscalar("} {
		text := "print " + strings.Repeat(open, 10_000)
		start := time.Now()
		_, errs := Parse(text)
		if !errs.Fatal() {
			t.Errorf("%s nested 10000 times is accepted", open)
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("%s nested 10000 times took %s", open, d)
		}
	}
	if _, errs := Parse("print " + strings.Repeat("(", 150) + "1" + strings.Repeat(")", 150)); len(errs) > 0 {
		t.Error(errs)
	}
	if _, errs := Parse("print 1" + strings.Repeat(" + 1", 100_000)); len(errs) > 0 {
		t.Error(errs)
	}
}

func TestIncomplete(t *testing.T) {
	for text, want := range map[string]bool{
		"T |": true, "T | where": true, "T | where (a": true, "T | summarize count() by": true, "let x =": true,
		"print ```a": true, "T | join (U | where x": true, "T | where a ==": true, "let f = () {": true, "print datetime(": true,
		"T": false, "T | wher": false, "T | where a b": false, "print 'a": false, "T | where ) |": false, "": false,
	} {
		if _, errs := Parse(text); Incomplete(errs) != want {
			t.Errorf("Incomplete of %q is %v: %v", text, !want, errs)
		}
	}
}

func TestStrings(t *testing.T) {
	for text, want := range map[string]string{
		`" c:\windows\system32\drivers\"`: ` c:\windows\system32\drivers\ lenient`,
		`"c:\temp\"`:                      `c:\temp\ lenient`,
		`"a\tb"`:                          "a\tb controls",
		`"a\\b\"c"`:                       `a\b"c`,
		`'a\u0041\x42\103'`:               `aABC`,
		`@"a\b""c"`:                       `a\b"c verbatim`,
		`h@'x''y'`:                        `x'y verbatim`,
		"```a\\b\"```":                    `a\b"`,
		`"a" 'b'`:                         `ab`,
		`"\ud83d\ude00"`:                  "😀",
		`"C:\\x"`:                         `C:\x`,
	} {
		q, errs := Parse("print " + text)
		if errs.Fatal() || len(q.Statements) != 1 {
			t.Errorf("%s: %v", text, errs)
			continue
		}
		lit := q.Statements[0].(*ExprStatement).X.(*Pipeline).Ops[0].(*Print).Columns[0].(*Literal)
		got := lit.Text
		for name, on := range map[string]bool{" lenient": lit.Lenient, " verbatim": lit.Verbatim, " controls": lit.Controls} {
			if on {
				got += name
			}
		}
		if got != want {
			t.Errorf("%s is %q, not %q", text, got, want)
		}
		if lit.Lenient && (len(errs) != 1 || errs[0].Hint != fmt.Sprintf("write @\"%s\"", lit.Text)) {
			t.Errorf("%s: warnings %v", text, errs)
		}
	}
}
