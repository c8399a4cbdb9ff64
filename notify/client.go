package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"tidemark/internal/tree"
	"tidemark/rule"
)

// secret is a password or key: in the file, in the environment, or in a file
// of its own.
type secret struct{ value, env, file string }

// fields are the keys name, nameEnv and nameFile.
func (s *secret) fields(name, doc string) []tree.Field {
	return []tree.Field{
		{Name: name, Doc: doc, Read: textField(&s.value)},
		{Name: name + "Env", Doc: "The environment variable that holds it.", Read: textField(&s.env)},
		{Name: name + "File", Doc: "The file that holds it.", Read: textField(&s.file)},
	}
}

// get looks the secret up; "" where there is none.
func (s *secret) get(env Env) (string, error) {
	switch {
	case s.env != "":
		v := env.Getenv(s.env)
		if v == "" {
			return "", fmt.Errorf("the environment variable %s is not set", s.env)
		}
		return v, nil
	case s.file != "":
		b, err := os.ReadFile(s.file)
		return strings.TrimRight(string(b), "\r\n"), err
	}
	return s.value, nil
}

// trust says which servers to believe.
type trust struct {
	ca, cert, key string
	insecure      bool
}

func (t *trust) fields() []tree.Field {
	return []tree.Field{
		{Name: "ca", Doc: "File with the certificates to trust, in PEM; the system's where absent.", Read: textField(&t.ca)},
		{Name: "cert", Doc: "File with a certificate of our own, in PEM.", Read: textField(&t.cert)},
		{Name: "key", Doc: "File with its key.", Read: textField(&t.key)},
		{Name: "insecureSkipVerify", Doc: "true: believe any certificate. For tests.", Read: boolField(&t.insecure)},
	}
}

func (t *trust) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: t.insecure}
	if t.ca != "" {
		b, err := os.ReadFile(t.ca)
		if err != nil {
			return nil, err
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(b) {
			return nil, fmt.Errorf("%s holds no certificate", t.ca)
		}
	}
	if (t.cert == "") != (t.key == "") {
		return nil, errors.New("cert and key go together")
	}
	if t.cert != "" {
		pair, err := tls.LoadX509KeyPair(t.cert, t.key)
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// httpClient is how a target reaches its server.
type httpClient struct {
	url      string
	headers  []rule.Pair
	proxy    string
	timeout  time.Duration
	trust    trust
	user     string
	password secret
	token    secret
	sign     secret
}

func (h *httpClient) fields() []tree.Field {
	out := []tree.Field{
		{Name: "url", Doc: "Where to send.", Read: textField(&h.url)},
		{Name: "headers", Doc: "Further headers of the request.", Read: mapField(&h.headers)},
		{Name: "proxy", Doc: "URL of a proxy; none: no proxy. The environment's where absent.", Read: textField(&h.proxy)},
		{Name: "timeout", Doc: "How long to wait for an answer; 10s.", Read: durationField(&h.timeout)},
		{Name: "user", Doc: "User name, for basic authentication.", Read: textField(&h.user)},
	}
	out = append(out, h.password.fields("password", "Password of the user.")...)
	out = append(out, h.token.fields("token", "Bearer token.")...)
	return append(out, h.trust.fields()...)
}

// sender posts JSON.
type sender struct {
	client                    *http.Client
	url                       string
	headers                   []rule.Pair
	user, password, tok, sign string
	agent                     string
	now                       func() time.Time
}

func (h *httpClient) open(env Env) (*sender, error) {
	u, err := url.Parse(h.url)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is no URL such as https://host/path", h.url)
	}
	s := &sender{url: h.url, headers: h.headers, user: h.user, agent: "tidemark/" + env.Version, now: time.Now}
	for _, x := range []struct {
		from *secret
		into *string
	}{{&h.password, &s.password}, {&h.token, &s.tok}, {&h.sign, &s.sign}} {
		if *x.into, err = x.from.get(env); err != nil {
			return nil, err
		}
	}
	tr := http.DefaultTransport.(*http.Transport).Clone()
	if tr.TLSClientConfig, err = h.trust.config(); err != nil {
		return nil, err
	}
	switch {
	case h.proxy == "none":
		tr.Proxy = nil
	case h.proxy != "":
		p, err := url.Parse(h.proxy)
		if err != nil || p.Host == "" {
			return nil, fmt.Errorf("%q is no URL of a proxy", h.proxy)
		}
		tr.Proxy = http.ProxyURL(p)
	}
	if h.timeout <= 0 {
		h.timeout = 10 * time.Second
	}
	s.client = &http.Client{Transport: tr, Timeout: h.timeout,
		// A receiver that sends us elsewhere is not the one that was configured.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return s, nil
}

func (s *sender) close() error {
	s.client.CloseIdleConnections()
	return nil
}

// post sends a body. The key tells receivers that a message is one they have
// had.
func (s *sender) post(ctx context.Context, body []byte, key string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", s.agent)
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	if s.user != "" {
		req.SetBasicAuth(s.user, s.password)
	}
	if s.tok != "" {
		req.Header.Set("Authorization", "Bearer "+s.tok)
	}
	if s.sign != "" {
		req.Header.Set("X-Tidemark-Signature", Signature(s.sign, s.now(), body))
	}
	for _, h := range s.headers {
		req.Header.Set(h.Name, h.Value)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
	io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20)) // so that the connection can be used again
	return judge(resp, answer, s.now())
}

// judge says what an answer means.
func judge(resp *http.Response, answer []byte, now time.Time) error {
	code := resp.StatusCode
	if code >= 200 && code < 300 {
		return nil
	}
	err := fmt.Errorf("the answer was %s: %s", resp.Status, strings.TrimSpace(strings.ToValidUTF8(string(answer), "\ufffd")))
	switch {
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable:
		if wait := retryAfter(resp.Header, now); wait > 0 {
			return &RetryAfter{err, wait}
		}
		return err
	case code >= 500, code == http.StatusRequestTimeout, code == http.StatusConflict, code == http.StatusTooEarly:
		return err
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusNotFound:
		return err // a token expires, a route is not there yet: that gets repaired
	}
	return &Permanent{err}
}

// maxRetryAfter bounds how long a receiver can make us wait.
const maxRetryAfter = time.Hour

// retryAfter is how long a receiver asks us to wait: seconds, or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if n, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(n, 0), int(maxRetryAfter/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return 0
}

// Signature is what receivers check: t=SECONDS,v1=HEX, the HMAC-SHA256 of
// "SECONDS.BODY".
func Signature(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(t + "."))
	m.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(m.Sum(nil))
}
