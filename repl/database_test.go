package repl

import (
	"context"
	"fmt"
	"testing"

	"tidemark"
	"tidemark/service"
)

// The database is opened when it is needed, once, stays open while it is used,
// and is opened again after it was closed.
func TestDatabase(t *testing.T) {
	opened := 0
	d := database{open: func() (service.Database, error) { opened++; return nothing() }}
	err := d.use(func(outer service.Database) error {
		return d.use(func(inner service.Database) error {
			if inner != outer || d.close() != nil || d.db == nil {
				t.Error("the database did not stay open")
			}
			return nil
		})
	})
	if err != nil || opened != 1 || d.idle == nil {
		t.Errorf("%v, opened %d times", err, opened)
	}
	if d.close() != nil || d.db != nil {
		t.Error("the database did not close")
	}
	d.use(func(service.Database) error { return nil })
	if opened != 2 {
		t.Errorf("opened %d times", opened)
	}
	d.close()
}

// gone is a database that is no longer where it was.
type gone struct {
	service.Database
	err error
}

func (g gone) Functions(context.Context) ([]string, error) {
	return nil, fmt.Errorf("ask: %w", g.err)
}
func (gone) Close() error { return nil }

// Where a service has ended or begun, the database is looked for once more.
func TestMoved(t *testing.T) {
	for _, err := range []error{service.ErrNobody, tidemark.ErrLocked} {
		opened := 0
		d := database{open: func() (service.Database, error) {
			if opened++; opened == 1 {
				return gone{err: err}, nil
			}
			return nothing()
		}}
		asked := 0
		ask := func(db service.Database) error {
			asked++
			_, err := db.Functions(t.Context())
			return err
		}
		if got := d.use(ask); got != nil || opened != 2 || asked != 2 {
			t.Errorf("%v, opened %d times, asked %d times", got, opened, asked)
		}
		d.close()
	}
	opened := 0
	d := database{open: func() (service.Database, error) { opened++; return gone{err: service.ErrLost}, nil }}
	err := d.use(func(db service.Database) error { _, err := db.Functions(t.Context()); return err })
	if err == nil || opened != 1 {
		t.Errorf("what a service was asked is asked again: %v, opened %d times", err, opened)
	}
	d.close()
}
