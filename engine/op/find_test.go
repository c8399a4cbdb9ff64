package op_test

import "testing"

const findTables = `let A = datatable(s:string, l:string, e:string)["a", "x", "1", "b", "y", "2"]; let B = datatable(s:string, l:string, n:long)["a", "z", 3, "c", "y", 4]; `

func TestFind(t *testing.T) {
	for _, c := range [][2]string{
		{`find in (A, B) where s == "a"`, "source_ s l pack_\nA a x {\"e\":\"1\"}\nB a z {\"n\":3}\n"},
		{`find in (A, B) where e == "2"`, "source_ s l e\nA b y 2\n"},
		{`find withsource=T in (A, B) where "y" project l, n:string, pack_all()`, "T l n pack_\nA y  {\"s\":\"b\",\"e\":\"2\"}\nB y 4 {\"s\":\"c\"}\n"},
		{`find in (A, B) where n > 3 or e == "1" project n`, "source_ n\nA \nB 4\n"},
		{`find in (A, (B | extend e = 1)) where e == 1`, "source_ s l n e\nunion_arg1 a z 3 1\nunion_arg1 c y 4 1\n"},
		{`find in (A, (B | extend e = 1)) where l == "y"`, "source_ s l pack_\nA b y {\"e\":\"2\"}\nunion_arg1 c y {\"n\":4,\"e\":1}\n"},
		{`find "x"`, "source_ pack_\n"},
	} {
		compare(t, findTables+c[0], c[1])
	}
	for query, want := range map[string]string{
		`find in (A, B) where k == 1`:             "none of the tables has a column named k",
		`find in (A, B) where s == "a" project k`: "none of the tables has a column named k",
	} {
		if got := queryError(t, findTables+query); got != want {
			t.Errorf("%s\n says %q, want %q", query, got, want)
		}
	}
}
