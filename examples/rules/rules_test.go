package rules

import (
	"testing"

	"tidemark"
	"tidemark/alert"
	"tidemark/rule"
)

// TestRules checks the rules and runs the tests that they hold.
func TestRules(t *testing.T) {
	db, err := tidemark.Open("")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	set, err := rule.Load([]string{"."}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Lint(alert.Check(db), nil); err != nil {
		t.Fatal(err)
	}
	for _, f := range set.Files {
		for _, e := range f.Errs {
			t.Errorf("%s: %s", f.Name, e.Render(f.Text, func(s string) int { return len(s) }))
		}
	}
	if len(set.Rules) < 9 {
		t.Fatalf("%d rules", len(set.Rules))
	}
	results := alert.RunTests(t.Context(), set.Rules)
	for _, r := range set.Rules {
		if len(r.Tests) == 0 {
			t.Errorf("%s has no test", r.Name)
		}
		for _, test := range r.Tests {
			for _, wrong := range results(test) {
				t.Errorf("%s: %s: %s", r.Name, test.Name, wrong)
			}
		}
	}
}
