package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"tidemark"
	"tidemark/parser"
)

const (
	// wireVersion is the form of questions and answers. A program of another
	// one is told so.
	wireVersion   = "1"
	versionHeader = "Tidemark-Wire"
	// maxRequest is how long a question may be, rows of .ingest inline included.
	maxRequest = 16 << 20
)

// endTime is how long a service that ends lets questions go on; tests have less.
var endTime = 3 * time.Second

// Handler answers what Client asks, from a database. More may be added to it,
// with Answer and AnswerRows.
func Handler(db Database) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/query", AnswerRows(
		func(ctx context.Context, q question) (Result, error) { return db.Query(ctx, q.asked()) },
		func(q question) int64 { return q.Enough }))
	mux.Handle("/check", Answer(func(ctx context.Context, q question) (*checked, error) {
		c, err := db.Check(ctx, q.asked(), q.SyntaxOnly)
		if err != nil {
			return nil, err
		}
		return &checked{c.Diagnostics, toColumns(c.Columns), c.Columns != nil}, nil
	}))
	mux.Handle("/tables", Answer(func(ctx context.Context, _ struct{}) ([]tidemark.TableInfo, error) {
		return db.Tables(ctx)
	}))
	mux.Handle("/schema", Answer(func(ctx context.Context, name string) ([]column, error) {
		s, err := db.Schema(ctx, name)
		if err != nil {
			return nil, err
		}
		return toColumns(s.Columns()), nil
	}))
	mux.Handle("/functions", Answer(func(ctx context.Context, _ struct{}) ([]string, error) {
		return db.Functions(ctx)
	}))
	return mux
}

// checked is what /check answers.
type checked struct {
	Diagnostics parser.Errors `json:"diagnostics"`
	Columns     []column      `json:"columns"`
	Bound       bool          `json:"bound"` // there are columns, if only none
}

// Answer is a handler that reads a value of type Q and answers with one of
// type A, both JSON.
func Answer[Q, A any](f func(context.Context, Q) (A, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, ok := read[Q](w, r)
		if !ok {
			return
		}
		a, err := f(r.Context(), q)
		if err != nil {
			refuse(w, http.StatusUnprocessableEntity, because(r.Context(), err))
			return
		}
		json.NewEncoder(w).Encode(a) // who no longer listens misses nothing
	})
}

// AnswerRows is a handler that reads a value of type Q as JSON and answers with
// a result; enough tells how many rows of a table are of use, 0 for all.
func AnswerRows[Q any](f func(context.Context, Q) (Result, error), enough func(Q) int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, ok := read[Q](w, r)
		if !ok {
			return
		}
		ctx := r.Context()
		res, err := f(ctx, q)
		if err != nil {
			framer{w}.json(frameFailure, toFailure(because(ctx, err)))
			return
		}
		defer res.Close()
		// Where the client is gone, its context has ended the query.
		send(ctx, w, http.NewResponseController(w).Flush, res, enough(q))
	})
}

// read reads a request to its end: only then is it noticed that a client
// goes away.
func read[Q any](w http.ResponseWriter, r *http.Request) (q Q, ok bool) {
	if v := r.Header.Get(versionHeader); v != wireVersion {
		refuse(w, http.StatusBadRequest, fmt.Errorf("the service that has the database open is of another version of Tidemark: it answers form %s of questions, and not %q", wireVersion, v))
		return q, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if errors.As(err, new(*http.MaxBytesError)) {
		refuse(w, http.StatusRequestEntityTooLarge, fmt.Errorf("the service takes questions of up to %d MiB", maxRequest>>20))
		return q, false
	}
	if err == nil {
		err = json.Unmarshal(body, &q)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, fmt.Errorf("the service cannot read the question: %w", err))
		return q, false
	}
	return q, true
}

// because is the error of a question that was given up as why it was.
func because(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func refuse(w http.ResponseWriter, status int, err error) {
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(toFailure(err))
}

// Serve answers on a socket, which only the user of this process may use, until
// stop is called. It takes the place of a socket that was left there: the
// caller must be the one who has the database open.
func Serve(path string, h http.Handler) (stop func(), err error) {
	made := path + ".new" // until nobody else can use it
	if err := os.Remove(made); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", made)
	if err != nil {
		return nil, err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := errors.Join(os.Chmod(made, 0o600), os.Rename(made, path)); err != nil {
		return nil, errors.Join(err, l.Close(), os.Remove(made))
	}
	ctx, giveUp := context.WithCancelCause(context.Background())
	var asked sync.WaitGroup
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: counted(h, &asked), BaseContext: func(net.Listener) context.Context { return ctx }}
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve(l) // until Shutdown
	}()
	return func() {
		os.Remove(path) // before the listener, so that nobody waits at a closed door
		end(server, giveUp)
		<-done
		asked.Wait() // the database may be closed only when nobody reads it
	}, nil
}

// counted knows which requests are being answered.
func counted(h http.Handler, n *sync.WaitGroup) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		defer n.Done()
		h.ServeHTTP(w, r)
	})
}

// end lets questions go on for a while, gives them up, and closes what then
// still does not end.
func end(server *http.Server, giveUp context.CancelCauseFunc) {
	after := time.AfterFunc(endTime, func() { giveUp(ErrEnding) })
	defer after.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), 2*endTime)
	defer cancel()
	if server.Shutdown(ctx) != nil {
		server.Close()
	}
	giveUp(ErrEnding)
}
