package repl

import (
	"errors"
	"sync"
	"time"

	"tidemark"
	"tidemark/service"
)

// idleTime is how long a prompt keeps the database open after its last use. A
// prompt may stand open all night, and while it has the database open nothing
// can be loaded.
const idleTime = 5 * time.Second

// database is the database of a session, open while it is in use and a little
// longer.
type database struct {
	open func() (service.Database, error)

	mu    sync.Mutex
	db    service.Database // nil while it is closed
	users int
	idle  *time.Timer
}

// use calls f with the open database.
func (d *database) use(f func(service.Database) error) error {
	err := d.once(f)
	if !moved(err) {
		return err
	}
	if err := d.close(); err != nil {
		return err
	}
	return d.once(f)
}

func (d *database) once(f func(service.Database) error) error {
	db, err := d.take()
	if err != nil {
		return err
	}
	defer d.give()
	return f(db)
}

// moved reports whether err says that the database is no longer where it was:
// a service that had it open has ended, or one has opened it. Nothing has been
// done then.
func moved(err error) bool {
	return errors.Is(err, service.ErrNobody) || errors.Is(err, tidemark.ErrLocked)
}

func (d *database) take() (service.Database, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.idle != nil {
		d.idle.Stop()
	}
	if d.db == nil {
		db, err := d.open()
		if err != nil {
			return nil, err
		}
		d.db = db
	}
	d.users++
	return d.db, nil
}

func (d *database) give() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.users--
	if d.users == 0 {
		d.idle = time.AfterFunc(idleTime, func() { d.close() })
	}
}

// change calls f with the database open for writing, which nobody can use
// meanwhile.
func (d *database) change(open func() (service.Database, error), f func(service.Database) error) error {
	if err := d.close(); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.db != nil {
		return errors.New("the database is in use; try again")
	}
	db, err := open()
	if err != nil {
		return err
	}
	return errors.Join(f(db), db.Close())
}

// close closes the database unless it is in use.
func (d *database) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.idle != nil {
		d.idle.Stop()
	}
	if d.users > 0 || d.db == nil {
		return nil
	}
	err := d.db.Close()
	d.db = nil
	return err
}
