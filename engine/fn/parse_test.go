package fn

import (
	"encoding/json"
	"strings"
	"testing"

	"tidemark/table"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"parse_url", "scheme://username:password@host:1234/this/is/a/path?k1=v1&k2=v2#fragment", `{"Scheme":"scheme","Host":"host","Port":"1234","Path":"this/is/a/path","Username":"username","Password":"password","Query Parameters":{"k1":"v1","k2":"v2"},"Fragment":"fragment"}`},
		{"parse_url", "https://[::1]?a", `{"Scheme":"https","Host":"[::1]","Port":"","Path":"","Username":"","Password":"","Query Parameters":{"a":""},"Fragment":""}`},
		{"parseurl", "", `{"Scheme":"","Host":"","Port":"","Path":"","Username":"","Password":"","Query Parameters":{},"Fragment":""}`},
		{"parse_url", "bing.com/x?k=v&k=w", `{"Scheme":"","Host":"","Port":"","Path":"","Username":"","Password":"","Query Parameters":{"k":"w"},"Fragment":""}`},
		{"parse_urlquery", "k1=v1&k2=v2&k3=v3", `{"Query Parameters":{"k1":"v1","k2":"v2","k3":"v3"}}`},
		{"parse_path", `C:\temp\file.txt`, `{"Scheme":"","RootPath":"C:","DirectoryPath":"C:\\temp","DirectoryName":"temp","Filename":"file.txt","Extension":"txt","AlternateDataStreamName":""}`},
		{"parse_path", `temp\file.txt`, `{"Scheme":"","RootPath":"","DirectoryPath":"temp","DirectoryName":"temp","Filename":"file.txt","Extension":"txt","AlternateDataStreamName":""}`},
		{"parse_path", `file://C:/temp/file.txt:some.exe`, `{"Scheme":"file","RootPath":"C:","DirectoryPath":"C:/temp","DirectoryName":"temp","Filename":"file.txt","Extension":"txt","AlternateDataStreamName":"some.exe"}`},
		{"parse_path", `\\shared\users\temp\file.txt.gz`, `{"Scheme":"","RootPath":"","DirectoryPath":"\\\\shared\\users\\temp","DirectoryName":"temp","Filename":"file.txt.gz","Extension":"gz","AlternateDataStreamName":""}`},
		{"parse_path", `/usr/lib/temp/file.txt`, `{"Scheme":"","RootPath":"","DirectoryPath":"/usr/lib/temp","DirectoryName":"temp","Filename":"file.txt","Extension":"txt","AlternateDataStreamName":""}`},
		{"parse_path", `C:\boot`, `{"Scheme":"","RootPath":"C:","DirectoryPath":"C:","DirectoryName":"","Filename":"boot","Extension":"","AlternateDataStreamName":""}`},
		{"parse_path", `c:`, `{"Scheme":"","RootPath":"c:","DirectoryPath":"","DirectoryName":"","Filename":"","Extension":"","AlternateDataStreamName":""}`},
		{"parse_version", "0.0.0.5", "5"}, {"parse_version", "0.0.7.0", "700000000"}, {"parse_version", "0.0.3", "300000000"}, {"parse_version", "0.2", "20000000000000000"}, {"parse_version", "1.2.3.4", "1000000020000000300000004"}, {"parse_version", "1", "1000000000000000000000000"}, {"parse_version", "0", "0"},
		{"parse_version", "", "null"}, {"parse_version", "1.2.3.4.5", "null"}, {"parse_version", "1.x", "null"}, {"parse_version", "123456789", "null"}, {"parse_version", "1..2", "null"},
		{"parse_csv", `aa,"b,b,b",cc,"Escaping quotes: ""Title""","line1` + "\n" + `line2"`, `["aa","b,b,b","cc","Escaping quotes: \"Title\"","line1\nline2"]`},
		{"parse_csv", "record1,a,b,c\nrecord2,x,y,z", `["record1","a","b","c"]`}, {"parse_csv", "", `[""]`}, {"parse_csv", "a,", `["a",""]`}, {"parse_csv", `"open`, `["open"]`}, {"parse_csv", `"a"b,c`, `["ab","c"]`},
		{"parse_xml", `<e/>`, `{"e":null}`}, {"parse_xml", `<e>text</e>`, `{"e":"text"}`}, {"parse_xml", `<e name="value" />`, `{"e":{"@name":"value"}}`}, {"parse_xml", `<e name="value">text</e>`, `{"e":{"@name":"value","#text":"text"}}`},
		{"parse_xml", `<e> <a>text</a> <b>text</b> </e>`, `{"e":{"a":"text","b":"text"}}`}, {"parse_xml", `<e> <a>text</a> <a>text</a> </e>`, `{"e":{"a":["text","text"]}}`}, {"parse_xml", `<e> text <a>text</a> </e>`, `{"e":{"#text":"text","a":"text"}}`},
		{"parse_xml", `<?xml version="1.0" encoding="UTF-16"?><!-- c --><d><value>118.0</value><v>01</v><c><![CDATA[<x>]]></c></d>`, `{"d":{"value":118.0,"v":"01","c":"<x>"}}`}, {"parse_xml", `<n:e xmlns:n="u">a&amp;b</n:e>`, `{"n:e":{"@xmlns:n":"u","#text":"a&b"}}`},
		{"parse_xml", "", "null"}, {"parse_xml", "<a>", "null"}, {"parse_xml", "<a></b>", "null"}, {"parse_xml", "<a/><b/>", "null"}, {"parse_xml", "text", "null"}, {"parse_xml", strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100), "null"},
	} {
		check(t, c.want, c.name, str(c.in))
	}
}

func TestParseCommandLine(t *testing.T) {
	for in, want := range map[string]string{
		`echo "hello world!"`: `["echo","hello world!"]`, `"C:\Program Files\a.exe" -x "a b" c`: `["C:\\Program Files\\a.exe","-x","a b","c"]`,
		`x a\\b d"e f"g h`: `["x","a\\\\b","de fg","h"]`, `x a\\\"b c d`: `["x","a\\\"b","c","d"]`, `x a\\\\"b c" d`: `["x","a\\\\b c","d"]`, `x "a""b"`: `["x","a\"b"]`, `x ""`: `["x",""]`, ``: `[]`, `x \`: `["x","\\"]`,
	} {
		check(t, want, "parse_command_line", str(in), str("windows"))
	}
	check(t, "null", "parse_command_line", str("a"), str("linux"))
}

// Whatever a function makes of a text, it has to be JSON.
func FuzzParse(f *testing.F) {
	f.Add("https://a:b@c:1/d?e=f#g")
	f.Add(`<e a="b">c<d/></e>`)
	f.Add(`C:\a "b\" c,d`)
	f.Fuzz(func(t *testing.T, s string) {
		for name, rest := range map[string][]value{"parse_url": nil, "parse_urlquery": nil, "parse_path": nil, "parse_csv": nil, "parse_xml": nil, "parse_json": nil, "parse_command_line": {str("windows")}, "split": {str("a")}, "extract_all": {str(s)}} {
			fn, _ := Lookup(name)
			args := append([]value{str(s)}, rest...)
			if _, _, err := fn.Choose(constants(args)); err != nil {
				continue
			}
			got, typ := call(t, fn, args...)
			if got != nil && typ == table.Dynamic && !json.Valid([]byte(got.(string))) {
				t.Fatalf("%s(%q) = %s", name, s, got)
			}
		}
	})
}
