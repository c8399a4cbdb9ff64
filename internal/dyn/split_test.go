package dyn

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSplitterObject(t *testing.T) {
	var s Splitter
	fields, err := s.Object([]byte(`{ "a":"x\\y\u00e9\ud83d\ude00\/", "b" : -1.5e3, "c":true,"d":false,"e":null,"f":{"g":[1, "]"]},"":[] }`), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range fields {
		got = append(got, string(f.Key)+"="+string(f.Append(nil)))
	}
	want := `a="x\\yé😀/" b=-1.5e3 c=true d=false e=null f={"g":[1,"]"]} =[]`
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
}

func TestSplitterErrors(t *testing.T) {
	for text, want := range map[string]error{
		``: ErrIncomplete, `{`: ErrIncomplete, `{"a`: ErrIncomplete, `{"a":`: ErrIncomplete, `{"a":"b`: ErrIncomplete, `{"a":[1,`: ErrIncomplete, `{"a":{"b`: ErrIncomplete,
		`x`: ErrSyntax, `{a:1}`: ErrSyntax, `{"a":1,}`: ErrSyntax, `{"a":01}`: ErrSyntax, `{"a":1} 2`: ErrSyntax, `{"a":"\x"}`: ErrSyntax, `{"a":{"b":"\uzzzz"}}`: ErrSyntax, `[1]`: ErrSyntax,
		`{"a":` + strings.Repeat("[", 65) + strings.Repeat("]", 65) + `}`: ErrDepth,
		`{"a":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`: nil,
	} {
		var s Splitter
		if _, err := s.Object([]byte(text), nil); err != want {
			t.Errorf("%.40q: %v, want %v", text, err, want)
		}
	}
	var s Splitter
	fields, err := s.Object([]byte(`{"DataType":"B","DataItems":[{"x":1},{"y"`), nil)
	if err != ErrIncomplete || len(fields) != 2 || string(fields[1].Key) != "DataItems" {
		t.Errorf("cut off: %v %v", fields, err)
	}
}

func TestSplitterControlCharacters(t *testing.T) {
	var s Splitter
	fields, err := s.Object([]byte("{\"a\":\"x\ty\",\"b\":{\"c\":\"\x01\"}}"), nil)
	if err != nil || string(fields[0].Append(nil)) != `"x\ty"` || string(fields[1].Append(nil)) != `{"c":"\u0001"}` {
		t.Errorf("%q %v", fields, err)
	}
}

// FuzzSplitter compares with encoding/json: the same texts are objects, and
// their members are the same.
func FuzzSplitter(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":"\ud800\u0041x"}`, `{"a":{"b":[null,true]}}`, `{"":""}`, `{"a":-0.0E+1}`, `{"a":"\\\""}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s Splitter
		fields, err := s.Object(text, nil)
		if !utf8.Valid(text) {
			return
		}
		var want map[string]json.RawMessage
		wantErr := json.Unmarshal(text, &want)
		if err != nil {
			if wantErr == nil && want != nil && err != ErrDepth {
				t.Fatalf("%q: %v, but encoding/json takes it", text, err)
			}
			return
		}
		if wantErr != nil {
			if !strings.Contains(wantErr.Error(), "in string literal") && !strings.Contains(wantErr.Error(), "exceeded max depth") {
				t.Fatalf("%q: taken, but encoding/json says %v", text, wantErr)
			}
			return
		}
		last := map[string]string{}
		for _, fd := range fields {
			last[string(fd.Key)] = string(fd.Append(nil))
		}
		for k, raw := range want {
			var a, b any
			if json.Unmarshal(raw, &a) != nil {
				continue // a number out of range
			}
			if err := json.Unmarshal([]byte(last[k]), &b); err != nil {
				t.Fatalf("%q: member %q is %q: %v", text, k, last[k], err)
			}
			x, _ := json.Marshal(a)
			y, _ := json.Marshal(b)
			if string(x) != string(y) {
				t.Fatalf("%q: member %q is %s, want %s", text, k, y, x)
			}
		}
	})
}

func BenchmarkSplitter(b *testing.B) {
	line := []byte(`{"TimeGenerated":"2025-06-01T00:02:36.575407Z","Computer":"FILE-UKS-0073.corp.contoso.com","ConfigChangeType":"Files","ChangeCategory":"Modified","FieldsChanged":"FileContentChecksum, DateModified, Size","FileSystemPath":"C:\\Windows\\System32\\monpol.exe","FileContentChecksum":"81f59c856f80888b70bebc1dd135a0d827dd06c7ca959d113aaa6fd703f9a5ae","PreviousFileContentChecksum":"99c0e6001807ea46567c5fdc15aa9a0d2c5ecc3cb2abfaead94af2135d3b0544","Size":1646,"PreviousSize":1030,"DateModified":"2025-05-31T22:28:32.000000Z"}`)
	b.SetBytes(int64(len(line)))
	var s Splitter
	var fields []Field
	for b.Loop() {
		fields, _ = s.Object(line, fields[:0])
	}
}
