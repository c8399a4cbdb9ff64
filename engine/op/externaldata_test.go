package op_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExternaldata(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		data := []byte(text)
		if strings.HasSuffix(name, ".gz") {
			var packed bytes.Buffer
			z := gzip.NewWriter(&packed)
			z.Write(data)
			z.Close()
			data = packed.Bytes()
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return filepath.ToSlash(file)
	}
	csv := write("a.csv", "\xef\xbb\xbfn,s\n1,\"a,b\"\n2,\"two\nlines\"\n,\n3\n")
	packed := write("b.csv.gz", "7,x\n8,y\n")
	tsv := write("c.tsv", "1\t\"q\n2\tr\r\n")
	txt := write("d.txt", "one, two\nthree\n")
	lines := write("e.json", "{\"n\": 1, \"d\": {\"k\": [5, 6]}, \"s\": \"x\"}\n{\"n\": 2}\n")
	array := write("f.json", "[ {\"n\":1,\"s\":\"a\"},\n {\"n\":2,\n\"s\":\"b\"} ] {\"n\":3}")
	bad := write("g.json", `{"n": 1} {"n" 2}`)
	empty := write("h.csv", "")
	for _, c := range [][2]string{
		{`externaldata(n:long, s:string)["` + csv + `"] with (ignoreFirstRecord=true) | extend s = replace_string(s, "\n", "/")`, "n s\n1 a,b\n2 two/lines\n \n3 \n"},
		{`externaldata(n:long, s:string)["` + packed + `", @"file://` + packed + `"] with (format="csv") | summarize sum(n) by s`, "s sum_n\nx 14\ny 16\n"},
		{`externaldata(n:long, s:string)["` + packed + `"] | project s`, "s\nx\ny\n"},
		{`externaldata(n:long, s:string)["` + tsv + `"]`, "n s\n1 \"q\n2 r\n"},
		{`externaldata(s:string)["` + txt + `"]`, "s\none, two\nthree\n"},
		{`externaldata(n:long, d:dynamic, s:string)["` + lines + `"]`, "n d s\n1 {\"k\":[5,6]} x\n2  \n"},
		{`externaldata(x:long, s:string)["` + lines + `"] with (format=multijson, ingestionMapping='[{"Column":"x","Properties":{"Path":"$.d[\'k\'][1]"}}]')`, "x s\n6 \n \n"},
		{`externaldata(n:long, s:string)["` + array + `"]`, "n s\n1 a\n2 b\n3 \n"},
		{`externaldata(n:long)["` + empty + `"] | count`, "Count\n0\n"},
		{`let T = externaldata(n:long)["` + packed + `"]; print n=7 | where n in (T)`, "n\n7\n"},
	} {
		compare(t, c[0], c[1])
	}
	for query, want := range map[string]string{
		`externaldata(n:long)["https://x.y/a.csv"]`:                       "externaldata reads files of this machine, and cannot reach https addresses",
		`externaldata(n:long)["a.parquet"]`:                               "externaldata cannot read the format parquet",
		`externaldata(n:long)["` + csv + `"] with (format="xml")`:         "externaldata cannot read the format xml",
		`externaldata(n:long)["` + csv + `"] with (ingestionMapping="x")`: "the mapping cannot be read: invalid character 'x' looking for beginning of value",
	} {
		if got := queryError(t, query); got != want {
			t.Errorf("%s\n says %q, want %q", query, got, want)
		}
	}
	for query, want := range map[string]string{
		`externaldata(n:long)["` + bad + `"]`:            "externaldata: " + bad + ": invalid character '2' after object key",
		`externaldata(n:long)["` + dir + `/nosuch.csv"]`: "no such file",
	} {
		if got := runQuery(t, query, options); !strings.Contains(got, want) {
			t.Errorf("%s\n says %q, want %q", query, got, want)
		}
	}
}
