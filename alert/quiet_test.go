package alert

import (
	"strings"
	"testing"
	"time"

	"tidemark"
)

// What is loaded quietly alerts nobody; what comes afterwards does.
func TestQuiet(t *testing.T) {
	at := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	c := &clock{now: at}
	db, err := tidemark.Open("", tidemark.Clock(c.Now))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	load := func(computer string) error {
		line := `{"Type":"ConfigurationChange","TimeGenerated":"` + c.Now().Format(time.RFC3339) + `","Computer":"` + computer + `"}`
		_, err := db.Ingest(t.Context(), strings.NewReader(line), tidemark.IngestOptions{})
		return err
	}
	c.set(at.Add(10 * time.Second))
	if err := Quiet(t.Context(), db, func() error { c.set(at.Add(20 * time.Second)); return load("quiet") }); err != nil {
		t.Fatal(err)
	}
	c.set(at.Add(30 * time.Second))
	if err := load("loud"); err != nil {
		t.Fatal(err)
	}
	c.set(at.Add(time.Minute))
	s, err := New(t.Context(), db, parseRules(t, killRule), nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows := alertRows(t, db)
	if len(rows) != 1 || !strings.Contains(rows[0].String("Rows"), "loud") {
		t.Errorf("%d alerts", len(rows))
	}
}
