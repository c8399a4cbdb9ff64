package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"tidemark"
	"tidemark/table"
)

// Client is a database that another process has open.
type Client struct {
	path string
	http *http.Client
}

// Dial finds the service that listens at a socket. The error is ErrNobody where
// there is none, or one that this user may not ask.
func Dial(path string) (*Client, error) {
	c, err := net.DialTimeout("unix", path, time.Second)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNobody, err)
	}
	c.Close()
	// Each question has a connection of its own: so it is known whether a
	// service that has ended was asked or not.
	return &Client{path, &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			conn, err := d.DialContext(ctx, "unix", path)
			if err != nil && ctx.Err() == nil {
				err = fmt.Errorf("%w: %w", ErrNobody, err)
			}
			return conn, err
		}}}}, nil
}

// Close ends the use of the service, which goes on.
func (c *Client) Close() error { return nil }

// post sends a question and returns the answer, unless the service refused.
func (c *Client) post(ctx context.Context, what string, question any) (*http.Response, error) {
	b, err := json.Marshal(question)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://tidemark"+what, bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	req.Header.Set(versionHeader, wireVersion)
	resp, err := c.http.Do(req)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, ErrNobody):
		return nil, err
	default:
		return nil, lost(err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	var f failure
	if err := json.NewDecoder(resp.Body).Decode(&f); err != nil || f.Text == "" {
		return nil, fmt.Errorf("the service that has the database open cannot answer this: %s", resp.Status)
	}
	return nil, f.err()
}

// Ask sends a question to a handler made by Answer and reads the answer.
func (c *Client) Ask(ctx context.Context, what string, question, answer any) error {
	resp, err := c.post(ctx, what, question)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return lost(err)
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return fmt.Errorf("the answer of the service cannot be read: %w", err)
	}
	return nil
}

// AskRows sends a question to a handler made by AnswerRows. The context is that
// of the whole answer; the result must be closed.
func (c *Client) AskRows(ctx context.Context, what string, question any) (Result, error) {
	ctx, cancel := context.WithCancel(ctx)
	resp, err := c.post(ctx, what, question)
	if err != nil {
		cancel()
		return nil, err
	}
	res, err := receive(ctx, resp.Body, func() error {
		cancel()
		return resp.Body.Close()
	})
	if err != nil {
		cancel()
		resp.Body.Close()
		return nil, err
	}
	return res, nil
}

// Query is Database's.
func (c *Client) Query(ctx context.Context, q Question) (Result, error) {
	return c.AskRows(ctx, "/query", toQuestion(q))
}

// Check is Database's.
func (c *Client) Check(ctx context.Context, q Question, syntaxOnly bool) (*tidemark.Checked, error) {
	var a checked
	asked := toQuestion(q)
	asked.SyntaxOnly = syntaxOnly
	if err := c.Ask(ctx, "/check", asked, &a); err != nil {
		return nil, err
	}
	out := &tidemark.Checked{Diagnostics: a.Diagnostics}
	var err error
	if a.Bound {
		out.Columns, err = fromColumns(a.Columns)
	}
	return out, err
}

// Tables is Database's.
func (c *Client) Tables(ctx context.Context) (out []tidemark.TableInfo, err error) {
	err = c.Ask(ctx, "/tables", struct{}{}, &out)
	return out, err
}

// Schema is Database's.
func (c *Client) Schema(ctx context.Context, name string) (*table.Schema, error) {
	var cols []column
	if err := c.Ask(ctx, "/schema", name, &cols); err != nil {
		return nil, err
	}
	out, err := fromColumns(cols)
	if err != nil {
		return nil, err
	}
	return table.NewSchema(out...)
}

// Functions is Database's.
func (c *Client) Functions(ctx context.Context) (out []string, err error) {
	err = c.Ask(ctx, "/functions", struct{}{}, &out)
	return out, err
}
