package notify

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"tidemark/internal/tree"
	"tidemark/rule"
)

func init() {
	register(&Kind{
		Name: "syslog",
		Doc:  "Sends each event as a message of RFC 5424, over UDP, TCP (RFC 6587) or TLS (RFC 5425).",
		setup: func(*tree.Node) ([]tree.Field, func(string, Env) (Target, error)) {
			s := &syslog{facility: 13, pen: 32473}
			facility := "13"
			fields := append([]tree.Field{
				{Name: "url", Doc: "udp://host:514, tcp://host:601 or tls://host:6514.", Read: textField(&s.url)},
				{Name: "facility", Doc: "Facility, a number or a name such as local0; 13, log audit.", Read: textField(&facility)},
				{Name: "enterprise", Doc: "Private enterprise number of the structured data.", Read: func(n *tree.Node) { n.Int(&s.pen, 0, 1<<31-1) }},
				{Name: "hostname", Doc: "Name of the sender; this machine's where absent.", Read: textField(&s.host)},
			}, s.trust.fields()...)
			return fields, func(_ string, env Env) (Target, error) { return s.open(facility, env) }
		},
	})
}

// syslog sends messages. A connection is opened when it is first needed and
// again after it has failed.
type syslog struct {
	url      string
	facility int
	pen      int
	host     string
	trust    trust

	network, address string
	tls              *tls.Config
	conn             net.Conn
	gone             chan struct{} // closed when the other end has hung up
}

var facilities = strings.Fields("kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock local0 local1 local2 local3 local4 local5 local6 local7")

// severities are those of syslog for Sev0 to Sev4.
var severities = []int{2, 3, 4, 6, 7}

func (s *syslog) open(facility string, env Env) (Target, error) {
	u, err := url.Parse(s.url)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%q is no URL such as tcp://host:601", s.url)
	}
	ports := map[string]string{"udp": "514", "tcp": "601", "tls": "6514"}
	port, ok := ports[u.Scheme]
	if !ok {
		return nil, fmt.Errorf("%q begins with none of udp, tcp and tls", s.url)
	}
	s.network, s.address = u.Scheme, u.Host
	if u.Port() == "" {
		s.address = net.JoinHostPort(u.Hostname(), port)
	}
	if s.network == "tls" {
		if s.tls, err = s.trust.config(); err != nil {
			return nil, err
		}
		s.tls.ServerName = u.Hostname()
	}
	if s.facility, err = strconv.Atoi(facility); err != nil || s.facility < 0 || s.facility > 23 {
		s.facility = -1
		for i, name := range facilities {
			if strings.EqualFold(name, facility) {
				s.facility = i
			}
		}
		if s.facility < 0 {
			return nil, fmt.Errorf("%q is no facility; there are 0 to 23 and %s", facility, strings.Join(facilities, ", "))
		}
	}
	if s.host == "" {
		s.host = env.Host
	}
	return s, nil
}

func (s *syslog) Send(ctx context.Context, events []*rule.Event) (int, error) {
	return each(events, func(e *rule.Event) error {
		m := s.message(e, maxValue)
		if s.network == "udp" && len(m) > maxDatagram {
			m = s.message(e, maxValue/10)
		}
		return s.write(ctx, m)
	})
}

func (s *syslog) write(ctx context.Context, message string) error {
	if s.conn != nil && s.hungUp() {
		s.drop()
	}
	if s.conn == nil {
		if err := s.dial(ctx); err != nil {
			return err
		}
	}
	if s.network != "udp" {
		message = strconv.Itoa(len(message)) + " " + message // octet counting
	}
	s.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
	if _, err := s.conn.Write([]byte(message)); err != nil {
		s.drop()
		return err
	}
	return nil
}

func (s *syslog) dial(ctx context.Context) error {
	d := net.Dialer{Timeout: 10 * time.Second}
	var err error
	if s.network == "tls" {
		s.conn, err = (&tls.Dialer{NetDialer: &d, Config: s.tls}).DialContext(ctx, "tcp", s.address)
	} else {
		s.conn, err = d.DialContext(ctx, s.network, s.address)
	}
	if err != nil {
		s.conn = nil
		return err
	}
	// Syslog has no answers. What one can know is that the other end has hung
	// up, so that the next message does not vanish into a dead connection.
	if s.network != "udp" {
		s.gone = make(chan struct{})
		go func(c net.Conn, gone chan struct{}) {
			defer close(gone)
			for b := make([]byte, 256); ; {
				if _, err := c.Read(b); err != nil {
					return
				}
			}
		}(s.conn, s.gone)
	}
	return nil
}

func (s *syslog) hungUp() bool {
	select {
	case <-s.gone: // nil for UDP, which blocks for ever
		return true
	default:
		return false
	}
}

func (s *syslog) drop() {
	s.conn.Close()
	if s.gone != nil {
		<-s.gone
	}
	s.conn, s.gone = nil, nil
}

func (s *syslog) Close() error {
	if s.conn != nil {
		s.drop()
	}
	return nil
}

// Bounds of messages. A datagram that is too long for its receiver is lost, and
// one beyond 64 KiB cannot be sent at all.
const (
	maxValue    = 1000 // bytes of a value
	maxDatagram = 8 << 10
)

// message is an event as a syslog message, its values cut to so many bytes.
// See https://www.rfc-editor.org/rfc/rfc5424
func (s *syslog) message(e *rule.Event, most int) string {
	params := []rule.Pair{
		{Name: "rule", Value: e.RuleName}, {Name: "ruleId", Value: e.RuleID}, {Name: "state", Value: string(e.Condition)},
		{Name: "sev", Value: strconv.Itoa(int(e.Severity))}, {Name: "alertId", Value: e.AlertID}, {Name: "key", Value: e.Key()},
		{Name: "computer", Value: e.Computer}, {Name: "count", Value: strconv.FormatInt(e.RowCount, 10)},
		{Name: "tick", Value: stamp(e.Tick.Now)},
	}
	for _, d := range e.Dimensions {
		if d.Name != "Computer" {
			params = append(params, rule.Pair{Name: "dim." + d.Name, Value: d.Value})
		}
	}
	for _, d := range e.CustomDetails {
		params = append(params, rule.Pair{Name: "detail." + d.Name, Value: d.Value})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<%d>1 %s %s tidemark %d ALERT [tidemark@%d", s.facility*8+severities[e.Severity], e.At().UTC().Format("2006-01-02T15:04:05.000000Z"),
		header(s.host, 255), os.Getpid(), s.pen)
	for _, p := range params {
		if p.Value != "" {
			fmt.Fprintf(&b, ` %s="%s"`, header(strings.NewReplacer("=", "_", `"`, "_", "]", "_").Replace(p.Name), 32), param(p.Value, most))
		}
	}
	b.WriteString("] \ufeff" + line(e.Title))
	if e.Description != "" && e.Description != e.Title {
		b.WriteString(": " + line(cut(e.Description, most)))
	}
	return b.String()
}

// header keeps the visible characters of ASCII, as headers must have.
func header(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return '_'
		}
		return r
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(len(s), most)]
}

// param escapes the value of a parameter.
func param(s string, most int) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, `]`, `\]`).Replace(line(cut(s, most)))
}

// line makes one line of visible characters of a text: nothing in it can end a
// message early, begin another or move the cursor of who reads it.
func line(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// cut shortens a text to so many bytes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
