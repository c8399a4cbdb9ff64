package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"tidemark/table"
)

// azureRows makes rows with _ItemIds from first on, an hour apart.
func azureRows(first, n int) string {
	var b strings.Builder
	for i := first; i < first+n; i++ {
		at := time.Date(2026, 1, 1, i, 0, 0, 0, time.UTC).Format(time.RFC3339)
		fmt.Fprintf(&b, `{"TimeGenerated":"%s","Computer":"web%02d","ConfigChangeType":"Files","FileSystemPath":"/f%d","_ItemId":"id-%d"}`+"\n", at, i%7, i, i)
	}
	return b.String()
}

func TestReimport(t *testing.T) {
	m := newFake()
	o := testOptions()
	o.BatchRows = 100
	if s := m.load(t, azureRows(0, 10000), o); s.RowsIn != 10000 || s.RowsDuplicate != 0 || s.Batches != 100 {
		t.Fatalf("first load: %+v", s)
	}
	if s := m.load(t, azureRows(0, 10000), o); s.RowsIn != 0 || s.RowsDuplicate != 10000 || s.Batches != 0 {
		t.Fatalf("second load: %+v", s)
	}
	if s := m.load(t, azureRows(5000, 6000), o); s.RowsIn != 1000 || s.RowsDuplicate != 5000 {
		t.Fatalf("overlapping load: %+v", s)
	}
	if s := m.load(t, azureRows(0, 10)+azureRows(20000, 1)+azureRows(0, 5), o); s.RowsIn != 1 || s.RowsDuplicate != 15 {
		t.Fatalf("mixed batch: %+v", s)
	}
	if got := m.lines("ConfigurationChange"); len(got) != 11001 || !strings.Contains(got[11000], "EventId=id-20000") {
		t.Fatal(len(got), got[len(got)-1])
	}
}

// TestReimportDay fills more than one mark of one day.
func TestReimportDay(t *testing.T) {
	m := newFake()
	text := strings.Builder{}
	for i := range 3*perMark + 7 {
		fmt.Fprintf(&text, `{"TimeGenerated":"2026-03-11T07:00:00Z","ConfigChangeType":"Files","_ItemId":"%d"}`+"\n", i)
	}
	for _, rows := range []int{1000, 0} {
		o := testOptions()
		o.BatchRows = rows
		s := m.load(t, text.String(), o)
		if want := int64(3*perMark + 7); s.RowsIn+s.RowsDuplicate != want || (s.RowsIn != 0) != (rows == 1000) {
			t.Errorf("batches of %d: %+v", rows, s)
		}
	}
	if len(m.marks) != 4 {
		t.Errorf("%d marks", len(m.marks))
	}
}

// TestOMSAgain loads the same messages again, and then a newer one.
func TestOMSAgain(t *testing.T) {
	text, err := os.ReadFile("testdata/oms_blob.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	m := newFake()
	m.load(t, string(text), testOptions())
	changes := len(m.lines("ConfigurationChange"))
	if s := m.load(t, string(text), testOptions()); s.RowsIn != 0 {
		t.Errorf("again: %+v", s)
	}
	s := m.load(t, `{"DataType":"CONFIG_CHANGE_BLOB","DataItems":[{"Timestamp":"2026-03-12T07:00:00Z","Computer":"web01","ConfigChangeType":"Daemons","Collections":[{"CollectionName":"sshd","Name":"sshd","State":"running","Path":"/tmp/sshd","Runlevels":"multi-user.target","Enabled":"false","Controller":"systemd","Description":"OpenSSH server"}]}]}`, testOptions())
	if s.Tables["ConfigurationChange"] != 2 || len(m.lines("ConfigurationChange")) != changes+2 {
		t.Errorf("newer list: %+v", s)
	}
	m.marks["ingest/list/Daemons/web01"] = []byte{listVersion, 9}
	_, err = Load(context.Background(), m, strings.NewReader(`{"DataItems":[{"Timestamp":"2026-03-13T07:00:00Z","Computer":"web01","ConfigChangeType":"Daemons","Collections":[{"Name":"x"}]}]}`), testOptions())
	if !errors.Is(err, errList) {
		t.Errorf("damaged list: %v", err)
	}
}

func TestComputerOption(t *testing.T) {
	m := newFake()
	o := testOptions()
	o.Computer = "given"
	m.load(t, `{"ConfigChangeType":"Files"}`+"\n"+`{"ConfigChangeType":"Files","Computer":"own"}`, o)
	m.load(t, `{"Name":"sshd","Runlevels":"","Controller":"systemd"}`, o)
	for i, want := range []string{"Computer=given", "Computer=own"} {
		if got := m.lines("ConfigurationChange")[i]; !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
	if got := m.lines("ConfigurationData")[0]; !strings.Contains(got, "Computer=given") {
		t.Error(got)
	}
}

func TestCompressed(t *testing.T) {
	text := azureRows(0, 5000)
	var gz, zs bytes.Buffer
	g := gzip.NewWriter(&gz)
	io.WriteString(g, text[:len(text)/2])
	g.Close()
	g.Reset(&gz) // members one after another are one text
	io.WriteString(g, text[len(text)/2:])
	g.Close()
	z, _ := zstd.NewWriter(&zs)
	io.WriteString(z, text)
	z.Close()
	for name, packed := range map[string][]byte{"gzip": gz.Bytes(), "zstd": zs.Bytes()} {
		if s := newFake().load(t, string(packed), testOptions()); s.RowsIn != 5000 || s.BytesIn != int64(len(text)) {
			t.Errorf("%s: %+v", name, s)
		}
		o := testOptions()
		o.BatchRows = 10
		s, err := Load(context.Background(), newFake(), bytes.NewReader(packed[:len(packed)*3/4]), o)
		if err == nil || !strings.Contains(err.Error(), "read "+name) || s.RowsIn == 0 || s.RowsIn >= 5000 {
			t.Errorf("broken %s: %v, %d rows", name, err, s.RowsIn)
		}
	}
	if _, err := Load(context.Background(), newFake(), strings.NewReader("\x1f\x8bnot gzip"), testOptions()); err == nil {
		t.Error("false gzip is taken")
	}
}

func TestHugeLine(t *testing.T) {
	huge := `{"ConfigChangeType":"Files","FileSystemPath":"` + strings.Repeat("x", MaxRecord) + `"}`
	row := `{"ConfigChangeType":"Files","FileSystemPath":"/a"}`
	for name, text := range map[string]string{
		"lines":     row + "\n" + huge + "\n" + row + "\n",
		"last":      row + "\n" + row + "\n" + huge,
		"array":     "[" + row + ",\n" + huge + "\n," + row + "]",
		"csv":       "ConfigChangeType,FileSystemPath\nFiles,/a\nFiles," + strings.Repeat("x", MaxRecord) + "\nFiles,/b\n",
		"csv quote": "ConfigChangeType,FileSystemPath\nFiles,/a\nFiles,\"" + strings.Repeat("x", MaxRecord) + "\nFiles,/b\n",
	} {
		if s := newFake().load(t, text, testOptions()); s.RowsIn != 2 || s.RowsRejected != 1 || s.Rejects[0].Class != TooLong && name != "csv quote" || len(s.Rejects[0].Raw) > maxRaw {
			t.Errorf("%s: in %d, %v", name, s.RowsIn, s.Reasons)
		}
	}
}

func TestNesting(t *testing.T) {
	deep := `{"ConfigChangeType":"Files","x":` + strings.Repeat("[", 100000) + strings.Repeat("]", 100000) + "}\n"
	if s := newFake().load(t, deep+`{"ConfigChangeType":"Files"}`, testOptions()); s.RowsIn != 1 || s.Reasons[TooDeep] != 1 {
		t.Errorf("%+v", s)
	}
}

func TestErrors(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		o    Options
		want string
	}{
		"no format":      {"hello\nworld\n", Options{}, "none of the known formats"},
		"named format":   {"{}", Options{Format: "xml"}, `no format "xml"; there are [csv azure `},
		"no table":       {`{"a":1}`, Options{}, "do not tell which table"},
		"unknown table":  {`{"a":1}`, Options{Table: "Nope"}, `no table "Nope"`},
		"csv column":     {"S,Nope\n1,2", Options{Table: "Own"}, "none of the known formats"},
		"csv column 2":   {"S,Nope\n1,2", Options{Table: "Own", Format: "csv"}, `no column "Nope"`},
		"csv no header":  {"1,2\n3,4", Options{Table: "ConfigurationChange", Format: "csv"}, "needs a header line"},
		"csv same names": {"S,S\n1,2", Options{Table: "Own", Format: "csv"}, "two columns"},
		"csv zone":       {"TimeGenerated [Local Time],ConfigChangeType\n,", Options{}, "name the zone"},
		"csv no table":   {"a,b\n1,2", Options{Format: "csv"}, "does not tell which table"},
	} {
		m := newFake()
		m.own = map[string]*table.Schema{"Own": ownTable}
		_, err := Load(context.Background(), m, strings.NewReader(c.text), c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	for _, text := range []string{"", "\n\n", "\ufeff"} {
		if s := newFake().load(t, text, testOptions()); s.RowsIn != 0 || s.Batches != 0 {
			t.Errorf("%q: %+v", text, s)
		}
	}
}

func TestLocalTime(t *testing.T) {
	m := newFake()
	o := testOptions()
	o.Zone = time.FixedZone("", 2*3600)
	m.load(t, "TimeGenerated [Local Time],ConfigChangeType\n\"3/11/2026, 7:00:12.543 AM\",Files\n", o)
	if got := m.lines("ConfigurationChange")[0]; !strings.Contains(got, "TimeGenerated=2026-03-11T05:00:12.5430000Z") {
		t.Error(got)
	}
}

func TestTableOption(t *testing.T) {
	m := newFake()
	m.own = map[string]*table.Schema{"Own": ownTable}
	o := testOptions()
	o.Table = "Own"
	if s := m.load(t, `[{"S":"a"},{"S":"b","Type":"ConfigurationChange"}]`, o); s.RowsIn != 1 || s.Reasons[UnknownColumn] != 1 {
		t.Errorf("%+v", s)
	}
	if s := m.load(t, `{"DataItems":[{"ConfigChangeType":"Files","Collections":[{"FileSystemPath":"/a"}]}]}`, o); s.RowsIn != 0 || s.RowsRejected != 1 {
		t.Errorf("%+v", s)
	}
	if s := m.load(t, `{"Type":"Own","S":"by type"}`, testOptions()); s.RowsIn != 0 || s.RowsRejected != 1 || s.Format != "ndjson" {
		t.Errorf("%+v", s)
	}
}

func TestCommitFails(t *testing.T) {
	m := newFake()
	m.fail = errors.New("disk full")
	o := testOptions()
	o.BatchRows = 10
	s, err := Load(context.Background(), m, strings.NewReader(azureRows(0, 1000)), o)
	if !errors.Is(err, m.fail) || s.RowsIn != 0 {
		t.Errorf("%v %+v", err, s)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	defer w.Close()
	o := testOptions()
	o.BatchWait = time.Millisecond
	o.Progress = func(Stats) { cancel() }
	go io.WriteString(w, azureRows(0, 3)) // and no more, without an end
	m := newFake()
	s, err := Load(ctx, m, r, o)
	if !errors.Is(err, context.Canceled) || s.RowsIn != 3 || len(m.lines("ConfigurationChange")) != 3 {
		t.Errorf("%v %+v", err, s)
	}
}

// TestSlowInput checks that records do not wait for a batch to fill.
func TestSlowInput(t *testing.T) {
	r, w := io.Pipe()
	o := testOptions()
	o.BatchWait = time.Millisecond
	stored := make(chan int64, 10)
	o.Progress = func(s Stats) { stored <- s.RowsIn }
	done := make(chan Stats)
	go func() {
		s, err := Load(context.Background(), newFake(), r, o)
		if err != nil {
			t.Error(err)
		}
		done <- s
	}()
	for i := range 3 {
		io.WriteString(w, azureRows(i, 1))
		if n := <-stored; n != int64(i+1) {
			t.Errorf("%d rows stored after %d were written", n, i+1)
		}
	}
	io.WriteString(w, strings.TrimSuffix(azureRows(3, 1), "\n"))
	w.Close()
	if s := <-done; s.RowsIn != 4 {
		t.Errorf("%+v", s)
	}
}

func TestRejectsAreJSON(t *testing.T) {
	var out bytes.Buffer
	o := testOptions()
	o.Source, o.Rejects = `a "file"`, &out
	s := newFake().load(t, azureRows(0, 1)+"\x00\xff {\n"+azureRows(1, 1), o)
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || got["source"] != o.Source || got["line"] != 2.0 || got["reason"] == "" || s.Rejects[0].Line != 2 {
		t.Errorf("%s: %v", out.String(), err)
	}
	if got["offset"] != float64(len(azureRows(0, 1))) {
		t.Errorf("offset %v", got["offset"])
	}
}

func TestManyRejects(t *testing.T) {
	s := newFake().load(t, azureRows(0, 1)+strings.Repeat("x\n", 1000), testOptions())
	if s.RowsRejected != 1000 || len(s.Rejects) != keptRejects || s.Reasons[BadSyntax] != 1000 {
		t.Errorf("%d %d %v", s.RowsRejected, len(s.Rejects), s.Reasons)
	}
}

func TestUTF16(t *testing.T) {
	for _, order := range []string{"little", "big"} {
		in := []byte{}
		for _, r := range []uint16{0xfeff, 'a', 0xe9, 0xd83d, 0xde00, 0xd83d, 'b', 0xd83d} {
			if order == "little" {
				in = append(in, byte(r), byte(r>>8))
			} else {
				in = append(in, byte(r>>8), byte(r))
			}
		}
		in = append(in, 'x') // half a character
		r, _, err := open(iotest{bytes.NewReader(in)})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != "aé😀\ufffdb\ufffd\ufffd" {
			t.Errorf("%s endian: %q %v", order, got, err)
		}
	}
}

// iotest reads a byte at a time.
type iotest struct{ r io.Reader }

func (i iotest) Read(p []byte) (int, error) { return i.r.Read(p[:min(1, len(p))]) }

// TestByteByByte loads all files of testdata a byte at a time: where reads end
// must not matter.
func TestByteByByte(t *testing.T) {
	for _, name := range []string{"azure_query.json", "azure_eventhub.json", "portal.csv", "oms_inventory.xml", "azure_cli.json"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		whole, slow := newFake(), newFake()
		whole.load(t, string(text), testOptions())
		if _, err := Load(context.Background(), slow, iotest{bytes.NewReader(text)}, testOptions()); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"ConfigurationChange", "ConfigurationData"} {
			if !slices.Equal(whole.lines(table), slow.lines(table)) {
				t.Errorf("%s: %s differs", name, table)
			}
		}
	}
}

func TestChecksum(t *testing.T) {
	for text, want := range map[string]string{
		"D41D8CD98F00B204E9800998ECF8427E":                                    "d41d8cd98f00b204e9800998ecf8427e",
		"1B2M2Y8AsgTpgAmY7PhCfg==":                                            "d41d8cd98f00b204e9800998ecf8427e",
		"2jmj7l5rSw0yVb/vlWAYkK/YBwk=":                                        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
		"@{{Algoritm=MD5 Hash=D41D8CD98F00B204E9800998ECF8427E Path=/etc/x}}": "d41d8cd98f00b204e9800998ecf8427e",
		"1471727542": "1471727542", "": "", "0": "0", "ABCDEF": "ABCDEF", "Free Text": "Free Text", "@{odd": "@{odd",
		"D41D8CD98F00B204E9800998ECF8427G": "D41D8CD98F00B204E9800998ECF8427G",
	} {
		if got := string(appendChecksum(nil, []byte(text))); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestHiddenText(t *testing.T) {
	for text, want := range map[string]string{
		"VGhpcyBzZXJ2aWNlIHNwb29scw==": "This service spools",
		"Spooler":                      "", "Windows Update": "", "Authentication01": "", "": "", "ServicesServices": "",
	} {
		if got, ok := hiddenText([]byte(text)); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
