package alert

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tidemark"
	"tidemark/rule"
)

// RunTest runs a test that a rule file holds, in a database of its own, and
// returns how the outcome differs from what is expected. Rows count as having
// come when they were generated.
func RunTest(ctx context.Context, r *rule.Rule, t *rule.Test) ([]string, error) {
	db, err := tidemark.Open("")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	for _, in := range t.Rows {
		if err := load(ctx, db, filepath.Dir(r.Source.File.Name), in); err != nil {
			return nil, err
		}
	}
	return r.RunTest(ctx, t, &Data{DB: db, Generated: true})
}

// RunTests runs the tests of rules, several at a time: most of what one takes
// is waiting for the disk. The function returned waits for a test and gives
// what is wrong.
func RunTests(ctx context.Context, rules []*rule.Rule) func(*rule.Test) []string {
	done := map[*rule.Test]chan []string{}
	atOnce := make(chan struct{}, 8)
	for _, r := range rules {
		for _, t := range r.Tests {
			c := make(chan []string, 1)
			done[t] = c
			go func() {
				atOnce <- struct{}{}
				wrong, err := RunTest(ctx, r, t)
				<-atOnce
				if err != nil {
					wrong = append(wrong, err.Error())
				}
				c <- wrong
			}()
		}
	}
	return func(t *rule.Test) []string { return <-done[t] }
}

func load(ctx context.Context, db *tidemark.DB, dir string, in rule.Input) error {
	o := tidemark.IngestOptions{Table: in.Table, Source: in.Path}
	text := in.Text
	if in.Path != "" {
		b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(in.Path)))
		if err != nil {
			return err
		}
		text = string(b)
	}
	st, err := db.Ingest(ctx, strings.NewReader(text), o)
	if err != nil {
		return fmt.Errorf("load the rows of the test: %w", err)
	}
	if st.RowsRejected > 0 {
		return fmt.Errorf("load the rows of the test: %d were rejected, the first for: %s", st.RowsRejected, st.Rejects[0].Reason)
	}
	return nil
}
