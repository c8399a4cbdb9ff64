package notify

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// certificate is one for 127.0.0.1 and the file of who has signed it.
func certificate(t *testing.T) (*tls.Config, string) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: s.TLS.Certificates}, path
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// syslogMessage is a message of RFC 5424, taken apart by its grammar.
type syslogMessage struct {
	pri                                int
	time                               time.Time
	host, app, proc, id, element, text string
	params                             map[string]string
}

var syslogHead = regexp.MustCompile(`^<(\d{1,3})>1 (\S+) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) \[([!-~]{1,32})`)
var syslogParam = regexp.MustCompile(`^ ([^\x00-\x20"=\]\x7f-\xff]{1,32})="((?:[^"\\\]]|\\["\\\]])*)"`)

func parseSyslog(t *testing.T, s string) syslogMessage {
	t.Helper()
	h := syslogHead.FindStringSubmatch(s)
	if h == nil {
		t.Fatalf("no head of RFC 5424: %q", s)
	}
	m := syslogMessage{host: h[3], app: h[4], proc: h[5], id: h[6], element: h[7], params: map[string]string{}}
	m.pri, _ = strconv.Atoi(h[1])
	var err error
	if m.time, err = time.Parse("2006-01-02T15:04:05.999999Z07:00", h[2]); err != nil {
		t.Fatal(err)
	}
	rest := s[len(h[0]):]
	for {
		p := syslogParam.FindStringSubmatch(rest)
		if p == nil {
			break
		}
		m.params[p[1]] = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\]`, `]`).Replace(p[2])
		rest = rest[len(p[0]):]
	}
	text, ok := strings.CutPrefix(rest, "] \ufeff")
	if !ok || strings.ContainsAny(text, "\r\n\x1b\x00") {
		t.Fatalf("after the structured data: %q", rest)
	}
	m.text = text
	return m
}

// frame reads one message with its count of octets, as RFC 6587 and 5425 have it.
func frame(r *bufio.Reader) (string, error) {
	size, err := r.ReadString(' ')
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(size, " "))
	if err != nil {
		return "", err
	}
	b := make([]byte, n)
	_, err = io.ReadFull(r, b)
	return string(b), err
}

// TestSyslogReceivers sends to receivers of each transport: several messages
// over one connection, and more after the receiver has hung up.
func TestSyslogReceivers(t *testing.T) {
	server, ca := certificate(t)
	for _, network := range []string{"udp", "tcp", "tls"} {
		t.Run(network, func(t *testing.T) {
			got := make(chan string, 10)
			address := ""
			if network == "udp" {
				c, err := net.ListenPacket("udp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				address = c.LocalAddr().String()
				go func() {
					b := make([]byte, 1<<16)
					for {
						n, _, err := c.ReadFrom(b)
						if err != nil {
							return
						}
						got <- string(b[:n])
					}
				}()
			} else {
				l := listen(t)
				address = l.Addr().String()
				if network == "tls" {
					l = tls.NewListener(l, server)
				}
				go serveFrames(l, got)
			}
			target := open(t, fmt.Sprintf("{type: syslog, url: '%s://%s', facility: local3, ca: %q, enterprise: 99}", network, address, map[bool]string{true: ca}[network == "tls"]))
			for i := range 4 {
				send(t, target)
				m := parseSyslog(t, <-got)
				e := event()
				if m.pri != 19*8+severities[e.Severity] || m.host != "here" || m.app != "tidemark" || m.id != "ALERT" || m.element != "tidemark@99" ||
					!m.time.Equal(e.Fired) || m.params["alertId"] != e.AlertID || m.params["key"] != e.Key() || m.params["computer"] != "web-01" ||
					m.params["state"] != "Fired" || m.params["dim.FileSystemPath"] != line(hostile) || !strings.HasPrefix(m.text, line(hostile)+" changed: ") {
					t.Errorf("message %d: %+v", i, m)
				}
				if i == 1 && network != "udp" { // the receiver hangs up after two
					<-target.(*syslog).gone
				}
			}
		})
	}
}

// serveFrames takes two messages of each connection and hangs up.
func serveFrames(l net.Listener, got chan<- string) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		r := bufio.NewReader(c)
		for range 2 {
			m, err := frame(r)
			if err != nil {
				break
			}
			got <- m
		}
		c.Close()
	}
}

// TestSyslogDatagram looks at an alert with more to tell than a datagram holds.
func TestSyslogDatagram(t *testing.T) {
	s := &syslog{facility: 13, pen: 1, network: "udp"}
	e := event()
	for range 20 {
		e.CustomDetails = append(e.CustomDetails, e.Dimensions[0])
		e.CustomDetails[len(e.CustomDetails)-1].Value = strings.Repeat(`"`, 10_000)
	}
	if m := s.message(e, maxValue/10); len(m) > maxDatagram {
		t.Errorf("%d bytes", len(m))
	}
	parseSyslog(t, s.message(e, maxValue))
}

// mailServer is a small SMTP server that knows STARTTLS and AUTH PLAIN, and
// answers as it is told.
type mailServer struct {
	net.Listener
	tls    *tls.Config
	user   string // "user\x00password"; "" asks for none
	answer func(verb string) string

	mu    sync.Mutex
	mails []string
	plain int // mails that came without TLS
}

func (s *mailServer) serve() {
	for {
		c, err := s.Accept()
		if err != nil {
			return
		}
		go s.talk(c)
	}
}

func (s *mailServer) talk(c net.Conn) {
	defer func() { c.Close() }()
	r := bufio.NewReader(c)
	say := func(format string, args ...any) { fmt.Fprintf(c, format+"\r\n", args...) }
	say("220 test ESMTP")
	secure, known := false, s.user == ""
	for {
		text, err := r.ReadString('\n')
		if err != nil {
			return
		}
		word := strings.Fields(strings.TrimSpace(text) + " ")
		verb := strings.ToUpper(word[0])
		if s.answer != nil {
			if a := s.answer(verb); a != "" {
				say("%s", a)
				continue
			}
		}
		switch verb {
		case "EHLO":
			say("250-test")
			if s.tls != nil && !secure {
				say("250-STARTTLS")
			} else if s.user != "" {
				say("250-AUTH PLAIN")
			}
			say("250 8BITMIME")
		case "STARTTLS":
			say("220 go")
			t := tls.Server(c, s.tls)
			if t.Handshake() != nil {
				return
			}
			c, secure, r = t, true, bufio.NewReader(t)
		case "AUTH":
			b, _ := base64.StdEncoding.DecodeString(word[len(word)-1])
			if known = string(b) == "\x00"+s.user; !known {
				say("535 5.7.8 not you")
				continue
			}
			say("235 welcome")
		case "MAIL", "RCPT":
			if !known {
				say("530 5.7.0 who are you")
				continue
			}
			say("250 ok")
		case "DATA":
			say("354 go")
			var b strings.Builder
			for {
				text, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if text == ".\r\n" {
					break
				}
				b.WriteString(text)
			}
			s.mu.Lock()
			s.mails = append(s.mails, b.String())
			if !secure {
				s.plain++
			}
			s.mu.Unlock()
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}
