package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"tidemark"
	"tidemark/alert"
	"tidemark/output"
)

// A service has the database open and nobody else can. So that alerts can be
// read and acknowledged meanwhile, it answers on a socket in the database's
// directory, which only its own user may use.

func controlSocket(dir string) string { return filepath.Join(dir, "control.sock") }

// controlRequest is what is asked of a service.
type controlRequest struct {
	Do     string       `json:"do"` // list, find, note or rerun
	ID     string       `json:"id,omitempty"`
	Filter alert.Filter `json:"filter,omitzero"`
	Note   alert.Note   `json:"note,omitzero"`
}

type controlAnswer struct {
	Error  string         `json:"error,omitempty"`
	Alerts []*alert.Alert `json:"alerts,omitempty"`
}

// serveControl answers until stop is called. Where there can be no socket, the
// service goes on without.
func serveControl(db *tidemark.DB, log func(format string, args ...any)) (stop func(), err error) {
	path := controlSocket(db.Dir())
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) { // left by a service that was killed: the lock is ours
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		log("alerts can be read and acknowledged only after the service has ended: %v", err)
		return func() {}, nil
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, err
	}
	local := localAlerts{db}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var req controlRequest
		if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&req); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answerControl(r.Context(), w, local, req)
	})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve(l)
	}()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			server.Close()
		}
		<-done
	}, nil
}

func answerControl(ctx context.Context, w http.ResponseWriter, local localAlerts, req controlRequest) {
	var out controlAnswer
	var one *alert.Alert
	var err error
	switch req.Do {
	case "list":
		out.Alerts, err = local.list(ctx, req.Filter)
	case "find":
		one, err = local.find(ctx, req.ID)
	case "note":
		one, err = local.note(ctx, req.ID, req.Note)
	case "rerun":
		if one, err = local.find(ctx, req.ID); err == nil {
			var text bytes.Buffer
			f, _ := output.Lookup("json")
			if err = local.rerun(ctx, one, f.New(&text, output.Options{})); err == nil {
				w.Write(text.Bytes())
				return
			}
		}
	default:
		err = fmt.Errorf("%q is nothing that can be asked", req.Do)
	}
	if one != nil {
		out.Alerts = append(out.Alerts, one)
	}
	if err != nil {
		out = controlAnswer{Error: err.Error()}
		w.WriteHeader(http.StatusUnprocessableEntity)
	}
	json.NewEncoder(w).Encode(out)
}

// remoteAlerts are those of a database that a service has open.
type remoteAlerts struct{ client *http.Client }

// findControl finds the service of a database, or gives nil.
func findControl(dir string) alertStore {
	path := controlSocket(dir)
	c, err := net.DialTimeout("unix", path, time.Second)
	if err != nil {
		return nil
	}
	c.Close()
	return &remoteAlerts{&http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		}}}}
}

func (r *remoteAlerts) close() error {
	r.client.CloseIdleConnections()
	return nil
}

// ask sends a request and returns the body of the answer.
func (r *remoteAlerts) ask(ctx context.Context, req controlRequest) ([]byte, error) {
	b, err := json.Marshal(req)
	if err != nil {
		return nil, err
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://tidemark/", bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	resp, err := r.client.Do(q)
	if err != nil {
		return nil, fmt.Errorf("ask the service that has the database open: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		var a controlAnswer
		if json.Unmarshal(body, &a) != nil || a.Error == "" {
			a.Error = resp.Status
		}
		err = errors.New(a.Error)
	}
	return body, err
}

func (r *remoteAlerts) alerts(ctx context.Context, req controlRequest) ([]*alert.Alert, error) {
	body, err := r.ask(ctx, req)
	if err != nil {
		return nil, err
	}
	var a controlAnswer
	err = json.Unmarshal(body, &a)
	return a.Alerts, err
}

func (r *remoteAlerts) one(ctx context.Context, req controlRequest) (*alert.Alert, error) {
	all, err := r.alerts(ctx, req)
	if err == nil && len(all) != 1 {
		err = errors.New("the service gave no answer")
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

func (r *remoteAlerts) list(ctx context.Context, f alert.Filter) ([]*alert.Alert, error) {
	return r.alerts(ctx, controlRequest{Do: "list", Filter: f})
}

func (r *remoteAlerts) find(ctx context.Context, id string) (*alert.Alert, error) {
	return r.one(ctx, controlRequest{Do: "find", ID: id})
}

func (r *remoteAlerts) note(ctx context.Context, id string, n alert.Note) (*alert.Alert, error) {
	return r.one(ctx, controlRequest{Do: "note", ID: id, Note: n})
}

// rerun gets the rows as JSON and writes them as they are: the service has no
// terminal.
func (r *remoteAlerts) rerun(ctx context.Context, a *alert.Alert, w output.Writer) error {
	body, err := r.ask(ctx, controlRequest{Do: "rerun", ID: a.ID})
	if err != nil {
		return err
	}
	return copyJSON(ctx, body, w)
}
