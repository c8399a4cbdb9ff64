package notify

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tidemark/internal/tree"
	"tidemark/rule"
)

// TestMailServer sends over STARTTLS and TLS with AUTH, and looks at what
// happens where the server wants it otherwise.
func TestMailServer(t *testing.T) {
	server, ca := certificate(t)
	for _, c := range []struct {
		name, config string
		server       *mailServer
		wrap         bool   // TLS from the beginning
		wrong        string // "" is delivered, else temporary or permanent
	}{
		{"starttls and auth", "user: u, password: p, ca: CA", &mailServer{tls: server, user: "u\x00p"}, false, ""},
		{"tls and auth", "user: u, password: p, ca: CA", &mailServer{user: "u\x00p"}, true, ""},
		{"optional starttls", "startTLS: optional", &mailServer{}, false, ""},
		{"no starttls", "ca: CA", &mailServer{}, false, "temporary"},
		{"unknown certificate", "user: u, password: p", &mailServer{tls: server, user: "u\x00p"}, false, "temporary"},
		{"wrong password", "user: u, password: q, ca: CA", &mailServer{tls: server, user: "u\x00p"}, false, "temporary"},
		{"busy", "startTLS: none", &mailServer{answer: func(v string) string { return map[string]string{"RCPT": "451 4.7.1 later"}[v] }}, false, "temporary"},
		{"refused", "startTLS: none", &mailServer{answer: func(v string) string { return map[string]string{"RCPT": "550 5.1.1 nobody"}[v] }}, false, "permanent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.server
			s.Listener = listen(t)
			scheme := "smtp"
			address := s.Addr()
			if c.wrap {
				s.Listener, scheme = tls.NewListener(s.Listener, server), "smtps"
			}
			go s.serve()
			target := open(t, fmt.Sprintf("{type: smtp, url: '%s://%s', from: a@example.com, to: [b@example.com, c@example.com], %s}", scheme, address, strings.ReplaceAll(c.config, "CA", fmt.Sprintf("%q", ca))))
			n, err := target.Send(t.Context(), []*rule.Event{event(), resolved(event())})
			s.mu.Lock()
			defer s.mu.Unlock()
			switch {
			case c.wrong == "":
				if n != 2 || err != nil || len(s.mails) != 2 || s.tls != nil && s.plain > 0 {
					t.Fatalf("%d sent, %d came, %d in plain: %v", n, len(s.mails), s.plain, err)
				}
				e := event()
				head, _, _ := strings.Cut(s.mails[1], "\r\n\r\n")
				for _, want := range []string{"In-Reply-To: <" + e.AlertID + ".fired.1@example.com>", "References: <" + e.AlertID + ".fired.1@example.com>", "Message-ID: <" + e.AlertID + ".resolved.2@example.com>"} {
					if !strings.Contains(strings.ReplaceAll(head, "\r\n ", " "), want) {
						t.Errorf("the head lacks %s:\n%s", want, head)
					}
				}
			case n != 0 || err == nil || len(s.mails) > 0 || IsPermanent(err) != (c.wrong == "permanent"):
				t.Errorf("%d sent, %d came: %v", n, len(s.mails), err)
			}
		})
	}
}

// resolved is the news that an alert is over.
func resolved(e *rule.Event) *rule.Event {
	e.Condition, e.Number, e.Resolved, e.Reason = rule.Resolved, 2, e.Fired.Add(time.Hour), "conditionNotMet"
	return e
}

// TestDigest sends what waits in one mail.
func TestDigest(t *testing.T) {
	s := &mailServer{Listener: listen(t)}
	go s.serve()
	target := open(t, fmt.Sprintf("{type: smtp, url: 'smtp://%s', startTLS: none, digest: true, from: a@example.com, to: [b@example.com]}", s.Addr()))
	if n, err := target.Send(t.Context(), []*rule.Event{event(), resolved(event())}); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	if len(s.mails) != 1 || !strings.Contains(s.mails[0], "2 alerts") {
		t.Errorf("%d mails", len(s.mails))
	}
}

// TestAnswers looks at what answers of HTTP servers mean: sent, to be tried
// again (and when), or refused for good.
func TestAnswers(t *testing.T) {
	var answer atomic.Pointer[http.HandlerFunc]
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*answer.Load())(w, r) }))
	defer s.Close()
	code := func(code int, retry string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", s.URL+"/elsewhere")
			w.Header().Set("Retry-After", retry)
			w.WriteHeader(code)
		}
	}
	target := open(t, fmt.Sprintf("{type: webhook, url: %q, timeout: 1s}", s.URL))
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
		wait   time.Duration
	}{
		{"200", code(200, ""), "sent", 0},
		{"204", code(204, ""), "sent", 0},
		{"302", code(302, ""), "permanent", 0}, // not followed
		{"400", code(400, ""), "permanent", 0},
		{"401", code(401, ""), "again", 0},
		{"404", code(404, ""), "again", 0},
		{"408", code(408, ""), "again", 0},
		{"413", code(413, ""), "permanent", 0},
		{"429", code(429, ""), "again", 0},
		{"429 with seconds", code(429, "7"), "again", 7 * time.Second},
		{"429 with very many", code(429, "999999"), "again", time.Hour},
		{"503 with a date", code(503, time.Now().UTC().Add(time.Minute).Format(http.TimeFormat)), "again", time.Minute},
		{"503 with nonsense", code(503, "soon"), "again", 0},
		{"500", code(500, "9"), "again", 0},
		{"reset", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "again", 0},
		{"slow", func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}, "again", 0},
		{"endless", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				w.Write(make([]byte, 1<<16))
			}
		}, "sent", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer.Store(&c.answer)
			n, err := target.Send(t.Context(), []*rule.Event{event()})
			got := "sent"
			switch {
			case IsPermanent(err):
				got = "permanent"
			case err != nil:
				got = "again"
			}
			if got != c.want || (n == 1) != (err == nil) {
				t.Errorf("%s (%d, %v), want %s", got, n, err, c.want)
			}
			var later *RetryAfter
			if errors.As(err, &later); (later == nil) != (c.wait == 0) || later != nil && (later.Wait > c.wait || later.Wait < c.wait-10*time.Second) {
				t.Errorf("wait: %+v, want %s", later, c.wait)
			}
		})
	}
}

// TestBody compares a message with the common alert schema, log alerts V2.
func TestBody(t *testing.T) {
	e := event()
	e.Dimensions = append(e.Dimensions, rule.Pair{Name: "Resource", Value: "disk"})
	e.Properties = []rule.Pair{{Name: "team", Value: "7"}}
	e.Measure = rule.Measure{Aggregation: "Count", Operator: "GreaterThan", Threshold: 0.5, Bin: 10 * time.Minute, Periods: 1, MinFailing: 1}
	e.Tick.From = e.Tick.Now.Add(-10 * time.Minute)
	e.Query, e.Value = "T", 3
	var m map[string]any
	if err := json.Unmarshal(Body(e, "https://tidemark.example/"), &m); err != nil {
		t.Fatal(err)
	}
	at := func(path string) any {
		v := any(m)
		for k := range strings.SplitSeq(path, ".") {
			if list, ok := v.([]any); ok {
				v = list[0]
			}
			v = v.(map[string]any)[k]
		}
		return v
	}
	for path, want := range map[string]any{
		"schemaId": "azureMonitorCommonAlertSchema", "data.essentials.severity": "Sev2", "data.essentials.signalType": "Log",
		"data.essentials.monitorCondition": "Fired", "data.essentials.monitoringService": "Log Alerts V2", "data.essentials.originAlertId": e.AlertID,
		"data.essentials.firedDateTime": "2026-01-02T00:15:00.000Z", "data.essentials.resolvedDateTime": nil, "data.essentials.essentialsVersion": "1.0",
		"data.alertContext.properties.team": "7", "data.alertContext.conditionType": "LogQueryCriteria", "data.alertContext.condition.windowSize": "PT10M",
		"data.alertContext.condition.allOf.threshold": "0.5", "data.alertContext.condition.allOf.metricValue": 3.0, "data.alertContext.condition.allOf.searchQuery": "T",
		"data.alertContext.condition.allOf.metricMeasureColumn": nil, "data.alertContext.condition.allOf.targetResourceTypes": "['tidemark']",
		"data.alertContext.condition.allOf.failingPeriods.minFailingPeriodsToAlert": 1.0, "data.alertContext.condition.windowStartTime": "2026-01-02T00:05:00.000Z",
		"data.alertContext.condition.windowEndTime": "2026-01-02T00:15:00.000Z", "data.alertContext.IncludedSearchResults": "True",
		"data.alertContext.SearchResults.tables.columns.name": "FileSystemPath", "data.customProperties.team": "7",
	} {
		if got := at(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if items := at("data.essentials.configurationItems").([]any); len(items) != 1 || items[0] != "disk" {
		t.Errorf("configurationItems %v", items)
	}
	for range 100 { // 100 rows of 6 KB
		e.Rows = append(e.Rows, []any{strings.Repeat("x", 6000)})
	}
	if b := Body(e, ""); len(b) > maxBody || !json.Valid(b) {
		t.Errorf("%d bytes", len(b))
	}
}

// TestExec runs a program for each event: the event comes as JSON, nothing of
// it as an argument, and few variables of the environment.
func TestExec(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "page")
	text := "#!/bin/sh\ncat > '" + dir + "/in'\nenv > '" + dir + "/env'\necho \"$#\" > '" + dir + "/args'\n[ ! -e '" + dir + "/fail' ] || { echo broken >&2; exit 3; }\n[ ! -e '" + dir + "/hang' ] || sleep 60\n"
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	f := &tree.File{Text: fmt.Sprintf("x: {type: exec, command: [%q, fixed], timeout: 1s, env: {EXTRA: yes}}", script)}
	target, err := Read(f.Documents()[0])[0].Open(Env{AllowExec: true, Getenv: func(n string) string { return map[string]string{"PATH": os.Getenv("PATH"), "SECRET": "s"}[n] }})
	if err != nil {
		t.Fatal(err)
	}
	send(t, target)
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	var got rule.Event
	if err := json.Unmarshal([]byte(read("in")), &got); err != nil || got.AlertID != event().AlertID || got.Title != event().Title {
		t.Errorf("%v: %s", err, read("in"))
	}
	env := read("env")
	if read("args") != "1\n" || !strings.Contains(env, "EXTRA=yes\n") || !strings.Contains(env, "TIDEMARK_ALERT_ID="+event().AlertID+"\n") || strings.Contains(env, "SECRET") || strings.Contains(env, "tmp/\"") {
		t.Errorf("args %s env %s", read("args"), env)
	}
	for _, wrong := range []struct{ file, says string }{{"fail", "broken"}, {"hang", "took more than"}} {
		if err := os.WriteFile(filepath.Join(dir, wrong.file), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if n, err := target.Send(t.Context(), []*rule.Event{event()}); n != 0 || err == nil || !strings.Contains(err.Error(), wrong.says) || IsPermanent(err) {
			t.Errorf("%s: %d, %v", wrong.file, n, err)
		}
		os.Remove(filepath.Join(dir, wrong.file))
	}
}

// TestAlertmanagerBatch posts alerts one by one where the server refuses them
// together: only the wrong one is refused.
func TestAlertmanagerBatch(t *testing.T) {
	var got []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var all []amAlert
		json.NewDecoder(r.Body).Decode(&all)
		for _, a := range all {
			if a.Labels["computer"] == "bad" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
		}
		for _, a := range all {
			got = append(got, a.Labels["computer"])
		}
	}))
	defer s.Close()
	target := open(t, fmt.Sprintf("{type: alertmanager, url: %q}", s.URL))
	var events []*rule.Event
	for _, c := range []string{"a", "bad", "b"} {
		e := event()
		e.Computer = c
		events = append(events, e)
	}
	n, err := target.Send(context.Background(), events)
	if n != 1 || !IsPermanent(err) || !slices.Equal(got, []string{"a"}) {
		t.Errorf("%d, %v, %v", n, err, got)
	}
	if n, err = target.Send(context.Background(), events[2:]); n != 1 || err != nil {
		t.Error(n, err)
	}
}

// freePort is one that nobody listens at.
func freePort(t *testing.T) string {
	l := listen(t)
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}
