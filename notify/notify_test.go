package notify

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"tidemark/internal/tree"
	"tidemark/rule"
)

// hostile is a name of a file that tries to break out of every wire.
const hostile = "/tmp/\"]\\\r\nBcc: x@y\n<script>\x1b[2J\u202e"

func event() *rule.Event {
	e := rule.Notice(time.Date(2026, 1, 2, 0, 15, 0, 0, time.UTC), hostile+" changed", "It was "+hostile)
	e.Computer, e.Columns, e.Types, e.Rows, e.RowCount = "web-01", []string{"FileSystemPath"}, []string{"string"}, [][]any{{hostile}}, 1
	e.Dimensions = []rule.Pair{{Name: "FileSystemPath", Value: hostile}}
	return e
}

func open(t *testing.T, config string) Target {
	t.Helper()
	f := &tree.File{Text: "x: " + config}
	c := Read(f.Documents()[0])
	if f.Errs.Fatal() {
		t.Fatal(f.Errs)
	}
	target, err := c[0].Open(Env{Getenv: func(string) string { return "" }, Host: "here", Stdout: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { target.Close() })
	return target
}

func send(t *testing.T, target Target) {
	t.Helper()
	if n, err := target.Send(context.Background(), []*rule.Event{event()}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
}

func TestWebhookSignature(t *testing.T) {
	var signature string
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		signature = r.Header.Get("X-Tidemark-Signature")
	}))
	defer s.Close()
	send(t, open(t, fmt.Sprintf("{type: webhook, url: %q, secret: key}", s.URL)))
	at, _, _ := strings.Cut(strings.TrimPrefix(signature, "t="), ",")
	sec, err := strconv.ParseInt(at, 10, 64)
	if err != nil || Signature("key", time.Unix(sec, 0), body) != signature {
		t.Errorf("signature %s: %v", signature, err)
	}
}

// TestSyslog talks to a receiver of RFC 6587 frames.
func TestSyslog(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		r := bufio.NewReader(c)
		size, _ := r.ReadString(' ')
		n, _ := strconv.Atoi(strings.TrimSpace(size))
		b := make([]byte, n)
		io.ReadFull(r, b)
		got <- string(b)
	}()
	send(t, open(t, fmt.Sprintf("{type: syslog, url: 'tcp://%s'}", l.Addr())))
	m := <-got
	if !strings.HasPrefix(m, "<107>1 ") && !strings.HasPrefix(m, "<108>1 ") || strings.ContainsAny(m, "\r\n\x1b") || !strings.Contains(m, `\"\]\\`) {
		t.Errorf("%q", m)
	}
}

// TestMail talks to a small SMTP server.
func TestMail(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := make(chan string, 1)
	go serveMail(l, got)
	send(t, open(t, fmt.Sprintf("{type: smtp, url: 'smtp://%s', startTLS: none, from: a@example.com, to: [b@example.com]}", l.Addr())))
	m := <-got
	head, _, _ := strings.Cut(m, "\r\n\r\n")
	if strings.Contains(head, "\nBcc:") || strings.Contains(m[strings.Index(m, "text/html"):], "<script>") || !strings.Contains(head, event().AlertID+".fired.1@example.com") {
		t.Errorf("%s", m)
	}
}

func serveMail(l net.Listener, got chan<- string) {
	c, err := l.Accept()
	if err != nil {
		return
	}
	defer c.Close()
	r := bufio.NewReader(c)
	fmt.Fprint(c, "220 test\r\n")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		switch word := strings.ToUpper(strings.TrimSpace(line)); {
		case strings.HasPrefix(word, "DATA"):
			fmt.Fprint(c, "354 go\r\n")
			var b strings.Builder
			for {
				line, err := r.ReadString('\n')
				if err != nil || line == ".\r\n" {
					break
				}
				b.WriteString(line)
			}
			got <- b.String()
			fmt.Fprint(c, "250 taken\r\n")
		case strings.HasPrefix(word, "QUIT"):
			fmt.Fprint(c, "221 bye\r\n")
			return
		default:
			fmt.Fprint(c, "250 ok\r\n")
		}
	}
}

func TestFileMovedAway(t *testing.T) {
	dir := t.TempDir()
	target := open(t, fmt.Sprintf("{type: file, path: %q}", dir+"/a"))
	send(t, target)
	if err := os.Rename(dir+"/a", dir+"/b"); err != nil {
		t.Fatal(err)
	}
	send(t, target)
	for _, name := range []string{"/a", "/b"} {
		if b, err := os.ReadFile(dir + name); err != nil || strings.Count(string(b), "\n") != 1 {
			t.Errorf("%s: %q %v", name, b, err)
		}
	}
}

func TestExecIsOff(t *testing.T) {
	f := &tree.File{Text: "x: {type: exec, command: [/bin/true]}"}
	if _, err := Read(f.Documents()[0])[0].Open(Env{Getenv: os.Getenv}); err == nil {
		t.Error("a program may be run")
	}
}
