package fn

import (
	"errors"
	"testing"

	"tidemark/engine/vec"
	"tidemark/table"
)

func TestStrings(t *testing.T) {
	for _, c := range []struct {
		want, name string
		args       []value
	}{
		{"8", "strlen", []value{str("C\u0327edilla")}}, {"5", "strlen", []value{str("⒦⒰⒮⒯⒪")}}, {"0", "strlen", []value{str("")}}, {"15", "string_size", []value{str("⒦⒰⒮⒯⒪")}}, {"3", "strlen", []value{dynv(`"abc"`)}},
		{"héllo", "tolower", []value{str("HÉLLO")}}, {"HÉLLO", "toupper", []value{str("héllo")}}, {"", "tolower", []value{{table.Dynamic, nil}}},
		{"日éa", "reverse", []value{str("aé日")}}, {"54.321", "reverse", []value{realValue(123.45)}}, {"00:00:30", "reverse", []value{{table.Timespan, int64(3 * table.Hour)}}},
		{"0", "strcmp", []value{str("ABC"), str("ABC")}}, {"1", "strcmp", []value{str("abc"), str("ABC")}}, {"-1", "strcmp", []value{str("ABC"), str("abc")}}, {"1", "strcmp", []value{str("abcde"), str("abc")}},
		{"ABCABC", "strrep", []value{str("ABC"), long(2)}}, {"123.123.123", "strrep", []value{long(123), long(3), str(".")}}, {"", "strrep", []value{str("a"), long(0)}}, {"", "strrep", []value{str("a"), {table.Long, nil}}},
		{"23456", "substring", []value{str("123456"), long(1)}}, {"34", "substring", []value{str("123456"), long(2), long(2)}}, {"56", "substring", []value{str("123456"), long(-2), long(2)}}, {"é日", "substring", []value{str("aé日x"), long(1), long(2)}},
		{"", "substring", []value{str("abc"), long(10), long(5)}}, {"12", "substring", []value{str("123"), long(-10), long(2)}}, {"", "substring", []value{str("123"), long(0), long(-1)}}, {"123", "substring", []value{str("123"), long(0), long(1 << 62)}}, {"34", "substring", []value{long(1234), long(2)}},
		{"hello world", "strcat", []value{str("hello"), str(" "), str("world")}}, {"a-12300:00:01true", "strcat", []value{str("a-"), long(123), {table.Timespan, int64(table.Second)}, {table.Bool, true}}}, {"a", "strcat", []value{str("a"), {table.Long, nil}}},
		{"1-2-A-00:00:01", "strcat_delim", []value{str("-"), long(1), str("2"), str("A"), {table.Timespan, int64(table.Second)}}},
		{"1->2->3", "strcat_array", []value{dynv("[1,2,3]"), str("->")}}, {`a"true`, "array_strcat", []value{dynv(`["a",true]`), str(`"`)}}, {"", "strcat_array", []value{dynv(`{}`), str(",")}}, {"", "strcat_array", []value{{table.Dynamic, nil}, str(",")}},
		{"true", "isascii", []value{str("some string")}}, {"false", "isascii", []value{str("é")}}, {"true", "isutf8", []value{str("é")}}, {"false", "isutf8", []value{str("\xff")}},
		{"[9382,9392,9390,9391,9386]", "unicode_codepoints_from_string", []value{str("⒦⒰⒮⒯⒪")}}, {"[]", "to_utf8", []value{str("")}},
		{"Kusto", "unicode_codepoints_to_string", []value{dynv("[75,117,115]"), long(116), long(111)}}, {"", "make_string", []value{long(-5)}}, {"", "make_string", []value{long(0xD800)}},
		{"0", "has_any_index", []value{str("this is an example"), dynv(`["this","example"]`)}}, {"1", "has_any_index", []value{str("this is an example"), dynv(`["not","example"]`)}}, {"-1", "has_any_index", []value{str("this is an example"), dynv(`["not","found"]`)}},
		{"1", "has_any_index", []value{str("Example number 2"), dynv(`[1,2,3]`)}}, {"-1", "has_any_index", []value{str("x"), dynv(`[]`)}},
		{`["aa","bb"]`, "split", []value{str("aa_bb"), str("_")}}, {`["bbb"]`, "split", []value{str("aaa_bbb_ccc"), str("_"), long(1)}}, {`[""]`, "split", []value{str(""), str("_")}}, {`["a","","b"]`, "split", []value{str("a__b"), str("_")}}, {`["aa","cc"]`, "split", []value{str("aabbcc"), str("bb")}},
		{"null", "split", []value{str("a"), str("_"), long(1)}}, {"null", "split", []value{str("a"), str("_"), long(-1)}}, {`["abc"]`, "split", []value{str("abc"), str("")}}, {`["a\"b","c"]`, "split", []value{dynv(`"a\"b,c"`), str(",")}},
	} {
		check(t, c.want, c.name, c.args...)
	}
}

func TestIndexOf(t *testing.T) {
	for _, c := range []struct {
		want, s, match string
		rest           []value
	}{
		{"2", "abcdefg", "cde", nil}, {"2", "abcdefg", "cde", []value{long(1), long(4)}}, {"-1", "abcdefg", "cde", []value{long(1), long(2)}}, {"-1", "abcdefg", "cde", []value{long(3), long(4)}},
		{"2", "abcdefg", "cde", []value{long(-5)}}, {"2", "abcdefg", "cde", []value{long(2), long(-1)}}, {"9", "abcdefgabcdefg", "cde", []value{long(1), long(10), long(2)}}, {"-1", "abcdefgabcdefg", "cde", []value{long(1), long(-1), long(3)}},
		{"4", "1234567", "5", []value{long(1), long(4)}}, {"2", "éaxa", "x", nil}, {"8", "abc def ab", "ab", []value{long(-2)}}, {"null", "abc", "a", []value{long(0), long(-2)}}, {"null", "abc", "a", []value{long(0), long(-1), long(-1)}},
		{"-1", "abc", "a", []value{long(99)}}, {"0", "abc", "", nil}, {"-1", "", "a", nil}, {"0", "abc", "a", []value{long(-99)}}, {"null", "abc", "a", []value{{table.Long, nil}}},
	} {
		check(t, c.want, "indexof", append([]value{str(c.s), str(c.match)}, c.rest...)...)
	}
	check(t, "0", "indexof_regex", str("abcabc"), str("a.c"))
	check(t, "3", "indexof_regex", str("abcabcdefg"), str("a.c"), long(0), long(9), long(2))
	check(t, "-1", "indexof_regex", str("abcabc"), str("a.c"), long(1), long(-1), long(2))
	check(t, "-1", "indexof_regex", str("ababaa"), str("a.a"), long(0), long(-1), long(2))
	check(t, "null", "indexof_regex", str("abcabc"), str("a|ab"), long(-1))
	check(t, "1", "indexof_regex", str("éx"), str("x"))
}

func TestCountOf(t *testing.T) {
	check(t, "3", "countof", str("aaa"), str("a"))
	check(t, "3", "countof", str("aaaa"), str("aa"))
	check(t, "2", "countof", str("ababa"), str("ab"), str("normal"))
	check(t, "2", "countof", str("ababa"), str("aba"))
	check(t, "1", "countof", str("ababa"), str("aba"), str("regex"))
	check(t, "2", "countof", str("abcabc"), str("a.c"), str("regex"))
	check(t, "null", "countof", str("abc"), str("a"), str("other"))
	check(t, "0", "countof", str("abc"), str(""))
}

func TestReplace(t *testing.T) {
	check(t, "a hamster", "replace_string", str("a cat"), str("cat"), str("hamster"))
	check(t, "abc", "replace_string", str("abc"), str(""), str("x"))
	check(t, "Number was: 1", "replace_regex", str("Number is 1"), str(`is (\d+)`), str(`was: \1`))
	check(t, "Number was: 1", "replace", str(`is (\d+)`), str(`was: \1`), str("Number is 1"))
	check(t, "[ab]-c", "replace_regex", str("ab-c"), str(`(a)(b)`), str(`[\0]`))
	check(t, `b-a \ $1 $$ 1`, "replace_regex", str("ab"), str(`(a)(b)`), str(`\2-\1 \\ $1 $$ 1`))
	check(t, "XaXbX", "replace_regex", str("ab"), str(`x*`), str(`X`))
	check(t, "ab", "replace_regex", str("ab"), str(`(x)|y`), str(`\1`))
	replace := func(want, s, from, to string) {
		t.Helper()
		check(t, want, "replace_strings", str(s), dynv(from), dynv(to))
	}
	replace("A magic trick can turn a dog into a pigeon", "A magic trick can turn a cat into a dog", `["cat","dog"]`, `["dog","pigeon"]`)
	replace("A magic trick can disappear a cat", "A magic trick can turn a cat into a dog", `["turn"," into a dog"]`, `["disappear",""]`)
	replace("This was an example of using replace_strings()", "This is an example of using replace_strings()", `["This","is"]`, `["This","was"]`)
	replace("Thwas was an example of using replace_strings()", "This is an example of using replace_strings()", `["is","This"]`, `["was","This"]`)
	replace("This x", "This x", `["This","is"]`, `[12345,"was"]`)
	replace("", "abc", `["a"]`, `[]`)
	check(t, "xxx", "translate", str("abc"), str("x"), str("abc"))
	check(t, "", "translate", str("abc"), str(""), str("ab"))
	check(t, "kusto", "translate", str("krasp"), str("otsku"), str("spark"))
}

func TestTrim(t *testing.T) {
	check(t, "https://bing.com", "trim", str("--"), str("--https://bing.com--"))
	check(t, "Te st1", "trim", str(`[^\w]+`), str("-  Te st1// $"))
	check(t, "Hello, world!", "trim", str(`\s+`), str("    Hello, world!    "))
	check(t, "x", "trim", str(`"`), str(`""x""`))
	check(t, "", "trim", str(`a`), str(`aaa`))
	check(t, "a", "trim", str(`x*`), str(`xax`))
	check(t, "bing.com", "trim_start", str("https://"), str("https://bing.com"))
	check(t, "Te st1// $", "trim_start", str(`[^\w]+`), str("-  Te st1// $"))
	check(t, "this is a testaaaa", "trim_start", str("a*"), str("aaathis is a testaaaa"))
	check(t, "bing", "trim_end", str(".com"), str("bing.com"))
	check(t, "-  Te st1", "trim_end", str(`[^\w]+`), str("-  Te st1// $"))
	check(t, `\(so\$me\.Te\^xt\)`, "regex_quote", str("(so$me.Te^xt)"))
}

func TestExtract(t *testing.T) {
	text := str("User: James, Email: James@example.com, Age: 29")
	check(t, "James", "extract", str("User: ([^,]+)"), long(1), text)
	check(t, "29", "extract", str(`\d+`), long(0), text)
	check(t, "", "extract", str(`\d+`), long(1), text)
	check(t, "", "extract", str(`x(\d+)`), long(1), text)
	check(t, "", "extract", str(`(x)?User`), long(1), text)
	s, _ := Lookup("extract")
	for _, c := range []struct {
		typ  table.Type
		want any
	}{{table.Int, int64(29)}, {table.String, "29"}, {table.Real, 29.0}, {table.Dynamic, "29"}, {table.Guid, nil}} {
		values := []value{str(`Age: (\d+)`), long(1), text, str("")}
		args := constants(values)
		args[3].Typeof = c.typ
		if got, typ := callArgs(t, s, args, values); got != c.want || typ != c.typ {
			t.Errorf("typeof(%s): %v (%s)", c.typ, got, typ)
		}
	}
	if _, _, err := s.Choose(constants([]value{str("a"), long(1), text, str("x")})); err == nil {
		t.Error("a type is needed")
	}
	id := str("82b8be2d-dfa7-4bd1")
	check(t, `["82","b8","be","2d","df","a7","4b","d1"]`, "extract_all", str(`([\da-f]{2})`), id)
	check(t, `[["8","2b8be2","d"],["d","fa","7"],["4","bd","1"]]`, "extract_all", str(`(\w)(\w+)(\w)`), id)
	check(t, `[["8","d"],["d","7"],["4","1"]]`, "extract_all", str(`(\w)(\w+)(\w)`), dynv("[1,3]"), id)
	check(t, `[["8","2b8be2","d"],["d","fa","7"],["4","bd","1"]]`, "extractall", str(`(?P<first>\w)(?P<middle>\w+)(?P<last>\w)`), dynv(`["first",2,"last"]`), id)
	check(t, "null", "extract_all", str(`(x)`), id)
	check(t, "null", "extract_all", str(`(\w)`), dynv("[7]"), id)
	check(t, `["82b8be2d","dfa7","4bd1"]`, "extract_all", str(`\w+`), id)
}

func TestExtractJSON(t *testing.T) {
	doc := str(`{"name": "John", "a b": {"c": [1, {"d": "x"}]}, "n": null, "t": true}`)
	for path, want := range map[string]string{"$.name": "John", "$['a b'].c[0]": "1", `$["a b"].c[1].d`: "x", "$['a b'].c[1]": `{"d":"x"}`, "$.n": "", "$.t": "true", "$.missing": "", "name": "", "$.": "", "$['a b'].c[9]": "", "$[0]": "", "$[": "", "$['x": ""} {
		check(t, want, "extract_json", str(path), doc)
	}
	check(t, "", "extractjson", str("$.a"), str("not json"))
}

func TestBadRegex(t *testing.T) {
	for name, arg := range map[string]int{"extract": 0, "replace_regex": 1, "trim": 0, "extract_all": 0, "indexof_regex": 1} {
		s, _ := Lookup(name)
		args := constants([]value{str("("), str("("), str("(")})
		if name == "extract" {
			args = constants([]value{str("("), long(1), str("(")})
		}
		if name == "trim" || name == "extract_all" || name == "indexof_regex" {
			args = args[:2]
		}
		_, _, err := s.Choose(args)
		var m *MismatchError
		if !errors.As(err, &m) || m.Arg != arg {
			t.Errorf("%s: %v", name, err)
		}
	}
	op, _ := Operator("matches regex")
	if _, _, err := op.Choose(constants([]value{str("a"), str("[")})); err == nil {
		t.Error("matches regex takes anything")
	}
	for i := range 3 * maxRegexes {
		if _, err := CompileRegex("a{" + TextOf(table.Long, int64(i)) + "}"); i < 1000 && err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkStrings(b *testing.B) {
	hay := logs(4096)
	pattern, group := vec.Constant(table.String, `(\w+)\.corp`), vec.Constant(table.Long, int64(1))
	for _, c := range []struct {
		name string
		cols []vec.Column
	}{{"tolower", []vec.Column{hay}}, {"strlen", []vec.Column{hay}}, {"extract", []vec.Column{pattern, group, hay}}, {"strcat", []vec.Column{hay, pattern}}} {
		s, _ := Lookup(c.name)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Overloads[0].Kernel(&Args{N: 4096, Cols: c.cols})
			}
			b.ReportMetric(4096*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}
