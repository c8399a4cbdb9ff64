package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"tidemark"
	"tidemark/alert"
	"tidemark/service"
)

// A service has the database open and nobody else can. So that it can be asked
// meanwhile, it answers on a socket in the database's directory.

func controlSocket(dir string) string { return filepath.Join(dir, "control.sock") }

// serveControl answers until stop is called. Where there can be no socket, the
// service goes on without.
func serveControl(db *tidemark.DB, log func(format string, args ...any)) (stop func()) {
	stop, err := service.Serve(controlSocket(db.Dir()), controlHandler(db))
	if err != nil {
		log("the database can be queried only after this has ended, and alerts acknowledged: %v", err)
		return func() {}
	}
	return stop
}

// controlHandler answers questions of any kind, and those about alerts.
func controlHandler(db *tidemark.DB) *http.ServeMux {
	mux := service.Handler(service.Local(db))
	local := localAlerts{db}
	mux.Handle("/alerts/list", service.Answer(local.list))
	mux.Handle("/alerts/find", service.Answer(local.find))
	mux.Handle("/alerts/note", service.Answer(func(ctx context.Context, n alertNote) (*alert.Alert, error) {
		return local.note(ctx, n.ID, n.Note)
	}))
	mux.Handle("/alerts/rerun", service.AnswerRows(func(ctx context.Context, id string) (service.Result, error) {
		a, err := local.find(ctx, id)
		if err != nil {
			return nil, err
		}
		return local.rerun(ctx, a)
	}, func(string) int64 { return 0 }))
	return mux
}

// alertNote is what /alerts/note is asked.
type alertNote struct {
	ID   string     `json:"id"`
	Note alert.Note `json:"note"`
}

// ask finds the service that has the database open, or opens it.
func (d *database) ask(e *env, more ...tidemark.Option) (service.Database, error) {
	c, err := d.findService(e)
	if err != nil {
		return nil, err
	}
	if c != nil {
		return c, nil
	}
	db, err := d.open(e, more...)
	if err != nil {
		return nil, err
	}
	return service.Local(db), nil
}

// freeTime is how long a service waits for the database: longer than a prompt
// keeps it that nobody types at, and than another service takes to end.
const freeTime = 15 * time.Second

// openService opens the database for a service. Where another one runs on it,
// that fails at once.
func (d *database) openService(ctx context.Context, e *env) (*tidemark.DB, error) {
	told := false
	for end := time.Now().Add(freeTime); ; {
		db, err := d.open(e)
		if !errors.Is(err, tidemark.ErrLocked) || time.Now().After(end) {
			return db, err
		}
		if other, _ := d.findService(e); other != nil { // else open has failed with the same error
			return nil, err
		}
		if !told {
			fmt.Fprintln(e.err, "waiting until nobody else has the database open")
			told = true
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// findService finds the service that has the database open, or gives nil.
func (d *database) findService(e *env) (*service.Client, error) {
	if err := d.valid(); err != nil {
		return nil, err
	}
	dir, err := d.path(e)
	if err != nil {
		return nil, err
	}
	c, err := service.Dial(controlSocket(dir))
	if errors.Is(err, service.ErrNobody) {
		return nil, nil
	}
	if err == nil {
		d.tellIdle(e)
	}
	return c, err
}

// tellIdle names, once, the flags that do not reach a service.
func (d *database) tellIdle(e *env) {
	var idle []string
	for _, f := range []struct {
		name  string
		given bool
	}{{"--threads", d.threads != 0}, {"--memory", d.memory != 0}, {"--geoip", d.geoIP != ""}} {
		if f.given {
			idle = append(idle, f.name)
		}
	}
	if len(idle) == 0 || d.told {
		return
	}
	d.told = true
	fmt.Fprintf(e.err, "note: a service has the database open and answers with its own settings, without %s\n", strings.Join(idle, " and "))
}

// remoteAlerts are those of a database that a service has open.
type remoteAlerts struct{ *service.Client }

func (r remoteAlerts) close() error { return r.Close() }

func (r remoteAlerts) list(ctx context.Context, f alert.Filter) (all []*alert.Alert, err error) {
	err = r.Ask(ctx, "/alerts/list", f, &all)
	return all, err
}

func (r remoteAlerts) find(ctx context.Context, id string) (a *alert.Alert, err error) {
	err = r.Ask(ctx, "/alerts/find", id, &a)
	return a, err
}

func (r remoteAlerts) note(ctx context.Context, id string, n alert.Note) (a *alert.Alert, err error) {
	err = r.Ask(ctx, "/alerts/note", alertNote{id, n}, &a)
	return a, err
}

func (r remoteAlerts) rerun(ctx context.Context, a *alert.Alert) (service.Result, error) {
	return r.AskRows(ctx, "/alerts/rerun", a.ID)
}
