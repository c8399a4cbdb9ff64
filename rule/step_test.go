package rule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"tidemark/internal/tree"
	"tidemark/table"
	"tidemark/window"
)

// midnight is the day of the tests below, which give times of day only.
var midnight = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)

// memory is data for rules without engine and store: it knows the views of
// rules from their definition, and of queries what these tests need:
// T | where What == "x" | where ingestion_time() > ago(10m)
type memory struct {
	rows []memoryRow
	fail func(now time.Time) error
}

type memoryRow struct {
	arrived, at    time.Time
	computer, what string
	size           int64
}

var memoryColumns = []table.Column{{Name: "TimeGenerated", Type: table.Datetime}, {Name: "Computer", Type: table.String},
	{Name: "Size", Type: table.Long}, {Name: "What", Type: table.String}, {Name: "CorrelationId", Type: table.String}}

func (m *memory) sees(r memoryRow, v window.View) bool {
	at, arrived := ticks(r.at), ticks(r.arrived)
	return (v.From == 0 || at >= v.From) && (v.To == 0 || at < v.To) && (v.After == 0 || arrived > v.After) && (v.Upto == 0 || arrived <= v.Upto) &&
		(v.MaxAge == 0 || r.arrived.Sub(r.at) <= v.MaxAge.Go())
}

func (m *memory) Query(_ context.Context, text string, now time.Time, v window.View, rows Receiver) ([]string, error) {
	if m.fail != nil {
		if err := m.fail(now); err != nil {
			return nil, err
		}
	}
	cols := slices.Clone(memoryColumns)
	if !strings.Contains(text, "correlated") {
		cols = cols[:4]
	}
	if err := rows.Columns(cols); err != nil {
		return nil, err
	}
	for _, r := range m.rows {
		if _, after, ok := strings.Cut(text, `What == "`); ok && !strings.HasPrefix(after, r.what+`"`) {
			continue
		}
		if _, after, ok := strings.Cut(text, "ingestion_time() > ago("); ok {
			d, err := ParseDuration(after[:strings.IndexByte(after, ')')])
			if err != nil {
				return nil, err
			}
			if !r.arrived.After(now.Add(-d)) {
				continue
			}
		}
		if m.sees(r, v) {
			values := []any{ticks(r.at), r.computer, r.size, r.what, r.what}
			if r.size < 0 {
				values[2] = nil
			}
			if err := rows.Row(values[:len(cols)]); err != nil {
				return nil, err
			}
		}
	}
	return []string{"T"}, nil
}

func (m *memory) Arrivals(_ context.Context, _ string, v window.View) ([]table.Time, error) {
	var out []table.Time
	for _, r := range m.rows {
		if m.sees(r, v) {
			out = append(out, ticks(r.at))
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// TestSteps runs the ticks of the rules in testdata/steps and compares what
// happens with section want, which was worked out by hand from ALERT_RULES
// (docs/rules.md, How a rule is evaluated).
//
//	-- rule --   a rule
//	-- rows --   when each row came, was generated, computer, size, what
//	-- run --    ticks after the first time up to the second
//	-- want --   when, what, severity, title, rows, value, and the tick
func TestSteps(t *testing.T) {
	paths, err := filepath.Glob("testdata/steps/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { runSteps(t, path) })
	}
}

func runSteps(t *testing.T, path string) {
	ar, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r *Rule
	d := &memory{}
	var from, until time.Time
	changed := false
	for i := range ar.Files {
		f := &ar.Files[i]
		switch strings.Fields(f.Name)[0] {
		case "rule":
			r = ruleOf(t, string(f.Data))
		case "rows":
			d.rows = rowsOf(t, string(f.Data))
		case "run":
			w := strings.Fields(string(f.Data))
			from, until = clockTime(t, w[0]), clockTime(t, w[1])
		case "want":
			got := run(t, r, d, from, until)
			if got != string(f.Data) && !*update {
				t.Errorf("%s: got\n%swant\n%s", f.Name, got, f.Data)
			}
			changed = changed || got != string(f.Data)
			f.Data = []byte(got)
		}
	}
	if changed && *update {
		if err := os.WriteFile(path, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func ruleOf(t *testing.T, text string) *Rule {
	t.Helper()
	f := &tree.File{Name: "rule.yaml", Text: text}
	rules := Read(f, Options{})
	if len(rules) != 1 || f.Errs.Fatal() {
		t.Fatal(len(rules), f.Errs)
	}
	return rules[0]
}

// clockTime is a time of the day, or of one before it: -1.23:00.
func clockTime(t *testing.T, s string) time.Time {
	t.Helper()
	back := 0
	if days, rest, ok := strings.Cut(s, "."); ok {
		n, err := strconv.Atoi(days)
		if err != nil {
			t.Fatal(err)
		}
		back, s = n, rest
	}
	if strings.Count(s, ":") == 1 {
		s += ":00"
	}
	at, err := time.Parse("15:04:05", s)
	if err != nil {
		t.Fatal(err)
	}
	return midnight.AddDate(0, 0, back).Add(at.Sub(at.Truncate(24 * time.Hour)))
}

func rowsOf(t *testing.T, text string) []memoryRow {
	t.Helper()
	var out []memoryRow
	for line := range strings.Lines(text) {
		w := strings.Fields(line)
		if len(w) == 0 || w[0] == "#" {
			continue
		}
		times := 1
		if n, ok := strings.CutSuffix(w[0], "*"); ok {
			times, _ = strconv.Atoi(n)
			w = w[1:]
		}
		size, err := strconv.ParseInt(w[3], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		for i := range times {
			r := memoryRow{clockTime(t, w[0]), clockTime(t, w[1]), w[2], w[4], size}
			if times > 1 {
				r.computer += strconv.Itoa(i)
			}
			out = append(out, r)
		}
	}
	return out
}

// run runs the ticks and tells what happened. Each state goes through JSON, as
// it does in the database, and the run is done twice: it must not depend on
// anything but rule, ticks and data.
func run(t *testing.T, r *Rule, d *memory, from, until time.Time) string {
	t.Helper()
	var first string
	for try := range 2 {
		var out strings.Builder
		st := &State{}
		keys := map[string]bool{}
		for tick := r.Next(from); !tick.After(until); tick = r.Next(tick) {
			before := jsonOf(t, st)
			next, res, err := r.Step(t.Context(), st, tick, d)
			if err != nil {
				t.Fatal(err)
			}
			if jsonOf(t, st) != before {
				t.Error("a step has changed the state that it was given")
			}
			st = &State{}
			if err := json.Unmarshal([]byte(jsonOf(t, next)), st); err != nil {
				t.Fatal(err)
			}
			if jsonOf(t, st) != jsonOf(t, next) {
				t.Error("the state is not what was written")
			}
			for _, e := range res.Events {
				if keys[e.Key()] {
					t.Errorf("the key %s is there twice", e.Key())
				}
				keys[e.Key()] = true
				out.WriteString(describe(e) + "\n")
			}
			if res.Left > 0 || res.Missed > 0 {
				fmt.Fprintf(&out, "%s left %d missed %d\n", tick.Format("15:04:05"), res.Left, res.Missed)
			}
		}
		if try == 1 && out.String() != first {
			t.Errorf("once more it is different:\n%s\n%s", first, out.String())
		}
		first = out.String()
	}
	return first
}

// describe is an event as one line.
func describe(e *Event) string {
	text := fmt.Sprintf("%s %s %s %q", e.At().Format("15:04:05"), e.Condition, e.Severity, e.Title)
	if e.Condition == Fired {
		text += fmt.Sprintf(" rows %d value %v", e.RowCount, e.Value)
	}
	for _, p := range e.Dimensions {
		text += " " + p.Name + "=" + p.Value
	}
	for what, is := range map[string]bool{" late": e.Late, " muted": e.Muted, " summary": e.Summary} {
		if is {
			text += what
		}
	}
	if e.Reason != "" {
		text += " " + e.Reason
	}
	for _, more := range []struct {
		name  string
		value any
	}{{"description", e.Description}, {"entities", e.Entities}, {"details", e.CustomDetails}, {"properties", e.Properties}, {"tactics", e.Tactics}} {
		if v := reflect.ValueOf(more.value); v.Len() > 0 {
			b, _ := json.Marshal(more.value)
			text += " " + more.name + " " + string(b)
		}
	}
	return text + " tick " + e.Tick.Now.Format("15:04:05")
}

// TestFail looks at ticks that fail: nothing fires and nothing is resolved, the
// third in a row is an alert, and what was missed is made up for.
func TestFail(t *testing.T) {
	r := ruleOf(t, "name: x\nqueryFrequency: 5m\nqueryPeriod: 5m\nquery: T\ntidemark: {queryDelay: 0m, autoMitigate: true, measure: {dimensions: [Computer]}}\n")
	d := &memory{rows: rowsOf(t, "00:01 00:01 a 1 x\n00:11 00:11 b 1 x\n")}
	why := errors.New("no memory")
	var got []string
	st := &State{}
	for tick := clockTime(t, "00:05"); !tick.After(clockTime(t, "00:45")); tick = tick.Add(5 * time.Minute) {
		d.fail = nil
		if tick.After(clockTime(t, "00:05")) && tick.Before(clockTime(t, "00:30")) {
			d.fail = func(now time.Time) error { return why }
		}
		next, res, err := r.Step(t.Context(), st, tick, d)
		var events []*Event
		if err != nil {
			next, events = r.Fail(st, tick, err)
		} else {
			events = res.Events
		}
		st = next
		for _, e := range events {
			got = append(got, describe(e))
		}
	}
	want := []string{
		`00:05:00 Fired Sev2 "x" rows 1 value 1 Computer=a tick 00:05:00`,
		`00:20:00 Fired Sev2 "The rule \"x\" fails" rows 0 value 0 description "The query of the rule has failed at 3 ticks in a row: no memory" tick 00:20:00`,
		`00:30:00 Resolved Sev2 "The rule \"x\" fails" recovered description "The query of the rule has failed at 3 ticks in a row: no memory" tick 00:20:00`,
		`00:30:00 Fired Sev2 "x" rows 1 value 1 Computer=b late tick 00:15:00`,
		`00:40:00 Resolved Sev2 "x" Computer=a conditionNotMet tick 00:05:00`,
		`00:45:00 Resolved Sev2 "x" Computer=b late conditionNotMet tick 00:15:00`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(st.Retry) > 0 || st.Failures > 0 {
		t.Errorf("still to do: %v, %d failures", st.Retry, st.Failures)
	}
}

// TestEdited looks at a rule whose query changes, and at one of which only the
// name does.
func TestEdited(t *testing.T) {
	const text = "id: a\nname: x\nqueryFrequency: 5m\nqueryPeriod: 10m\nquery: T\ntidemark: {queryDelay: 0m, autoMitigate: true}\n"
	d := &memory{rows: rowsOf(t, "00:01 00:01 a 1 x\n00:06 00:06 a 1 y\n")}
	for edit, want := range map[string][]string{
		"name: x|name: new": nil,
		"autoMitigate: true|autoMitigate: true, lateness: 2h": nil,
		`query: T|query: 'T | where What == "y"'`: {
			`00:10:00 Resolved Sev2 "x" ruleChanged tick 00:05:00`,
			`00:10:00 Fired Sev2 "x" rows 1 value 1 tick 00:10:00`},
		"autoMitigate: true|autoMitigate: true, measure: {dimensions: [Computer]}": {
			`00:10:00 Resolved Sev2 "x" ruleChanged tick 00:05:00`,
			`00:10:00 Fired Sev2 "x" rows 2 value 2 Computer=a tick 00:10:00`},
	} {
		st, _, err := ruleOf(t, text).Step(t.Context(), &State{}, clockTime(t, "00:05"), d)
		if err != nil {
			t.Fatal(err)
		}
		from, to, _ := strings.Cut(edit, "|")
		_, res, err := ruleOf(t, strings.Replace(text, from, to, 1)).Step(t.Context(), st, clockTime(t, "00:10"), d)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range res.Events {
			got = append(got, describe(e))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s\ngot  %v\nwant %v", edit, got, want)
		}
	}
}
