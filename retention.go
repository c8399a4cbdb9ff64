package tidemark

import (
	"context"
	"time"

	"tidemark/storage"
	"tidemark/table"
)

// retainEvery is how often old rows are looked for.
const retainEvery = time.Hour

// closeGrace is how long closing waits for disk space to be given back. What is
// left then is given back when the database is opened for writing again.
const closeGrace = 2 * time.Second

// retention deletes what the tables' retention policies do not want, when a
// database is opened for writing and every hour after, and gives the disk space
// back of what was deleted: by it, by commands, and by the merging of extents.
type retention struct {
	stop context.CancelFunc
	wake chan struct{} // something has been deleted
	last chan struct{} // closed when the database is
	done chan struct{}
}

func (db *DB) startRetention(s *storage.Store) *retention {
	ctx, stop := context.WithCancel(context.Background())
	r := &retention{stop: stop, wake: make(chan struct{}, 1), last: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(r.done)
		tick := time.NewTicker(retainEvery)
		defer tick.Stop()
		for {
			// What fails now is tried again: rows that stay too long are no
			// reason to keep others from being stored or read. A store that
			// cannot be written says so to those who write.
			_, _ = db.retain(ctx, s)
			_ = s.Reclaim(ctx)
			select {
			case <-tick.C:
			case <-r.wake:
			case <-r.last:
				select {
				case <-r.wake:
				default:
					return
				}
			}
		}
	}()
	return r
}

// end waits until nothing is being deleted.
func (r *retention) end() {
	if r == nil {
		return
	}
	close(r.last)
	late := time.AfterFunc(closeGrace, r.stop)
	defer late.Stop()
	<-r.done
	r.stop()
}

// freeSpace has the space given back of what has been deleted.
func (db *DB) freeSpace() {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.keeper == nil {
		return
	}
	select {
	case db.keeper.wake <- struct{}{}:
	default:
	}
}

// failuresKept is how long rejected records are kept where no policy says
// otherwise: as long as Kusto keeps what .show ingestion failures shows.
const failuresKept = 14 * table.Day

// period is how long the rows of a table are kept, false for always.
func (db *DB) period(s *storage.Store, name string) (table.Duration, bool, error) {
	p, err := db.library.Properties(s, name)
	if err != nil {
		return 0, false, err
	}
	if p.Retention == nil {
		return failuresKept, table.Internal(name), nil
	}
	period, ok := table.ParseDuration(p.Retention.SoftDeletePeriod)
	return period, ok, nil
}

// retain deletes the rows that are older than their tables' policies want, by
// the time of ingestion, and tells how many these were.
func (db *DB) retain(ctx context.Context, s *storage.Store) (rows int64, err error) {
	for _, name := range s.Tables() {
		period, ok, err := db.period(s, name)
		if err != nil {
			return rows, err
		}
		before := int64(table.FromGo(db.opts.now())) - int64(period)
		if !ok || before <= 0 {
			continue // for ever, or for longer than there are dates
		}
		for { // so much at a time as a transaction takes
			n, err := s.DropBefore(ctx, name, table.Time(before))
			rows += n
			if err != nil {
				return rows, err
			}
			if n == 0 {
				break
			}
		}
	}
	return rows, nil
}
