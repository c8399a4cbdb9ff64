package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"tidemark/internal/tree"
	"tidemark/rule"
)

func init() {
	register(&Kind{
		Name: "smtp",
		Doc:  "Sends mail: one for each event, or a digest. What is about one alert makes one thread.",
		setup: func(*tree.Node) ([]tree.Field, func(string, Env) (Target, error)) {
			s := &smtp{rows: 20}
			fields := append([]tree.Field{
				{Name: "url", Doc: "smtp://host:587 (STARTTLS), smtps://host:465 (TLS).", Read: textField(&s.url)},
				{Name: "startTLS", Doc: "required, optional or none; required.", Read: func(n *tree.Node) { n.Word(&s.startTLS, "required", "optional", "none") }},
				{Name: "user", Doc: "User name.", Read: textField(&s.user)},
				{Name: "from", Doc: "Sender.", Read: textField(&s.from)},
				{Name: "to", Doc: "Receivers.", Read: textsField(&s.to)},
				{Name: "rows", Doc: "How many rows a mail shows; 20.", Read: func(n *tree.Node) { n.Int(&s.rows, 0, 100) }},
				{Name: "digest", Doc: "true: what waits goes into one mail.", Read: boolField(&s.digest)},
			}, s.password.fields("password", "Password of the user.")...)
			return append(fields, s.trust.fields()...), func(_ string, env Env) (Target, error) { return s.open(env) }
		},
	})
}

type smtp struct {
	url, startTLS, user, from string
	to                        []string
	rows                      int
	digest                    bool
	password                  secret
	trust                     trust

	host   string
	port   int
	tls    *tls.Config
	secret string
	env    Env
	domain string
}

func (s *smtp) open(env Env) (Target, error) {
	u, err := url.Parse(s.url)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, fmt.Errorf("%q is no URL such as smtp://host:587", s.url)
	}
	s.host, s.port = u.Hostname(), 587
	if u.Scheme == "smtps" {
		s.port, s.startTLS = 465, "tls"
	}
	if p := u.Port(); p != "" {
		if s.port, err = strconv.Atoi(p); err != nil {
			return nil, fmt.Errorf("%q is no port", p)
		}
	}
	if s.tls, err = s.trust.config(); err != nil {
		return nil, err
	}
	s.tls.ServerName = s.host
	if s.secret, err = s.password.get(env); err != nil {
		return nil, err
	}
	if s.from == "" || len(s.to) == 0 {
		return nil, errors.New("mail needs from and to")
	}
	if err := mail.NewMsg().From(s.from); err != nil {
		return nil, err
	}
	if err := mail.NewMsg().To(s.to...); err != nil {
		return nil, err
	}
	s.domain = strings.Trim(s.from[strings.LastIndexByte(s.from, '@')+1:], "<> ")
	s.env = env
	return s, nil
}

func (s *smtp) Send(ctx context.Context, events []*rule.Event) (int, error) {
	if s.digest && len(events) > 1 {
		if err := s.deliver(ctx, events); err != nil {
			return 0, err
		}
		return len(events), nil
	}
	return each(events, func(e *rule.Event) error { return s.deliver(ctx, []*rule.Event{e}) })
}

func (s *smtp) Close() error { return nil }

func (s *smtp) deliver(ctx context.Context, events []*rule.Event) error {
	m, err := s.mail(events)
	if err != nil {
		return &Permanent{err}
	}
	o := []mail.Option{mail.WithPort(s.port), mail.WithTLSConfig(s.tls), mail.WithTimeout(20 * time.Second), mail.WithHELO(heloName(s.env.Host))}
	switch s.startTLS {
	case "tls":
		o = append(o, mail.WithSSL())
	case "none":
		o = append(o, mail.WithTLSPolicy(mail.NoTLS))
	case "optional":
		o = append(o, mail.WithTLSPolicy(mail.TLSOpportunistic))
	default:
		o = append(o, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if s.user != "" {
		o = append(o, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.user), mail.WithPassword(s.secret))
	}
	c, err := mail.NewClient(s.host, o...)
	if err != nil {
		return err
	}
	err = c.DialAndSendWithContext(ctx, m)
	var refused *mail.SendError
	if errors.As(err, &refused) && !refused.IsTemp() && refused.ErrorCode() >= 500 {
		return &Permanent{err}
	}
	return err
}

// heloName is a name that servers accept: an address in brackets where the
// machine has no proper one.
func heloName(host string) string {
	if host == "" || header(host, 255) != host {
		return "localhost"
	}
	if net.ParseIP(host) != nil {
		return "[" + host + "]"
	}
	return host
}

// mail writes events as one mail. Headers are encoded by the library; what
// rows hold goes into them as one line.
func (s *smtp) mail(events []*rule.Event) (*mail.Msg, error) {
	m := mail.NewMsg()
	if err := m.From(s.from); err != nil {
		return nil, err
	}
	if err := m.To(s.to...); err != nil {
		return nil, err
	}
	e := events[0]
	if len(events) == 1 {
		m.Subject(cut(line(fmt.Sprintf("[%s] %s: %s", e.Severity, e.Condition, e.Title)), 250))
		// Where the same mail is sent twice, its name shows it.
		m.SetMessageIDWithValue(fmt.Sprintf("%s.%s.%d@%s", e.AlertID, strings.ToLower(string(e.Condition)), e.Number, s.domain))
		root := fmt.Sprintf("<%s.fired.1@%s>", e.AlertID, s.domain)
		if e.Number > 1 {
			m.SetGenHeader(mail.HeaderInReplyTo, root)
			m.SetGenHeader(mail.HeaderReferences, root)
		}
	} else {
		m.Subject(fmt.Sprintf("[%s] %d alerts", worst(events), len(events)))
		m.SetMessageIDWithValue(fmt.Sprintf("%s.digest.%d@%s", e.AlertID, len(events), s.domain))
	}
	m.SetDateWithValue(e.At())
	m.SetGenHeader(mail.HeaderXAutoResponseSuppress, "All")
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	if worst(events) <= 1 {
		m.SetImportance(mail.ImportanceHigh)
	}
	m.SetBodyString(mail.TypeTextPlain, s.plain(events))
	m.AddAlternativeString(mail.TypeTextHTML, s.html(events))
	return m, nil
}

func worst(events []*rule.Event) rule.Severity {
	w := events[0].Severity
	for _, e := range events {
		w = min(w, e.Severity)
	}
	return w
}
