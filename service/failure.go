package service

import (
	"context"
	"errors"

	"tidemark"
	"tidemark/parser"
)

var (
	// ErrNobody says that no service listens: it has not been asked anything.
	ErrNobody = errors.New("no service has the database open")
	// ErrLost says that the service ended before its answer did.
	ErrLost = errors.New("the service that has the database open ended in the middle of an answer")
	// ErrEnding says that the service is about to end, and has given up the
	// question.
	ErrEnding = errors.New("the service that has the database open is ending")
)

// failure is an error on its way to the client.
type failure struct {
	Text        string        `json:"text"`
	Kind        string        `json:"kind,omitempty"`        // of kinds
	Diagnostics parser.Errors `json:"diagnostics,omitempty"` // what is wrong with the query
}

// kinds are the errors that clients tell apart.
var kinds = map[string]error{
	"corrupt":  tidemark.ErrCorrupt,
	"version":  tidemark.ErrVersion,
	"notExist": tidemark.ErrNotExist,
	"locked":   tidemark.ErrLocked,
	"ending":   ErrEnding,
	"deadline": context.DeadlineExceeded,
}

func toFailure(err error) failure {
	var es parser.Errors
	if errors.As(err, &es) {
		return failure{Text: err.Error(), Diagnostics: es}
	}
	for name, kind := range kinds {
		if errors.Is(err, kind) {
			return failure{Text: err.Error(), Kind: name}
		}
	}
	return failure{Text: err.Error()}
}

// err is the error as it was in the service.
func (f failure) err() error {
	if f.Diagnostics != nil {
		return f.Diagnostics
	}
	return &remoteError{f.Text, kinds[f.Kind]}
}

// remoteError has the text of the service's error and is of its kind.
type remoteError struct {
	text string
	kind error // or nil
}

func (e *remoteError) Error() string        { return e.text }
func (e *remoteError) Is(target error) bool { return e.kind != nil && target == e.kind }
