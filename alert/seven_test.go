package alert

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tidemark"
	"tidemark/internal/tree"
	"tidemark/rule"
)

// testRow is a row of the replayed day: a thinned day of the benchmark's
// generator, in the order in which it came.
type testRow struct {
	TimeGenerated                                                                time.Time
	Computer, ConfigChangeType, ChangeCategory, FieldsChanged, FileSystemPath    string
	RegistryKey, SvcName, SvcState, SoftwareName, CurrentVersion, ConfigDataType string

	text    string
	arrived time.Time
	table   string
}

// readDay reads the day. A row came when the newest row before it was
// generated; some come 40 minutes later, and some too late to be looked at.
func readDay(t testing.TB) []*testRow {
	t.Helper()
	f, err := os.Open("testdata/day.ndjson.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var rows []*testRow
	var newest time.Time
	for s := bufio.NewScanner(z); s.Scan(); {
		r := &testRow{text: s.Text(), table: "ConfigurationChange"}
		if err := json.Unmarshal(s.Bytes(), r); err != nil {
			t.Fatal(err)
		}
		if r.TimeGenerated.After(newest) {
			newest = r.TimeGenerated
		}
		r.arrived = newest
		switch n := len(rows); {
		case n%31 == 7:
			r.arrived = newest.Add(100 * time.Minute)
		case n%9 == 4:
			r.arrived = newest.Add(40 * time.Minute)
		}
		rows = append(rows, r)
	}
	// What the generator makes too seldom for one day.
	for i := range 20 {
		at := rows[0].TimeGenerated.Add(time.Duration(i) * 67 * time.Minute)
		r := &testRow{TimeGenerated: at, Computer: fmt.Sprintf("srv-%02d", i), arrived: at.Add(time.Duration(i%4) * 17 * time.Minute), table: "ConfigurationChange",
			ConfigChangeType: "Registry", ChangeCategory: "Modified", RegistryKey: "HKEY_LOCAL_MACHINE"}
		if i%2 == 1 {
			r.ConfigChangeType, r.RegistryKey = "Files", ""
			r.FileSystemPath, r.FieldsChanged = `C:\Windows\System32\drivers\etc\HOSTS`, "DateModified, FileContentChecksum"
		}
		b, _ := json.Marshal(map[string]any{"TimeGenerated": at, "Computer": r.Computer, "ConfigChangeType": r.ConfigChangeType, "ChangeCategory": r.ChangeCategory,
			"RegistryKey": r.RegistryKey, "FileSystemPath": r.FileSystemPath, "FieldsChanged": r.FieldsChanged})
		r.text = string(b)
		rows = append(rows, r)
	}
	// What machines report about their agents, for the seventh question.
	for i := range 60 {
		at := rows[0].TimeGenerated.Truncate(time.Hour).Add(time.Duration(i) * 23 * time.Minute)
		version := "8.0.11081.0"
		if i%7 == 3 {
			version = "8.0.10918.0"
		}
		r := &testRow{TimeGenerated: at, Computer: fmt.Sprintf("pc-%02d", i), ConfigDataType: "Software", SoftwareName: "Microsoft Monitoring Agent",
			CurrentVersion: version, arrived: at.Add(time.Duration(i%5) * time.Minute), table: "ConfigurationData"}
		b, _ := json.Marshal(map[string]any{"TimeGenerated": at, "Computer": r.Computer, "ConfigDataType": "Software", "SoftwareName": r.SoftwareName, "CurrentVersion": version})
		r.text = string(b)
		rows = append(rows, r)
	}
	slices.SortStableFunc(rows, func(a, b *testRow) int { return a.arrived.Compare(b.arrived) })
	return rows
}

// has is contains without regard to case.
func has(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}

// seven are the seven questions as queries, and in Go.
var seven = []struct {
	name, query string
	matches     func(r *testRow) bool
}{
	{"registry", `ConfigurationChange | where RegistryKey == @"HKEY_LOCAL_MACHINE"`,
		func(r *testRow) bool { return r.RegistryKey == "HKEY_LOCAL_MACHINE" }},
	{"drivers", `ConfigurationChange | where ConfigChangeType == "Files" and FileSystemPath contains @"c:\windows\system32\drivers\"`,
		func(r *testRow) bool {
			return r.ConfigChangeType == "Files" && has(r.FileSystemPath, `c:\windows\system32\drivers\`)
		}},
	{"hosts", `ConfigurationChange | where FieldsChanged contains "FileContentChecksum" and FileSystemPath =~ @"c:\windows\system32\drivers\etc\hosts"`,
		func(r *testRow) bool {
			return has(r.FieldsChanged, "FileContentChecksum") && strings.EqualFold(r.FileSystemPath, `c:\windows\system32\drivers\etc\hosts`)
		}},
	{"web server", `ConfigurationChange | where ConfigChangeType == "WindowsServices" and SvcName contains "w3svc" and SvcState == "Stopped"`,
		func(r *testRow) bool {
			return r.ConfigChangeType == "WindowsServices" && has(r.SvcName, "w3svc") && r.SvcState == "Stopped"
		}},
	{"ssh", `ConfigurationChange | where ConfigChangeType == "Daemons" and SvcName contains "ssh" and SvcState!= "Running"`,
		func(r *testRow) bool {
			return r.ConfigChangeType == "Daemons" && has(r.SvcName, "ssh") && r.SvcState != "Running"
		}},
	{"software", `ConfigurationChange | where ConfigChangeType == "Software" and ChangeCategory == "Added"`,
		func(r *testRow) bool { return r.ConfigChangeType == "Software" && r.ChangeCategory == "Added" }},
	{"agent", `ConfigurationData | where SoftwareName contains "Monitoring Agent" and CurrentVersion!= "8.0.11081.0"`,
		func(r *testRow) bool {
			return r.table == "ConfigurationData" && has(r.SoftwareName, "Monitoring Agent") && r.CurrentVersion != "8.0.11081.0"
		}},
}

const (
	frequency = 15 * time.Minute
	period    = 20 * time.Minute // windows overlap
	delay     = 5 * time.Minute
	lateness  = time.Hour // some rows come later than that
)

// sevenRules are the questions as rules in two forms: an alert for each row,
// and an alert with a state for more than one row of a computer in an hour.
func sevenRules(t testing.TB) []*rule.Rule {
	t.Helper()
	var text strings.Builder
	for i, q := range seven {
		fmt.Fprintf(&text, `---
id: 00000000-0000-4000-8000-0000000000%02d
name: %s
kind: Scheduled
severity: High
queryFrequency: 15m
queryPeriod: 20m
triggerOperator: gt
triggerThreshold: 0
query: %s
eventGroupingSettings: {aggregationKind: AlertPerResult}
tidemark: {lateness: 1h, queryDelay: 5m}
`, i, q.name, yamlText(q.query))
		fmt.Fprintf(&text, `---
id: 00000000-0000-4000-8000-0000000001%02d
name: %s stateful
kind: Scheduled
severity: Medium
queryFrequency: 15m
queryPeriod: 20m
triggerOperator: gt
triggerThreshold: 1
query: %s
tidemark: {lateness: 0m, queryDelay: 5m, autoMitigate: true, measure: {dimensions: [ConfigChangeType]}}
`, i, q.name, yamlText(strings.Replace(q.query, "ConfigurationData ", "ConfigurationData | extend ConfigChangeType = ConfigDataType ", 1)))
	}
	return parseRules(t, text.String())
}

func yamlText(s string) string {
	b, _ := json.Marshal(s)
	return strings.ReplaceAll(strings.ReplaceAll(string(b), `\u003e`, ">"), `\u0026`, "&")
}

func parseRules(t testing.TB, text string) []*rule.Rule {
	t.Helper()
	f := &tree.File{Name: "test.yaml", Text: text}
	rules := rule.Read(f, rule.Options{})
	if f.Errs.Fatal() {
		t.Fatal(f.Errs)
	}
	return rules
}

// clock is a clock that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// liveDay loads the day as it came and runs the rules as their times come.
func liveDay(t testing.TB, db *tidemark.DB, c *clock, rows []*testRow, rules []*rule.Rule) {
	t.Helper()
	ctx := context.Background()
	first := rows[0].arrived.Truncate(frequency)
	c.set(first)
	s, err := New(ctx, db, rules, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	end := rows[len(rows)-1].arrived.Add(3 * time.Hour)
	for at := first; at.Before(end); at = at.Add(delay) {
		// All that came in these minutes is loaded a second before their end,
		// so that each row came at one known moment.
		loaded := at.Add(delay - time.Second)
		var text bytes.Buffer
		for len(rows) > 0 && rows[0].arrived.Before(loaded) {
			rows[0].arrived = loaded
			var m map[string]any
			if err := json.Unmarshal([]byte(rows[0].text), &m); err != nil {
				t.Fatal(err)
			}
			m["Type"] = rows[0].table
			b, _ := json.Marshal(m)
			text.Write(append(b, '\n'))
			rows = rows[1:]
		}
		c.set(loaded)
		if text.Len() > 0 {
			st, err := db.Ingest(ctx, &text, tidemark.IngestOptions{})
			if err != nil || st.RowsRejected > 0 {
				t.Fatal(err, st.Rejects)
			}
		}
		c.set(at.Add(delay))
		if err := s.RunDue(ctx); err != nil {
			t.Fatal(err)
		}
	}
}

// naive works out, row by row and tick by tick, what the rules with an alert
// for each row must raise.
func naive(rows []*testRow, from, until time.Time) []string {
	var out []string
	for _, q := range seven {
		fired := map[*testRow]bool{}
		for tick := from; !tick.Add(delay).After(until); tick = tick.Add(frequency) {
			sees := func(r *testRow, at time.Time) bool {
				return q.matches(r) && !r.TimeGenerated.Before(at.Add(-period)) && r.TimeGenerated.Before(at) && !r.arrived.After(tick.Add(delay))
			}
			raise := func(at time.Time, late bool) {
				for _, r := range rows {
					if sees(r, at) && !fired[r] {
						fired[r] = true
						out = append(out, fmt.Sprintf("%s %s tick %s late %v at %s", q.name, key(r.Computer, r.TimeGenerated), stampOf(at), late, stampOf(tick.Add(delay))))
					}
				}
			}
			raise(tick, false)
			for at := tick.Add(-lateness).Truncate(frequency); at.Before(tick); at = at.Add(frequency) {
				if at.Before(from) || at.Before(tick.Add(-lateness)) {
					continue
				}
				// Looked at again only where a row came since, of any kind.
				again := slices.ContainsFunc(rows, func(r *testRow) bool {
					return (r.table == "ConfigurationData") == (q.name == "agent") && !r.TimeGenerated.Before(at.Add(-period)) && r.TimeGenerated.Before(at) &&
						r.arrived.After(tick.Add(delay-frequency)) && !r.arrived.After(tick.Add(delay)) && tick != from
				})
				if again {
					raise(at, true)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// naiveState works out the events of the rules with a state.
func naiveState(rows []*testRow, from, until time.Time) []string {
	var out []string
	for _, q := range seven {
		groups := map[string]bool{}
		for _, r := range rows {
			groups[cmp.Or(r.ConfigChangeType, r.ConfigDataType)] = true
		}
		for g := range groups {
			open, unmet := false, 0
			for tick := from; !tick.Add(delay).After(until); tick = tick.Add(frequency) {
				n := 0
				for _, r := range rows {
					if q.matches(r) && cmp.Or(r.ConfigChangeType, r.ConfigDataType) == g && !r.TimeGenerated.Before(tick.Add(-period)) &&
						r.TimeGenerated.Before(tick) && !r.arrived.After(tick.Add(delay)) {
						n++
					}
				}
				switch {
				case n > 1 && !open:
					open, unmet = true, 0
					out = append(out, fmt.Sprintf("%s Fired %s %d at %s", q.name, g, n, stampOf(tick)))
				case n > 1:
					unmet = 0
				case open:
					if unmet++; unmet == 3 { // Azure's table: three evaluations
						open = false
						out = append(out, fmt.Sprintf("%s Resolved %s at %s", q.name, g, stampOf(tick)))
					}
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

func key(computer string, at time.Time) string {
	return computer + "@" + at.UTC().Format(time.RFC3339Nano)
}
func stampOf(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// TestSevenQuestions runs the seven questions over a day and compares the
// alerts with those that were worked out above without the engine, the rule
// package or the store; and with what a replay gives.
func TestSevenQuestions(t *testing.T) {
	rows := readDay(t)
	c := &clock{}
	db, err := tidemark.Open("", tidemark.Clock(c.Now))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rules := sevenRules(t)
	first := rows[0].arrived.Truncate(frequency)
	liveDay(t, db, c, rows, rules)
	from := first.Add(-frequency) // the last that was due when the rules began

	var each, state []string
	live := map[string]happened{}
	for _, a := range alertRows(t, db) {
		tick := stampOf(a.Time("Tick"))
		live[a.String("AlertId")+a.String("Event")] = happened{a.Time("TimeGenerated"), tick}
		name, stateful := strings.CutSuffix(a.String("RuleName"), " stateful")
		switch {
		case !stateful:
			var result []map[string]any
			if err := json.Unmarshal([]byte(a.String("Rows")), &result); err != nil || len(result) != 1 {
				t.Fatalf("rows of an alert: %v %s", err, a.String("Rows"))
			}
			at, err := rule.ParseTime(result[0]["TimeGenerated"].(string))
			if err != nil {
				t.Fatal(err)
			}
			each = append(each, fmt.Sprintf("%s %s tick %s late %v at %s", name, key(result[0]["Computer"].(string), at), tick, a.Get("Late"), stampOf(a.Time("TimeGenerated"))))
		case a.String("Event") == "Fired":
			state = append(state, fmt.Sprintf("%s Fired %s %v at %s", name, dimension(t, a), a.Get("MetricValue"), tick))
		default:
			state = append(state, fmt.Sprintf("%s Resolved %s at %s", name, dimension(t, a), stampOf(a.Time("TimeGenerated").Add(-delay))))
		}
	}
	slices.Sort(each)
	slices.Sort(state)
	until := c.Now()
	compareLists(t, "an alert a row", naive(rows, from, until), each)
	compareLists(t, "alerts with a state", naiveState(rows, from, until), state)
	late := 0
	for _, s := range each {
		if strings.Contains(s, "late true") {
			late++
		}
	}
	t.Logf("%d rows, %d alerts of rows, %d of them late, %d events with a state", len(rows), len(each), late, len(state))
	if len(each) < 50 || late == 0 || len(state) == 0 {
		t.Error("the day does not try enough")
	}
	compareReplay(t, db, rules, live, from.Add(-1), until)
	compareReplay(t, db, rules, live, from.Add(7*time.Hour), from.Add(13*time.Hour)) // a part of the day, in the middle of what happens
}

// compareReplay replays a time and looks whether what comes out is what the
// live run gave then.
func compareReplay(t *testing.T, db *tidemark.DB, rules []*rule.Rule, live map[string]happened, from, until time.Time) {
	t.Helper()
	replayed := map[string]happened{}
	for _, r := range rules {
		_, err := Replay(t.Context(), db, r, from, until, Ingested, func(e *rule.Event) error {
			if !e.At().After(until) {
				replayed[e.AlertID+string(e.Condition)] = happened{e.At(), stampOf(e.Tick.Now)}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for id, h := range live {
		if !h.at.After(from.Add(delay)) || h.at.After(until) {
			continue
		}
		n++
		if got := replayed[id]; got.tick != h.tick || !got.at.Equal(h.at) {
			t.Errorf("alert %s of tick %s at %s: the replay has %+v", id, h.tick, h.at, got)
		}
	}
	if len(replayed) != n || n == 0 {
		t.Errorf("from %s to %s the replay gives %d events, the live run gave %d", from, until, len(replayed), n)
	}
}

// happened is when an event was, and the tick that it is of.
type happened struct {
	at   time.Time
	tick string
}

func dimension(t *testing.T, a tidemark.Row) string {
	var d map[string]string
	if err := json.Unmarshal([]byte(a.String("Dimensions")), &d); err != nil {
		t.Fatal(err)
	}
	return d["ConfigChangeType"]
}

func alertRows(t testing.TB, db *tidemark.DB) []tidemark.Row {
	t.Helper()
	return queryRows(t, db, "Alerts")
}

func queryRows(t testing.TB, db *tidemark.DB, query string) []tidemark.Row {
	t.Helper()
	res, err := db.Query(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Close()
	var out []tidemark.Row
	for row, err := range res.Rows(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, row)
	}
	return out
}

func compareLists(t *testing.T, what string, want, got []string) {
	t.Helper()
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("%s: missing: %s", what, w)
		}
	}
	for _, g := range got {
		if !slices.Contains(want, g) {
			t.Errorf("%s: not expected: %s", what, g)
		}
	}
	if len(want) != len(got) {
		t.Errorf("%s: want %d, got %d", what, len(want), len(got))
	}
}
