package rule

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// step runs one tick of a rule that has not run before.
func step(t *testing.T, text, rows, tick string) (*State, *Result) {
	t.Helper()
	st, res, err := ruleOf(t, text).Step(t.Context(), &State{}, clockTime(t, tick), &memory{rows: rowsOf(t, rows)})
	if err != nil {
		t.Fatal(err)
	}
	return st, res
}

// TestCaps looks at evaluations that would raise more alerts than may be: the
// last is a summary of all others, and nothing of them comes again.
func TestCaps(t *testing.T) {
	const text = "name: x\nqueryFrequency: 5m\nqueryPeriod: 10m\nquery: T\ntidemark: {queryDelay: 0m%s}\n"
	perResult := fmt.Sprintf(text, "") + "eventGroupingSettings: {aggregationKind: AlertPerResult}\n"
	byComputer := fmt.Sprintf(text, ", measure: {dimensions: [Computer]}")
	for _, c := range []struct {
		name, rule      string
		rows, want, sum int
	}{
		{"150 of 150 rows", perResult, 150, 150, 0},
		{"151 rows", perResult, 151, 150, 2},
		{"1000 rows", perResult, 1000, 150, 851},
		{"300 of 300 computers", byComputer, 300, 300, 0},
		{"301 computers", byComputer, 301, 300, 2},
		{"with a state", strings.Replace(byComputer, "{", "{autoMitigate: true, ", 1), 1000, 300, 701},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows := fmt.Sprintf("%d* 00:01 00:01 c 1 x", c.rows)
			st, res := step(t, c.rule, rows, "00:05")
			if len(res.Events) != c.want || res.Left != c.sum {
				t.Fatalf("%d events, %d left", len(res.Events), res.Left)
			}
			if last := res.Events[len(res.Events)-1]; c.sum > 0 && (!last.Summary || last.RowCount != int64(c.sum) || last.Title != fmt.Sprintf("x: %d more alerts", c.sum)) {
				t.Errorf("the summary is %s", describe(last))
			}
			_, res, err := ruleOf(t, c.rule).Step(t.Context(), st, clockTime(t, "00:10"), &memory{rows: rowsOf(t, rows)})
			if err != nil || len(res.Events) > 0 {
				t.Errorf("the next tick has %d events, %v", len(res.Events), err)
			}
		})
	}
	t.Run("rows beyond those that are told apart", func(t *testing.T) {
		_, res := step(t, perResult, fmt.Sprintf("%d* 00:01 00:01 c 1 x", 2*maxKept+7), "00:05")
		if n := len(res.Events); n != maxResults || res.Events[n-1].RowCount != int64(2*maxKept+7-maxResults+1) {
			t.Errorf("%d events, the last %s", n, describe(res.Events[n-1]))
		}
	})
	t.Run("dimensions", func(t *testing.T) {
		_, _, err := ruleOf(t, byComputer).Step(t.Context(), &State{}, clockTime(t, "00:05"), &memory{rows: rowsOf(t, fmt.Sprintf("%d* 00:01 00:01 c 1 x", maxGroups+1))})
		if err == nil {
			t.Error("there may be any number of dimensions")
		}
	})
}

// TestEventRows looks at how much of the rows an alert carries.
func TestEventRows(t *testing.T) {
	const text = "name: x\nqueryFrequency: 5m\nqueryPeriod: 5m\nquery: T\ntidemark: {queryDelay: 0m}\n"
	_, res := step(t, text, "250* 00:01 00:01 c 1 x", "00:05")
	if e := res.Events[0]; len(e.Rows) != maxEventRows || e.RowCount != 250 || e.Computer != "" {
		t.Errorf("%d rows of %d, computer %q", len(e.Rows), e.RowCount, e.Computer)
	}
	_, res = step(t, text, "50* 00:01 00:01 c 1 "+strings.Repeat("x", 10_000), "00:05")
	if e := res.Events[0]; len(e.Rows) == 0 || len(e.Rows)*10_000 > maxRowBytes {
		t.Errorf("%d rows", len(e.Rows))
	}
	_, res = step(t, text, "00:01 00:01 c 1 x\n00:02 00:02 c 1 y", "00:05")
	if e := res.Events[0]; e.Computer != "c" || !reflect.DeepEqual(e.Trimmed(1).Rows, [][]any{}) || len(e.Rows) != 2 {
		t.Errorf("computer %q, %v", e.Computer, e.Rows)
	}
}

func TestOperators(t *testing.T) {
	for word, want := range map[string][3]bool{ // of 1, 2 and 3 against 2
		"gt": {false, false, true}, "GreaterThan": {false, false, true}, "ge": {false, true, true}, "GreaterThanOrEqual": {false, true, true},
		"lt": {true, false, false}, "LessThan": {true, false, false}, "le": {true, true, false}, "LessThanOrEqual": {true, true, false},
		"eq": {false, true, false}, "Equal": {false, true, false}, "Equals": {false, true, false}, "ne": {true, false, true}, "NotEqual": {true, false, true},
	} {
		r := ruleOf(t, "name: x\nqueryFrequency: 5m\nqueryPeriod: 5m\ntriggerOperator: "+strings.ToUpper(word)+"\ntriggerThreshold: 2\nquery: T\n")
		var got [3]bool
		for i := range got {
			got[i] = r.Measure.meets(float64(i + 1))
		}
		if got != want {
			t.Errorf("%s: %v, want %v", word, got, want)
		}
	}
}

func TestSeverities(t *testing.T) {
	for text, want := range map[string]Severity{"High": 1, "medium": 2, "LOW": 3, "Informational": 4, "Information": 4, "Critical": 0, "Sev0": 0, "sev4": 4, "0": 0, "4": 4} {
		if got, err := ParseSeverity(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "5", "-1", "Sev5", "Urgent"} {
		if got, err := ParseSeverity(text); err == nil {
			t.Errorf("%s gives %v", text, got)
		}
	}
}

// TestTicks looks at when rules run: on a grid from 1970 or startTimeUtc, and
// a delay later.
func TestTicks(t *testing.T) {
	for _, c := range []struct{ frequency, start, delay, now, want string }{
		{"5m", "", "0m", "00:07:30", "00:05:00"},
		{"5m", "", "0m", "00:05:00", "00:05:00"},
		{"5m", "", "5m", "00:09:59", "00:00:00"},
		{"5m", "", "5m", "00:10:00", "00:05:00"},
		{"7m", "2026-01-01T23:58:00Z", "0m", "00:12:00", "00:12:00"},
		{"7m", "2026-01-03T00:00:00Z", "0m", "00:18:59", "00:12:00"}, // the grid goes back
		{"1d", "", "0m", "13:00", "00:00:00"},
	} {
		text := "name: x\nqueryFrequency: " + c.frequency + "\nqueryPeriod: 1d\nquery: T\ntidemark: {queryDelay: " + c.delay + "}\n"
		if c.start != "" {
			text += "startTimeUtc: " + c.start + "\n"
		}
		r := ruleOf(t, text)
		got := r.TickBefore(clockTime(t, c.now))
		if got.Format("15:04:05") != c.want {
			t.Errorf("%+v: %s", c, got.Format("15:04:05"))
		}
		if next := r.Next(got); r.Started(got) && next.Sub(got) != r.Frequency {
			t.Errorf("%+v: the next is %s", c, next)
		}
		tick := r.TickAt(got)
		if !tick.AsOf.Equal(r.Due(got)) || tick.Now.Sub(tick.From) != 24*time.Hour {
			t.Errorf("%+v: %+v", c, tick)
		}
	}
}

// TestGap looks at a program that was down: windows since are looked at again
// for as long as lateness, since agents send late what they wrote meanwhile.
func TestGap(t *testing.T) {
	r := ruleOf(t, "name: x\nqueryFrequency: 5m\nqueryPeriod: 5m\nquery: T\ntidemark: {queryDelay: 0m, lateness: 30m}\n")
	d := &memory{rows: rowsOf(t, "10:00 00:02 a 1 x\n10:10 02:01 b 1 x\n")}
	run := func(gap bool) []string {
		st := &State{}
		var got []string
		for tick := clockTime(t, "00:00"); !tick.After(clockTime(t, "11:00")); tick = tick.Add(5 * time.Minute) {
			if gap && tick.Equal(clockTime(t, "10:00")) {
				st.Tick = clockTime(t, "02:00") // as if none had run since
				st = st.Gap(r, tick)
			}
			next, res, err := r.Step(t.Context(), st, tick, d)
			if err != nil {
				t.Fatal(err)
			}
			st = next
			for _, e := range res.Events {
				got = append(got, describe(e))
			}
		}
		return got
	}
	if got := run(false); got != nil {
		t.Errorf("without a gap: %v", got)
	}
	want := []string{`10:10:00 Fired Sev2 "x" rows 1 value 1 late tick 02:05:00`}
	if got := run(true); !slices.Equal(got, want) {
		t.Errorf("after a gap: %v, want %v", got, want)
	}
}
