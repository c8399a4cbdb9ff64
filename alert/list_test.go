package alert

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tidemark"
)

// TestList raises alerts on seven machines, a minute apart, says something
// about some of them, and asks for lists.
func TestList(t *testing.T) {
	c := &clock{now: killStart.Add(-time.Minute)}
	db, err := tidemark.Open("", tidemark.Clock(c.Now))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rules := parseRules(t, strings.Replace(killRule, "queryDelay: 0m", "queryDelay: 0m, actions: [nobody]", 1))
	s, err := New(t.Context(), db, rules, nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := List(t.Context(), db, Filter{}); err != nil || len(got) > 0 {
		t.Fatal(got, err)
	}
	minute := func(n int) time.Time { return killStart.Add(time.Duration(n) * time.Minute) }
	for i := range 7 {
		at := minute(i).Add(20 * time.Second)
		c.set(at)
		line := fmt.Sprintf(`{"Type":"ConfigurationChange","TimeGenerated":%q,"Computer":"c%d"}`+"\n", at.Format(time.RFC3339), i)
		if _, err := db.Ingest(t.Context(), strings.NewReader(line), tidemark.IngestOptions{}); err != nil {
			t.Fatal(err)
		}
		c.set(minute(i + 1))
		if err := s.RunDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ids := map[string]string{}
	all, err := List(t.Context(), db, Filter{})
	if err != nil || len(all) != 7 {
		t.Fatal(len(all), err)
	}
	for i, a := range all {
		computer := fmt.Sprint("c", 6-i)
		ids[computer] = a.ID
		found, err := Find(t.Context(), db, a.ID[:30])
		if err != nil {
			t.Fatal(err)
		}
		if a.Fired != found.Fired || a.Name != found.Name || a.Severity != found.Severity || a.RuleID != found.RuleID || a.RuleName != found.RuleName ||
			a.RowCount != found.RowCount || a.State() != found.State() || !strings.Contains(string(found.Rows), `"`+computer+`"`) || found.Query == "" || len(found.History) != 1 {
			t.Errorf("the list has %+v, and there is %+v", a, found)
		}
	}
	c.set(minute(10))
	for _, n := range []struct{ computer, event, disposition string }{
		{"c1", "Acknowledged", ""}, {"c2", "Acknowledged", "TruePositive"}, {"c2", "Closed", "BenignPositive"}, {"c3", "Commented", ""}, {"c4", "Closed", ""}} {
		c.set(c.Now().Add(time.Second))
		if _, err := Write(t.Context(), db, ids[n.computer], Note{Event: n.event, User: "me", Comment: "x", Disposition: n.disposition}); err != nil {
			t.Fatal(err)
		}
	}
	for _, x := range []struct {
		filter Filter
		want   string
	}{
		{Filter{}, "c6 Fired;c5 Fired;c4 Closed;c3 Fired;c2 Closed BenignPositive;c1 Acknowledged;c0 Fired"},
		{Filter{Limit: 2}, "c6 Fired;c5 Fired"},
		{Filter{State: "fired"}, "c6 Fired;c5 Fired;c3 Fired;c0 Fired"},
		{Filter{State: Open, Limit: 3}, "c6 Fired;c5 Fired;c3 Fired"},
		{Filter{State: "Closed"}, "c4 Closed;c2 Closed BenignPositive"},
		{Filter{State: "Acknowledged"}, "c1 Acknowledged"},
		{Filter{State: "Resolved"}, ""},
		{Filter{From: minute(6)}, "c6 Fired;c5 Fired"},
		{Filter{From: minute(2), To: minute(4)}, "c2 Closed BenignPositive;c1 Acknowledged"},
		{Filter{Rule: "EACH"}, "c6 Fired;c5 Fired;c4 Closed;c3 Fired;c2 Closed BenignPositive;c1 Acknowledged;c0 Fired"},
		{Filter{Rule: "another"}, ""},
		{Filter{Computer: "C5"}, "c5 Fired"},
		{Filter{Computer: "c"}, ""},
		{Filter{Severity: "Sev0"}, ""},
		{Filter{Severity: "Sev1", Limit: 1}, "c6 Fired"},
	} {
		got, err := List(t.Context(), db, x.filter)
		if err != nil {
			t.Fatal(err)
		}
		var text []string
		for _, a := range got {
			text = append(text, strings.TrimSpace(a.Computer+" "+a.State()+" "+a.Disposition))
		}
		if strings.Join(text, ";") != x.want {
			t.Errorf("%+v\ngot  %s\nwant %s", x.filter, strings.Join(text, ";"), x.want)
		}
	}
	if _, err := Find(t.Context(), db, ""); err == nil {
		t.Error("no identifier finds an alert")
	}
	if _, err := Find(t.Context(), db, "x"); err == nil || !strings.Contains(err.Error(), "there is no alert") {
		t.Error(err)
	}
}
