package alert

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"tidemark"
	"tidemark/internal/tree"
	"tidemark/notify"
)

// hook is a receiver that fails at random, before or after it has taken a
// message.
type hook struct {
	mu  sync.Mutex
	got map[string]int // by key
	*httptest.Server
}

func newHook(t *testing.T) *hook {
	h := &hook{got: map[string]int{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var m struct {
			Data struct {
				Essentials struct{ OriginAlertID, MonitorCondition string }
			}
		}
		key := r.Header.Get("Idempotency-Key")
		if err := json.Unmarshal(body, &m); err != nil || !strings.HasPrefix(key, m.Data.Essentials.OriginAlertID+"/"+m.Data.Essentials.MonitorCondition+"/") {
			t.Errorf("body %.100s with key %s: %v", body, key, err)
		}
		switch rand.N(10) {
		case 0:
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		case 1:
			panic(http.ErrAbortHandler)
		}
		h.mu.Lock()
		h.got[key]++
		h.mu.Unlock()
		if rand.N(10) == 0 {
			panic(http.ErrAbortHandler) // taken, and the answer is lost
		}
	}))
	h.Config.ErrorLog = nil
	t.Cleanup(h.Close)
	return h
}

// count is how many different messages it has taken.
func (h *hook) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.got)
}

const killRule = `id: 00000000-0000-4000-8000-00000000abcd
name: each row
kind: Scheduled
severity: High
queryFrequency: 1m
queryPeriod: 1m
triggerOperator: gt
triggerThreshold: 0
query: ConfigurationChange | project TimeGenerated, Computer
eventGroupingSettings: {aggregationKind: AlertPerResult}
tidemark: {queryDelay: 0m}
`

func hookTarget(t testing.TB, url string) *Target {
	f := &tree.File{Text: fmt.Sprintf(`{"hook": {"type": "webhook", "url": %q}}`, url)}
	configs := notify.Read(f.Documents()[0])
	if f.Errs.Fatal() {
		t.Fatal(f.Errs)
	}
	target, err := configs[0].Open(notify.Env{Getenv: os.Getenv})
	if err != nil {
		t.Fatal(err)
	}
	return &Target{Name: "hook", Target: target, Delivery: configs[0].Opts}
}

var killStart = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)

// killRounds is how often TestKill ends the program, and killMinutes how many
// ticks there are: each round has some that the one before had not.
func killRounds() int {
	if n, err := strconv.Atoi(os.Getenv("TIDEMARK_KILL_ROUNDS")); err == nil {
		return n
	}
	return 3
}

var killMinutes = max(12, 3*killRounds())

// TestKillChild is the program that TestKill ends: each round has ticks
// that the one before had not.
func TestKillChild(t *testing.T) {
	dir, url := os.Getenv("TIDEMARK_KILL_DB"), os.Getenv("TIDEMARK_KILL_URL")
	if dir == "" {
		t.Skip("is run by TestKill")
	}
	now, err := time.Parse(time.RFC3339, os.Getenv("TIDEMARK_KILL_NOW"))
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{now: now}
	db, err := tidemark.Open(dir, tidemark.Clock(c.Now))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	rules := parseRules(t, killRule)
	s, err := New(ctx, db, rules, []*Target{hookTarget(t, url)}, Options{Default: []string{"hook"}})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("ready")
	s.outbox.start(ctx)
	if err := s.RunDue(ctx); err != nil {
		t.Fatal(err)
	}
	for s.outbox.waiting() > 0 {
		time.Sleep(5 * time.Millisecond)
	}
	fmt.Println("done")
	db.Close()
}

// TestKill ends the program at random moments, again and again, and looks
// whether each alert came and none came that should not. With
// TIDEMARK_KILL_ROUNDS=50 it does so fifty times.
func TestKill(t *testing.T) {
	rounds := killRounds()
	h := newHook(t)
	dir := t.TempDir()
	want := killDatabase(t, dir)
	killed := 0
	// The end comes at any moment of what a run takes on this machine, from
	// when the database is open.
	span := 200 * time.Millisecond
	for round := 0; ; round++ {
		last := killed == rounds || round == killMinutes
		now := killStart.Add(time.Duration(min(killMinutes, round+1)) * time.Minute)
		if last {
			now = killStart.Add(time.Duration(killMinutes) * time.Minute)
		}
		child := exec.Command(os.Args[0], "-test.run=TestKillChild$")
		child.Env = append(os.Environ(), "TIDEMARK_KILL_DB="+dir, "TIDEMARK_KILL_URL="+h.URL,
			"TIDEMARK_KILL_NOW="+now.Format(time.RFC3339))
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		text := ""
		for lines := bufio.NewScanner(out); lines.Scan(); text += lines.Text() + "\n" {
			if lines.Text() == "ready" && !last {
				time.AfterFunc(rand.N(span), func() { child.Process.Kill() })
			}
		}
		err = child.Wait()
		switch {
		case last && err != nil:
			t.Fatalf("%v\n%s", err, text)
		case err == nil:
			span = span * 3 / 4
		case !strings.Contains(text, "ready"):
			t.Fatalf("%v\n%s", err, text)
		default:
			killed++
		}
		if last {
			break
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	twice := 0
	for _, k := range want {
		switch n := h.got[k]; {
		case n == 0:
			t.Errorf("the alert %s never came", k)
		case n > 1:
			twice++
		}
	}
	if len(h.got) != len(want) {
		t.Errorf("%d alerts came, %d are right", len(h.got), len(want))
	}
	t.Logf("%d of %d rounds killed, %d alerts, %d came more than once", killed, rounds, len(want), twice)
}

// killDatabase makes the database of TestKill and returns the keys of the
// alerts that its rows must give, as a run gives them that nobody disturbs.
func killDatabase(t *testing.T, dir string) []string {
	t.Helper()
	c := &clock{now: killStart.Add(-time.Second)}
	db, err := tidemark.Open(dir, tidemark.Clock(c.Now))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := t.Context()
	rules := parseRules(t, killRule)
	s, err := New(ctx, db, rules, nil, Options{}) // its first tick is killStart - 1m
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RunDue(ctx); err != nil {
		t.Fatal(err)
	}
	for i := range killMinutes {
		at := killStart.Add(time.Duration(i) * time.Minute).Add(20 * time.Second)
		c.set(at)
		line := fmt.Sprintf(`{"Type":"ConfigurationChange","TimeGenerated":%q,"Computer":"c%d"}`, at.Add(-time.Second).Format(time.RFC3339), i)
		if _, err := db.Ingest(ctx, strings.NewReader(line+"\n"), tidemark.IngestOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	// A copy of the ticks in memory says what is right.
	st := s.rules[0].state
	var want []string
	for tick := rules[0].Next(st.Tick); !tick.After(killStart.Add(time.Duration(killMinutes) * time.Minute)); tick = tick.Add(time.Minute) {
		next, res, err := rules[0].Step(ctx, st, tick, &Data{DB: db})
		if err != nil {
			t.Fatal(err)
		}
		st = next
		for _, e := range res.Events {
			want = append(want, e.Key())
		}
	}
	if len(want) != killMinutes {
		t.Fatalf("%d alerts, want %d", len(want), killMinutes)
	}
	return want
}
