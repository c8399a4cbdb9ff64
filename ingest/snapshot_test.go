package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"tidemark/table"
)

// pkg is an item of the lists of these tests.
type pkg struct{ name, arch, version, size string }

func (p pkg) json() string {
	return fmt.Sprintf(`{"CollectionName":%q,"Name":%q,"Architecture":%q,"CurrentVersion":%q,"Size":%q}`, p.name, p.name, p.arch, p.version, p.size)
}

// someList is a list that differs in a few items from another: in some keys
// several versions and architectures are there side by side.
func someList(r *rand.Rand, from []pkg) []pkg {
	out := slices.Clone(from)
	for range 1 + r.IntN(6) {
		p := pkg{fmt.Sprintf("p%d", r.IntN(12)), []string{"x86_64", "i686", ""}[r.IntN(3)], fmt.Sprint(r.IntN(4)), fmt.Sprint(r.IntN(3))}
		switch i := r.IntN(len(out) + 1); {
		case i == len(out):
			out = append(out, p)
		case r.IntN(3) == 0 && len(out) > 1:
			out = slices.Delete(out, i, i+1)
		default:
			p.name = out[i].name
			out[i] = p
		}
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func message(computer string, at time.Time, items []pkg, extra ...string) string {
	var list []string
	for _, p := range items {
		list = append(list, p.json())
	}
	return fmt.Sprintf(`{"DataType":"CONFIG_CHANGE_BLOB","DataItems":[{"Timestamp":%q,"Computer":%q,"ConfigChangeType":"Software.Packages","Collections":[%s]}]}`+"\n",
		at.Format(time.RFC3339), computer, strings.Join(append(list, extra...), ","))
}

// cells is a row that lines of fake have printed.
func cells(line string) map[string]string {
	out := map[string]string{}
	for _, c := range strings.Split(line, " | ") {
		name, value, _ := strings.Cut(c, "=")
		out[name] = value
	}
	return out
}

// fold applies rows of ConfigurationChange to a list.
func fold(t *testing.T, have map[pkg]int, lines []string) {
	t.Helper()
	for _, line := range lines {
		c := cells(line)
		var more map[string]string
		json.Unmarshal([]byte(c["AdditionalFields"]), &more)
		now := pkg{c["SoftwareName"], c["Architecture"], c["Current"], c["Size"]}
		was := pkg{now.name, now.arch, c["Previous"], now.size}
		if c["PreviousSize"] != "" || c["ChangeCategory"] == "Removed" {
			was.size = c["PreviousSize"]
		}
		if strings.Contains(c["FieldsChanged"], "Architecture") {
			was.arch = more["PreviousArchitecture"]
		}
		if c["ChangeCategory"] != "Added" {
			if have[was]--; have[was] < 0 {
				t.Fatalf("%v was not there: %s", was, line)
			} else if have[was] == 0 {
				delete(have, was)
			}
		}
		if c["ChangeCategory"] != "Removed" {
			have[now]++
		}
		if c["ChangeCategory"] == "Modified" && (c["FieldsChanged"] == "" || now == was) {
			t.Fatalf("nothing differs: %s", line)
		}
	}
}

func counted(items []pkg) map[pkg]int {
	out := map[pkg]int{}
	for _, p := range items {
		out[p]++
	}
	return out
}

// TestSnapshotLaw loads random lists of several computers, some of them again,
// late, or with items that cannot be read, cut into loads and batches anywhere:
// the changes folded over the first list always give the last one.
func TestSnapshotLaw(t *testing.T) {
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(seed, 1))
		m := newFake()
		type host struct {
			lists []string
			now   []pkg
			have  map[pkg]int
			at    time.Time
		}
		hosts := make([]*host, 3)
		for i := range hosts {
			h := &host{at: time.Date(2026, 1, 1, i, 0, 0, 0, time.UTC)}
			h.now = someList(r, []pkg{{"p0", "", "0", "0"}})
			h.have = counted(h.now)
			h.lists = []string{message(fmt.Sprint("h", i), h.at, h.now)}
			m.load(t, h.lists[0], testOptions())
			hosts[i] = h
		}
		if n := len(m.lines(table.ConfigurationChange)); n != 0 {
			t.Fatalf("first lists make %d changes", n)
		}
		for range 30 {
			i := r.IntN(len(hosts))
			h, name := hosts[i], fmt.Sprint("h", i)
			o := testOptions()
			o.BatchRows, o.Decoders = r.IntN(4), 1+r.IntN(3)
			before := len(m.lines(table.ConfigurationChange))
			changes := func() []string { return m.lines(table.ConfigurationChange)[before:] }
			switch r.IntN(5) {
			case 0: // again, and late
				s := m.load(t, h.lists[r.IntN(len(h.lists))], o)
				if s.RowsIn != 0 || s.RowsDuplicate == 0 {
					t.Fatalf("a list again: %+v", s)
				}
			case 1:
				m.load(t, message(name, h.at.Add(-time.Minute), someList(r, h.now)), o)
				if got := changes(); len(got) != 0 {
					t.Fatalf("a late list makes changes: %v", got)
				}
			case 2: // an item without a name: nobody knows which
				h.at = h.at.Add(time.Hour)
				part := h.now[r.IntN(len(h.now)):]
				m.load(t, message(name, h.at, part, `{"Size":"1"}`), o)
				if got := changes(); len(got) != 0 {
					t.Fatalf("a partial list makes changes: %v", got)
				}
			case 3: // an item whose value cannot be read
				h.at = h.at.Add(time.Hour)
				bad := h.now[0]
				rest := slices.DeleteFunc(slices.Clone(h.now), func(p pkg) bool { return p.name == bad.name })
				bad.size = "many"
				m.load(t, message(name, h.at, append(rest, bad)), o)
				if got := changes(); len(got) != 0 {
					t.Fatalf("an item that cannot be read makes changes: %v", got)
				}
			default: // several lists in one load
				var text string
				for range 1 + r.IntN(4) {
					h.at = h.at.Add(time.Hour)
					h.now = someList(r, h.now)
					h.lists = append(h.lists, message(name, h.at, h.now))
					text += h.lists[len(h.lists)-1]
				}
				m.load(t, text, o)
				fold(t, h.have, changes())
				if want := counted(h.now); !maps.Equal(h.have, want) {
					t.Fatalf("seed %d: the changes give\n%v, want\n%v", seed, h.have, want)
				}
			}
		}
	}
}

// TestSnapshotOrder loads the lists of several computers in random order, each
// computer's own in theirs: the rows are the same.
func TestSnapshotOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	var lists [4][]string
	for i := range lists {
		now := []pkg{{"p0", "", "0", "0"}}
		for k := range 6 {
			now = someList(r, now)
			lists[i] = append(lists[i], message(fmt.Sprint("h", i), time.Date(2026, 1, 1, k, 0, 0, 0, time.UTC), now))
		}
	}
	var want []string
	for round := range 20 {
		m := newFake()
		var left [4]int
		for text := ""; ; text = "" {
			for range 1 + r.IntN(5) {
				i := r.IntN(4)
				if left[i] < 6 {
					text += lists[i][left[i]]
					left[i]++
				}
			}
			if left == [4]int{6, 6, 6, 6} && text == "" {
				break
			}
			o := testOptions()
			o.BatchRows = r.IntN(3)
			m.load(t, text, o)
		}
		got := append(m.lines(table.ConfigurationChange), m.lines(table.ConfigurationData)...)
		slices.Sort(got)
		if round == 0 {
			want = got
		} else if !slices.Equal(got, want) {
			t.Fatal("another order gives other rows")
		}
	}
}

// TestSnapshotBaseline checks what follows a first list that is not complete.
func TestSnapshotBaseline(t *testing.T) {
	at := func(h int) time.Time { return time.Date(2026, 1, 1, h, 0, 0, 0, time.UTC) }
	a, b, c := pkg{"a", "", "1", "1"}, pkg{"b", "", "1", "1"}, pkg{"c", "", "1", "1"}
	bad := pkg{"b", "", "1", "many"}
	a2 := pkg{"a", "", "2", "1"}
	for name, test := range map[string]struct {
		lists []string
		want  string
	}{
		"unknown item":       {[]string{message("h", at(0), []pkg{a}, "{}"), message("h", at(1), []pkg{a2, b}), message("h", at(2), []pkg{a2, b, c})}, "Modified a, Added c"},
		"unreadable item":    {[]string{message("h", at(0), []pkg{a, bad}), message("h", at(1), []pkg{a, b, c}), message("h", at(2), []pkg{a})}, "Added c, Removed b, Removed c"},
		"unreadable, gone":   {[]string{message("h", at(0), []pkg{a, bad}), message("h", at(1), []pkg{a}), message("h", at(2), []pkg{a, b})}, "Added b"},
		"unreadable twice":   {[]string{message("h", at(0), []pkg{a, bad}), message("h", at(1), []pkg{a, bad}), message("h", at(2), []pkg{a, b})}, ""},
		"unreadable later":   {[]string{message("h", at(0), []pkg{a, b}), message("h", at(1), []pkg{bad}), message("h", at(2), []pkg{b})}, "Removed a"},
		"in two parts":       {[]string{message("h", at(0), []pkg{a}), message("h", at(0), []pkg{b}), message("h", at(1), []pkg{a, b, c})}, "Added c"},
		"more of a time":     {[]string{message("h", at(0), []pkg{a}), message("h", at(1), []pkg{a}), message("h", at(1), []pkg{b})}, "Added b"},
		"never anything":     {[]string{message("h", at(0), []pkg{a}), message("h", at(1), nil), message("h", at(2), []pkg{a})}, ""},
		"other computer":     {[]string{message("h", at(0), []pkg{a}), message("h/1", at(1), []pkg{b}), message("h%2F1", at(2), []pkg{c})}, ""},
		"beginning unread":   {[]string{message("h", at(0), nil, "{}"), message("h", at(1), []pkg{a})}, ""},
		"unread, then whole": {[]string{message("h", at(0), []pkg{bad}), message("h", at(1), []pkg{b, a})}, "Added a"},
	} {
		m := newFake()
		for _, text := range test.lists {
			m.load(t, text, testOptions())
		}
		var got []string
		for _, line := range m.lines(table.ConfigurationChange) {
			got = append(got, cells(line)["ChangeCategory"]+" "+cells(line)["SoftwareName"])
		}
		if s := strings.Join(got, ", "); s != test.want {
			t.Errorf("%s: %q, want %q", name, s, test.want)
		}
	}
}

// TestSnapshotParts checks a list that is cut into several DataItems of one
// message.
func TestSnapshotParts(t *testing.T) {
	part := func(name string) string {
		return `{"Timestamp":"2026-01-01T0%[1]d:00:00Z","Computer":"h","ConfigChangeType":"Daemons","Collections":[{"Name":"` + name + `","State":"%[2]s"}]}`
	}
	m := newFake()
	for i, state := range []string{"running", "dead"} {
		m.load(t, fmt.Sprintf(`{"DataItems":[`+part("a")+","+part("b")+"]}", i, state), testOptions())
	}
	got := m.lines(table.ConfigurationChange)
	if len(got) != 2 || cells(got[0])["SvcPreviousState"] != "running" || cells(got[1])["SvcChangeType"] != "State" {
		t.Error(got)
	}
}

// TestSnapshotOnly checks an agent that sends nothing but snapshots.
func TestSnapshotOnly(t *testing.T) {
	list := func(h int, snapshot bool, state string) string {
		return fmt.Sprintf(`{"DataItems":[{"Timestamp":"2026-01-01T%02d:00:00Z","Computer":"h","ConfigChangeType":"Daemons","Collections":[{"Name":"a","State":%q,"IsInventorySnapshot":%v}]}]}`+"\n", h, state, snapshot)
	}
	m := newFake()
	m.load(t, list(0, true, "1")+list(10, true, "2")+list(11, false, "3")+list(20, true, "4")+list(21, false, "5"), testOptions())
	var got []string
	for _, line := range m.lines(table.ConfigurationChange) {
		got = append(got, cells(line)["SvcPreviousState"]+"-"+cells(line)["SvcState"])
	}
	if s := strings.Join(got, " "); s != "1-2 2-3 3-5" {
		t.Error(s)
	}
}

// TestSnapshotPieces checks lists that do not fit into one mark, a kill
// between storing the pieces and the list, and that no piece is left behind.
func TestSnapshotPieces(t *testing.T) {
	defer func(a, b, c int) { listInline, listTogether, listPiece = a, b, c }(listInline, listTogether, listPiece)
	listInline, listTogether, listPiece = 50, 500, 100
	r := rand.New(rand.NewPCG(3, 3))
	m := newFake()
	var now []pkg
	for i := range 30 {
		now = append(now, pkg{fmt.Sprint("q", i), "", fmt.Sprint(r.Uint64()), "0"})
	}
	have := counted(now)
	for i := range 20 {
		text := message("h", time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC), now)
		if i%3 == 2 { // killed: only the pieces are stored, more than there will be
			n := &list{kind: kinds[1], computer: "h"}
			k, err := (&tracker{dst: m}).last(n, nil)
			if err != nil {
				t.Fatal(err)
			}
			k.items = make([]item, 200)
			if err := (&tracker{dst: m}).keep(t.Context(), n, k, false, map[string][]byte{}); err != nil {
				t.Fatal(err)
			}
		}
		before := len(m.lines(table.ConfigurationChange))
		m.load(t, text, testOptions())
		fold(t, have, m.lines(table.ConfigurationChange)[before:])
		if want := counted(now); !maps.Equal(have, want) {
			t.Fatalf("the changes give\n%v, want\n%v", have, want)
		}
		for range r.IntN(4) {
			now = someList(r, now)
		}
	}
	k, err := (&tracker{dst: m}).last(&list{kind: kinds[1], computer: "h"}, nil)
	if err != nil || k.pieces < 2 {
		t.Fatalf("%+v %v", k, err)
	}
	pieces := 0
	for name, mark := range m.marks {
		if strings.Contains(name, "/#") && mark != nil {
			pieces++
		}
	}
	if pieces != k.pieces {
		t.Errorf("%d pieces are left of %d", pieces, k.pieces)
	}
}

// TestSnapshotBroken checks archives of a status file that break off.
func TestSnapshotBroken(t *testing.T) {
	status := func(version string) string {
		var b strings.Builder
		r := rand.New(rand.NewPCG(1, 2))
		for i := range 4000 {
			fmt.Fprintf(&b, "Package: p%d\nStatus: install ok installed\nArchitecture: amd64\nVersion: %s\nDescription: %x\n\n", i, version, r.Uint64())
		}
		return b.String()
	}
	m := newFake()
	o := testOptions()
	o.Computer = "h"
	m.load(t, status("1"), o)
	for i, keep := range []float64{0.3, 0.7, 1} {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		io.WriteString(z, status("2"))
		z.Close()
		o.Now = func() time.Time { return testNow.Add(time.Duration(i+1) * time.Hour) }
		_, err := Load(t.Context(), m, bytes.NewReader(packed.Bytes()[:int(keep*float64(packed.Len()))]), o)
		if (err == nil) != (keep == 1) {
			t.Fatal(err)
		}
	}
	seen := map[string]int{}
	for _, line := range m.lines(table.ConfigurationChange) {
		seen[cells(line)["ChangeCategory"]]++
	}
	if len(seen) != 1 || seen["Modified"] != 4000 {
		t.Errorf("%v", seen)
	}
}

// TestSnapshotLines checks osquery's snapshots whose rows are lines of their
// own (--logger_snapshot_event_type).
func TestSnapshotLines(t *testing.T) {
	line := func(unix int, name, version string) string {
		return fmt.Sprintf(`{"action":"snapshot","name":"pkgs","hostIdentifier":"h","unixTime":%d,"epoch":0,"counter":0,"columns":{"name":%q,"version":%q,"arch":"amd64","revision":"","maintainer":"m","size":"1"}}`+"\n", unix, name, version)
	}
	var b strings.Builder
	for i := range 50 {
		b.WriteString(line(1773212000, fmt.Sprint("p", i), "1"))
	}
	for i := range 50 {
		if i == 7 { // what has gone
			continue
		}
		b.WriteString(line(1773213000, fmt.Sprint("p", i), fmt.Sprint(1+i/49)))
		if i == 20 {
			b.WriteString(line(1773213000, "new", "1"))
		}
	}
	b.WriteString(line(1773214000, "p1", "1") + "damaged\n" + line(1773214000, "p2", "2"))
	for _, rows := range []int{0, 1} {
		m := newFake()
		o := testOptions()
		o.BatchRows = rows
		m.load(t, b.String(), o)
		var got []string
		for _, line := range m.lines(table.ConfigurationChange) {
			c := cells(line)
			got = append(got, c["ChangeCategory"]+" "+c["SoftwareName"]+" "+c["Previous"]+"-"+c["Current"])
		}
		if s := strings.Join(got, ", "); s != "Added new -1, Modified p49 1-2, Removed p7 1-, Modified p2 1-2" {
			t.Errorf("batches of %d: %s", rows, s)
		}
		if n := len(m.lines(table.ConfigurationData)); n != 102 {
			t.Errorf("%d items", n)
		}
		if s := m.load(t, b.String(), o); s.RowsIn != 0 || s.RowsDuplicate != 102 {
			t.Errorf("again: %+v", s)
		}
	}
}
