package fn

import (
	"fmt"
	"strings"
	"testing"

	"tidemark/engine/vec"
	"tidemark/table"
)

func TestMember(t *testing.T) {
	v := Dyn(`{"a":1,"b":{"c":[1,2,{"d":"x,}]\""}]},"q\"uote":2,"n":null,"":3,"é":4,"a":5}`)
	for name, want := range map[string]string{"a": "1", "b": `{"c":[1,2,{"d":"x,}]\""}]}`, `q"uote`: "2", "": "3", "é": "4", "n": "none", "zz": "none", "c": "none"} {
		got, ok := Member(v, name)
		if !ok {
			got = "none"
		}
		if string(got) != want {
			t.Errorf("%q is %s, want %s", name, got, want)
		}
	}
	for _, text := range []Dyn{"", "1", `"a"`, "[1]", "{}", `{"`, `{"a`, `{"a"`, `{"a":`, "{", "null"} {
		if got, ok := Member(text, "b"); ok {
			t.Errorf("%s has a member: %s", text, got)
		}
	}
}

func TestElement(t *testing.T) {
	v := Dyn(`[1,"a,]",[2,3],{"x":[4]},null,5]`)
	for i, want := range map[int64]string{0: "1", 1: `"a,]"`, 2: "[2,3]", 3: `{"x":[4]}`, 4: "none", 5: "5", 6: "none", -1: "5", -6: "1", -7: "none"} {
		got, ok := Element(v, i)
		if !ok {
			got = "none"
		}
		if string(got) != want {
			t.Errorf("[%d] is %s, want %s", i, got, want)
		}
	}
	for _, text := range []Dyn{"", "1", `{"a":1}`, "[]", "["} {
		if got, ok := Element(text, 0); ok {
			t.Errorf("%s has an element: %s", text, got)
		}
	}
}

func TestArrays(t *testing.T) {
	a := Dyn(`[1,2,3,4,5]`)
	words := Dyn(`["this","is","an","example","an","example"]`)
	none := null(table.Dynamic)
	runCases(t, []scalarCase{
		{"array_length", in(Dyn(`[1,2,3,"four"]`)), "4", table.Long},
		{"array_length", in(Dyn(`[]`)), "0", 0},
		{"array_length", in(Dyn(`{"a":1}`)), "null", 0},
		{"array_length", in(none), "null", 0},
		{"array_concat", in(Dyn("[1]"), Dyn("[]"), Dyn(`["a",null]`)), `[1,"a",null]`, table.Dynamic},
		{"array_concat", in(Dyn("[1]"), none), "null", 0},
		{"array_slice", in(a, 2, -1), "[3,4,5]", 0},
		{"array_slice", in(a, -3, -2), "[3,4]", 0},
		{"array_slice", in(a, -10, 10), "[1,2,3,4,5]", 0},
		{"array_slice", in(a, 3, 1), "[]", 0},
		{"array_slice", in(a, 7, 9), "[]", 0},
		{"array_split", in(a, 2), "[[1,2],[3,4,5]]", 0},
		{"array_split", in(a, -1), "[[1,2,3,4],[5]]", 0},
		{"array_split", in(a, Dyn("[1,3]")), "[[1],[2,3],[4,5]]", 0},
		{"array_index_of", in(words, "an"), "2", table.Long},
		{"array_index_of", in(words, "example", 1, 3), "3", 0},
		{"array_index_of", in(words, "example", 1, 2), "-1", 0},
		{"array_index_of", in(words, "is", 2, 4), "-1", 0},
		{"array_index_of", in(words, "example", 2, -1), "3", 0},
		{"array_index_of", in(words, "an", 1, -1, 2), "4", 0},
		{"array_index_of", in(words, "an", 1, -1, 3), "-1", 0},
		{"array_index_of", in(words, "an", -3), "4", 0},
		{"array_index_of", in(words, "an", 0, -2), "null", 0},
		{"array_index_of", in(Dyn("[1.0,2]"), 1), "0", 0},
		{"array_iff", in(Dyn("[true,false,true]"), Dyn("[1,2,3]"), Dyn("[4,5,6]")), "[1,5,3]", 0},
		{"array_iff", in(Dyn("[1,0,50]"), "yes", "no"), `["yes","no","yes"]`, 0},
		{"array_iff", in(Dyn(`["x",null]`), 1, 0), "[null,null]", 0},
		{"array_iif", in(Dyn("[true,true,true]"), Dyn("[1,2]"), Dyn("[3,4]")), "[1,2,null]", 0},
		{"array_reverse", in(a), "[5,4,3,2,1]", 0},
		{"array_rotate_left", in(a, 2), "[3,4,5,1,2]", 0},
		{"array_rotate_left", in(a, -2), "[4,5,1,2,3]", 0},
		{"array_rotate_right", in(a, 7), "[4,5,1,2,3]", 0},
		{"array_rotate_right", in(Dyn("[]"), 7), "[]", 0},
		{"array_shift_left", in(a, 2, -1), "[3,4,5,-1,-1]", 0},
		{"array_shift_left", in(a, -2), "[null,null,1,2,3]", 0},
		{"array_shift_right", in(a, 20, "x"), `["x","x","x","x","x"]`, 0},
		{"array_sort_asc", in(Dyn(`[null,"blue","yellow","green",null]`)), `["blue","green","yellow",null,null]`, 0},
		{"array_sort_asc", in(Dyn(`[null,"blue","yellow","green",null]`), false), `[null,null,"blue","green","yellow"]`, 0},
		{"array_sort_desc", in(Dyn(`[1,10,2]`)), `[10,2,1]`, 0},
		{"array_sort_asc", in(Dyn(`["10.00:00:00","9.00:00:00","a",3]`)), `[3,"9.00:00:00","10.00:00:00","a"]`, 0},
		{"array_sort_asc", in(Dyn("[1,3,4,5,2]"), Dyn(`["a","b","c","d","e"]`), Dyn("[1]")), `[[1,2,3,4,5],["a","e","b","c","d"],null]`, 0},
		{"array_sort_asc", in(Dyn("[9007199254740993,9007199254740992]")), `[9007199254740992,9007199254740993]`, 0},
		{"array_sum", in(Dyn("[1,2,3.5]")), "6.5", table.Real},
		{"array_sum", in(Dyn(`[1,"a"]`)), "null", 0},
		{"pack_array", in(1, "two", 3.0, null(table.Long), span("2s"), Dyn(`{"a":1}`)), `[1,"two",3.0,null,"00:00:02",{"a":1}]`, 0},
		{"repeat", in("a", 2), `["a","a"]`, 0},
		{"repeat", in(1, 0), `[]`, 0},
		{"repeat", in(1, -1), `null`, 0},
		{"range", in(1, 8, 3), "[1,4,7]", 0},
		{"range", in(1.0, 2, 0.5), "[1.0,1.5,2.0]", 0},
		{"range", in(5, 1, -2), "[5,3,1]", 0},
		{"range", in(span("1h"), span("3h")), `["01:00:00","02:00:00","03:00:00"]`, 0},
		{"range", in(tm("2007-01-01"), tm("2007-01-02"), span("1d")), `["2007-01-01T00:00:00.0000000Z","2007-01-02T00:00:00.0000000Z"]`, 0},
		{"range", in(1, 5, 0), "null", 0},
		{"range", in(9223372036854775806, 9223372036854775807), "[9223372036854775806,9223372036854775807]", 0},
		{"zip", in(Dyn(`["A",1,1.5]`), Dyn(`[{},"B"]`)), `[["A",{}],[1,"B"],[1.5,null]]`, 0},
	})
	if got, _ := apply(t, "range", 1, 1000000000); strings.Count(got, ",") != maxElements-1 {
		t.Errorf("range() has %d elements", strings.Count(got, ",")+1)
	}
}

func TestSets(t *testing.T) {
	runCases(t, []scalarCase{
		{"set_union", in(Dyn("[1,2,1,4]"), Dyn("[1,2]"), Dyn("[8]")), "[1,2,4,8]", 0},
		{"set_union", in(Dyn("[1]"), null(table.Dynamic)), "null", 0},
		{"set_intersect", in(Dyn("[1,2,1,4]"), Dyn("[1,2]"), Dyn("[8,1]")), "[1]", 0},
		{"set_intersect", in(Dyn("[1]"), Dyn("[2]")), "[]", 0},
		{"set_difference", in(Dyn("[1,2,1,4]"), Dyn("[1,2]"), Dyn("[1,2,8]")), "[4]", 0},
		{"set_has_element", in(Dyn(`["this","is"]`), "is"), "true", table.Bool},
		{"set_has_element", in(Dyn(`["1"]`), 1), "false", 0},
		{"set_has_element", in(Dyn(`[1.0]`), 1), "true", 0},
		{"set_has_element", in(Dyn(`["a\u0062"]`), "ab"), "true", 0},
		{"set_has_element", in(Dyn(`[{"a":1,"b":2}]`), Dyn(`{"b":2,"a":1}`)), "true", 0},
		{"set_has_element", in(null(table.Dynamic), 1), "null", 0},
		{"set_equals", in(Dyn("[1,2,1]"), Dyn("[2,1]")), "true", 0},
		{"set_equals", in(Dyn("[1,2,3]"), Dyn("[2,1]")), "false", 0},
		{"jaccard_index", in(Dyn("[1,2,3]"), Dyn("[1,2,3,4]")), "0.75", table.Dynamic},
		{"jaccard_index", in(Dyn("[]"), Dyn("[]")), "NaN", 0},
	})
}

func TestBags(t *testing.T) {
	nested := Dyn(`{"key1":123,"key2":{"prop1":"abc","prop2":"xyz"},"key3":[100,200]}`)
	runCases(t, []scalarCase{
		{"bag_pack", in("a", 1, "b", "x", "c", null(table.Long), "a", 2), `{"a":2,"b":"x","c":null}`, table.Dynamic},
		{"pack", in("a\"", tm("2020-01-01")), `{"a\"":"2020-01-01T00:00:00.0000000Z"}`, 0},
		{"bag_pack", in("a", 1, 2), "error: bag_pack() takes pairs of a key and a value, not 3 arguments", 0},
		{"bag_keys", in(Dyn(`{"a":"b","c":[{"d":123}]}`)), `["a","c"]`, 0},
		{"bag_keys", in(Dyn(`{}`)), `[]`, 0},
		{"bag_keys", in(Dyn(`[]`)), `null`, 0},
		{"bag_keys", in(Dyn(`"a"`)), `null`, 0},
		{"bag_has_key", in(nested, "key3"), "true", table.Bool},
		{"bag_has_key", in(nested, "$.key2.prop1"), "true", 0},
		{"bag_has_key", in(nested, "$['key2'].prop3"), "false", 0},
		{"bag_has_key", in(Dyn("[1]"), "a"), "null", 0},
		{"bag_merge", in(Dyn(`{"A1":12,"B1":2}`), Dyn(`{"A2":81,"A1":1}`)), `{"A1":12,"B1":2,"A2":81}`, 0},
		{"bag_merge", in(null(table.Dynamic), Dyn(`{"a":1}`)), `{"a":1}`, 0},
		{"bag_merge", in(null(table.Dynamic), Dyn(`1`)), `null`, 0},
		{"bag_remove_keys", in(nested, Dyn(`["$.key2.prop1","key3"]`)), `{"key1":123,"key2":{"prop2":"xyz"}}`, 0},
		{"bag_remove_keys", in(nested, Dyn(`["$.nope.prop1",5,"key2"]`)), `{"key1":123,"key3":[100,200]}`, 0},
		{"bag_set_key", in(Dyn(`{"key1":1,"key3":"abc"}`), "key3", 3), `{"key1":1,"key3":3}`, 0},
		{"bag_set_key", in(Dyn(`{"key1":123}`), "$.key2.prop1", "abc"), `{"key1":123,"key2":{"prop1":"abc"}}`, 0},
		{"bag_set_key", in(Dyn(`{}`), `$["a.b"]['c']`, 1), `{"a.b":{"c":1}}`, 0},
		{"bag_zip", in(Dyn(`["a",1,"b"]`), Dyn(`[1,2]`)), `{"a":1,"b":null}`, 0},
		{"treepath", in(Dyn(`{"listProperty":[100,200,300,"abcde",{"x":"y"}]}`)), `["['listProperty']","['listProperty'][0]","['listProperty'][0]['x']"]`, 0},
		{"treepath", in(Dyn(`1`)), `null`, 0},
		{"dynamic_to_json", in(Dyn(`{"b":{"z":1,"y":[{"d":1,"c":2}]},"a":"x"}`)), `{"a":"x","b":{"y":[{"c":2,"d":1}],"z":1}}`, table.String},
		{"dynamic_to_json", in(Dyn(`"x"`)), `x`, 0},
		{"dynamic_to_json", in(1.5), `1.5`, 0},
	})
	if got := Pack([]string{"a", "b"}, []table.Type{table.Long, table.String}, []any{int64(1), nil}); got != `{"a":1,"b":null}` {
		t.Errorf("Pack gives %s", got)
	}
}

func dynColumn(n int) vec.Column {
	v := make([]string, n)
	for i := range v {
		v[i] = fmt.Sprintf(`{"Action":"Modified","Computer":"srv%d","Tags":["a","b","c"],"Size":%d}`, i, i)
	}
	return vec.Column{Arr: vec.NewStrings(v, nil)}
}

func BenchmarkMember(b *testing.B) {
	values := vec.StringSlice(dynColumn(4096).Arr)
	n := 0
	for b.Loop() {
		for _, v := range values {
			if _, ok := Member(Dyn(v), "Size"); ok {
				n++
			}
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

func BenchmarkParseJSONMember(b *testing.B) {
	text := dynColumn(4096)
	parse, _ := Lookup("parse_json")
	o, _, err := parse.Choose([]Arg{{Type: table.String}})
	if err != nil {
		b.Fatal(err)
	}
	member := Try2(Member).Kernel
	name := vec.Constant(table.String, "Computer")
	for b.Loop() {
		d := o.Kernel(&Args{N: 4096, Cols: []vec.Column{text}, Types: []table.Type{table.String}})
		member(&Args{N: 4096, Cols: []vec.Column{d, name}, Types: []table.Type{table.Dynamic, table.String}})
	}
	b.ReportMetric(float64(b.N)*4096/b.Elapsed().Seconds()/1e6, "Mrows/s")
}

func BenchmarkArrayLength(b *testing.B) {
	v := make([]string, 4096)
	for i := range v {
		v[i] = `["one","two","three",{"four":[1,2]}]`
	}
	benchKernel(b, "array_length", []vec.Column{{Arr: vec.NewStrings(v, nil)}}, []table.Type{table.Dynamic}, 4096)
}
