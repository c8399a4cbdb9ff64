package repl

import (
	"testing"

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
