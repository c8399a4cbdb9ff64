package alert

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidemark"
	"tidemark/internal/tree"
	"tidemark/notify"
)

// targets makes the targets that a configuration describes.
func targets(t *testing.T, config string) []*Target {
	t.Helper()
	f := &tree.File{Name: "targets.yaml", Text: config}
	configs := notify.Read(f.Documents()[0])
	if f.Errs.Fatal() {
		t.Fatal(f.Errs)
	}
	var out []*Target
	for _, c := range configs {
		target, err := c.Open(notify.Env{Getenv: os.Getenv, Host: "here"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { target.Close() })
		out = append(out, &Target{Name: c.Name, Target: target, Delivery: c.Opts})
	}
	return out
}

// waitFor waits until something is true.
func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after 30 s: not %s", what)
		}
	}
}

// silentServer takes connections and never answers.
func silentServer(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
		}
	}()
	return l
}

// TestDeadTargets sends to a target that fails at random and to a file, beside
// one that never answers and one that is not there: those that live get all,
// those that are dead hold up nobody, and get all when they come back.
func TestDeadTargets(t *testing.T) {
	const alerts = 8
	c := &clock{now: killStart.Add(-time.Minute)}
	dir := t.TempDir()
	db, err := tidemark.Open(filepath.Join(dir, "db"), tidemark.Clock(c.Now))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	h := newHook(t)
	dead := silentServer(t)
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	all := []string{"dead", "am", "gone", "log", "hook", "file"}
	const config = `{"dead": {"type": "webhook", "url": "http://%[1]s", "timeout": "1h"}, "am": {"type": "alertmanager", "url": "http://%[1]s", "timeout": "1h"},
"gone": {"type": "webhook", "url": "http://%[2]s"}, "log": {"type": "syslog", "url": "tcp://%[2]s"}, "hook": {"type": "webhook", "url": %[3]q}, "file": {"type": "file", "path": %[4]q}}`
	path := filepath.Join(dir, "alerts.ndjson")
	rules := parseRules(t, killRule)
	s, err := New(t.Context(), db, rules, targets(t, fmt.Sprintf(config, dead.Addr(), gone.Addr(), h.URL, path)), Options{Default: all})
	if err != nil {
		t.Fatal(err)
	}
	c.set(killStart.Add(30 * time.Second))
	var rows strings.Builder
	for i := range alerts {
		fmt.Fprintf(&rows, `{"Type":"ConfigurationChange","TimeGenerated":%q,"Computer":"c%d"}`+"\n", killStart.Add(20*time.Second).Format(time.RFC3339), i)
	}
	if _, err := db.Ingest(t.Context(), strings.NewReader(rows.String()), tidemark.IngestOptions{}); err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	c.set(killStart.Add(time.Minute))
	go func() { ended <- s.Run(running) }()
	waitFor(t, "everything at the hook", func() bool { return h.count() == alerts })
	waitFor(t, "everything in the file", func() bool { b, _ := os.ReadFile(path); return bytes.Count(b, []byte("\n")) == alerts })
	s.outbox.refresh(running, s.Firing(), s.actions) // returns at once, though am hangs
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if n := s.outbox.waiting(); n < 4*alerts {
		t.Errorf("%d messages wait, want those of four targets", n)
	}
	// They come back, and have changed their addresses.
	again := newHook(t)
	var posted atomic.Int64
	am := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var batch []any
		json.NewDecoder(r.Body).Decode(&batch)
		posted.Add(int64(len(batch)))
	}))
	defer am.Close()
	host := strings.TrimPrefix(again.URL, "http://")
	back := strings.Replace(fmt.Sprintf(config, host, host, h.URL, path), `"am": {"type": "alertmanager", "url": "http://`+host, `"am": {"type": "alertmanager", "url": "`+am.URL, 1)
	back = strings.Replace(back, `"log": {"type": "syslog", "url": "tcp://`+host+`"}`, `"log": {"type": "file", "path": "`+path+`.2"}`, 1)
	s, err = New(t.Context(), db, rules, targets(t, back), Options{Default: all})
	if err != nil {
		t.Fatal(err)
	}
	if left := s.Drain(t.Context()); left > 0 {
		t.Errorf("%d messages are left", left)
	}
	if again.count() != alerts || posted.Load() != alerts {
		t.Errorf("%d and %d alerts came, want %d", again.count(), posted.Load(), alerts)
	}
	for key := range again.got {
		if h.got[key] == 0 {
			t.Errorf("the key %s is another than at first", key)
		}
	}
}

// TestRefused looks at a message that its receiver does not want: it is on
// record, and the next ones are sent.
func TestRefused(t *testing.T) {
	c := &clock{now: killStart.Add(-time.Minute)}
	db, err := tidemark.Open("", tidemark.Clock(c.Now))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var taken atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		b.ReadFrom(r.Body)
		if strings.Contains(b.String(), `"c1"`) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		taken.Add(1)
	}))
	defer server.Close()
	s, err := New(t.Context(), db, parseRules(t, killRule), targets(t, fmt.Sprintf("hook: {type: webhook, url: %q}", server.URL)), Options{Default: []string{"hook"}})
	if err != nil {
		t.Fatal(err)
	}
	c.set(killStart.Add(30 * time.Second))
	for i := range 3 {
		line := fmt.Sprintf(`{"Type":"ConfigurationChange","TimeGenerated":%q,"Computer":"c%d"}`+"\n", killStart.Add(20*time.Second).Format(time.RFC3339), i)
		if _, err := db.Ingest(t.Context(), strings.NewReader(line), tidemark.IngestOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	c.set(killStart.Add(time.Minute))
	if err := s.RunDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := s.Drain(t.Context()); left > 0 || taken.Load() != 2 {
		t.Errorf("%d left, %d taken", left, taken.Load())
	}
	rows := queryRows(t, db, `RuleHealth | where Status == "Undeliverable"`)
	if len(rows) != 1 || rows[0].String("Target") != "hook" || rows[0].String("AlertId") == "" {
		t.Errorf("%d rows of RuleHealth", len(rows))
	}
}
