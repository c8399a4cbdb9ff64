package ingest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// benchRows makes rows like those of a fleet: files, software and services of
// many computers.
func benchRows(n int, csv bool) string {
	var b strings.Builder
	if csv {
		b.WriteString("TimeGenerated,Computer,ConfigChangeType,ChangeCategory,FieldsChanged,FileSystemPath,FileContentChecksum,PreviousFileContentChecksum,Size,PreviousSize,DateModified,SoftwareName,Publisher,Current,SvcName,SvcState,SourceComputerId,_ResourceId\n")
	}
	x := uint64(42)
	for i := range n {
		x = x*6364136223846793005 + 1442695040888963407
		at := fmt.Sprintf("2025-06-01T%02d:%02d:%02d.%06dZ", i/3600%24, i/60%60, i%60, x%1000000)
		host := fmt.Sprintf("FILE-UKS-%04d.corp.contoso.com", x%5000)
		id := fmt.Sprintf("%08x-0000-4000-8000-%012x", uint32(x%5000), x%5000)
		res := "/subscriptions/" + id + "/resourcegroups/rg-logistics/providers/microsoft.compute/virtualmachines/" + host
		sum, old := fmt.Sprintf("%064x", x), fmt.Sprintf("%064x", x>>7)
		path := fmt.Sprintf(`C:\Windows\System32\drivers\mod%d.sys`, x%24000)
		switch {
		case csv && i%3 > 0:
			fmt.Fprintf(&b, "%s,%s,Files,Modified,\"FileContentChecksum, Size\",%s,%s,%s,%d,%d,%s,,,,,,%s,%s\n", at, host, path, sum, old, x%99999, x%9999, at, id, res)
		case csv:
			fmt.Fprintf(&b, "%s,%s,Software,Added,,,,,,,,lib%d,\"Atlassian, Inc.\",12.3.%d,,,%s,%s\n", at, host, x%2000, x%100, id, res)
		case i%3 > 0:
			fmt.Fprintf(&b, `{"TimeGenerated":"%s","Computer":"%s","ConfigChangeType":"Files","ChangeCategory":"Modified","FieldsChanged":"FileContentChecksum, Size","FileSystemPath":"%s","FileContentChecksum":"%s","PreviousFileContentChecksum":"%s","Size":%d,"PreviousSize":%d,"DateModified":"%s","SourceComputerId":"%s","_ResourceId":"%s"}`+"\n",
				at, host, strings.ReplaceAll(path, `\`, `\\`), sum, old, x%99999, x%9999, at, id, res)
		default:
			fmt.Fprintf(&b, `{"TimeGenerated":"%s","Computer":"%s","ConfigChangeType":"Software","ChangeCategory":"Added","SoftwareName":"lib%d","Publisher":"Atlassian, Inc.","Current":"12.3.%d","SourceComputerId":"%s","_ResourceId":"%s"}`+"\n", at, host, x%2000, x%100, id, res)
		}
	}
	return b.String()
}

func benchLoad(b *testing.B, text string, decoders int) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	rows := int64(0)
	for b.Loop() {
		m := newFake()
		m.count = true
		o := testOptions()
		o.Decoders = decoders
		s, err := Load(context.Background(), m, strings.NewReader(text), o)
		if err != nil || s.RowsRejected > 0 {
			b.Fatal(err, s)
		}
		rows += s.RowsIn
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkLoad(b *testing.B) {
	for _, format := range []string{"ndjson", "csv", "ids"} {
		text := benchRows(50000, format == "csv")
		if format == "ids" { // with _ItemIds to compare
			lines := strings.Split(text, "\n")
			for i, l := range lines {
				if l != "" {
					lines[i] = fmt.Sprintf(`%s,"_ItemId":"%08x-4f12-763c-4f4c-1731462ef092"}`, l[:len(l)-1], i)
				}
			}
			text = strings.Join(lines, "\n")
		}
		b.Run(format, func(b *testing.B) { benchLoad(b, text, 1) })
	}
}

// BenchmarkDecode measures the decoder of each format by the records of its
// samples that give rows. Framing, storing and finding rows that come twice are
// not in it.
func BenchmarkDecode(b *testing.B) {
	for _, f := range Formats {
		files, _ := filepath.Glob("testdata/*.*")
		files = slices.DeleteFunc(files, func(file string) bool { return formatOf(file) != f.Name || strings.Contains(file, "utf16") })
		if len(files) == 0 {
			continue
		}
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			m := newFake()
			e := &env{options: testOptions(), plans: newPlans(m)}
			var runs []func(*writer)
			size := 0
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					b.Fatal(err)
				}
				more, n := decodeAll(b, f, e, text)
				runs, size = append(runs, more...), size+n
			}
			b.SetBytes(int64(100 * size))
			rows := 0
			for b.Loop() {
				w := &writer{env: e, now: e.began}
				for range 100 {
					for _, run := range runs {
						run(w)
					}
				}
				for _, r := range w.tables {
					rows += r.n
					e.plans.like(r)
				}
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// decodeAll frames a text and returns what decodes its records, and their size.
func decodeAll(b *testing.B, f Format, e *env, text []byte) (runs []func(*writer), size int) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	s, newDecoder, err := f.start(e, text)
	if err != nil {
		b.Fatal(err)
	}
	d := newDecoder()
	for rest := text; len(rest) > 0; {
		advance, record, err := s.split(rest, true)
		rest = rest[advance:]
		if err != nil || len(record) == 0 {
			continue
		}
		head := s.header()
		run := func(w *writer) { w.reject(record, d.decode(head, record, w)) }
		w := &writer{env: e}
		if run(w); len(w.rejects) == 0 && len(w.tables) > 0 {
			runs, size = append(runs, run), size+len(record)
		}
	}
	return runs, size
}
