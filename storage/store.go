package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"

	"tidemark/internal/huge"
	"tidemark/table"
)

// Store is an open database. It is safe for several goroutines, and is a
// table.Catalog and a table.Appender.
type Store struct {
	dir   string
	opts  Options
	db    *badger.DB
	cache *cache

	mu     sync.RWMutex // guards tables
	tables map[string]*tbl

	// Owned by the committer once it runs.
	state state
	// lastID is the last id given to a tail entry or extent.
	lastID atomic.Uint64

	writes chan *write   // to the committer
	failed atomic.Value  // error: why nothing more is written
	closed chan struct{} // closed by Close
	once   sync.Once

	sealMu  sync.Mutex // one seal at a time
	wake    chan struct{}
	sealed  broadcast // after every seal
	sealErr atomic.Value
	buried  sync.Mutex // guards garbage
	garbage []garbage
	// collecting is held while garbage is deleted.
	collecting sync.Mutex
	freed      atomic.Int32 // how often badger is to be flattened, see Reclaim
	workers    sync.WaitGroup
	// mapping is held while files of the value log are deleted or taken out of
	// memory; unmapped says that they are closed.
	mapping  sync.Mutex
	unmapped bool

	closeErr error
	former   int // tests: the version that extents are written as; 0: this one
}

// state is the record of the store as a whole.
type state struct {
	nextSeq   uint64 // sequence number of the next row
	ingest    int64  // last ingestion time given out, in ticks
	lastID    uint64
	lastTable uint32
}

func (s state) encode() []byte {
	w := &writer{}
	w.uint(s.nextSeq)
	w.int(s.ingest)
	w.uint(s.lastID)
	w.uint(uint64(s.lastTable))
	return w.b
}

func decodeState(b []byte) (s state, err error) {
	r := &reader{b: b}
	s.nextSeq, s.ingest, s.lastID, s.lastTable = r.uint(), r.int(), r.uint(), uint32(r.uint())
	return s, r.done()
}

// Open opens the database in dir. It fails with ErrNotExist, ErrLocked,
// ErrVersion or ErrCorrupt.
func Open(dir string, o Options) (*Store, error) {
	o = o.withDefaults()
	huge.Heap() // what is read now is used by every query
	m, err := openMeta(dir, o)
	if err != nil {
		return nil, err
	}
	if err := readLogHeads(filepath.Join(dir, dataDir)); err != nil {
		return nil, err
	}
	db, err := openBadger(badgerOptions(filepath.Join(dir, dataDir), m.Badger, o.ReadOnly))
	if err != nil {
		switch {
		case isLocked(err):
			return nil, lockedError(dir)
		case o.ReadOnly:
			return nil, fmt.Errorf("open %s for reading: %w: %w", dir, ErrUnclean, err)
		}
		return nil, &CorruptError{Detail: fmt.Sprintf("open %s: %v", dir, err)}
	}
	s := &Store{
		dir: dir, opts: o, db: db, cache: newCache(o.CacheBytes), tables: map[string]*tbl{},
		writes: make(chan *write), closed: make(chan struct{}), wake: make(chan struct{}, 1),
	}
	s.cache.tell = o.Cached
	s.readRandomly()
	err = s.load()
	if err == nil && !o.ReadOnly {
		err = m.upgrade(dir) // only now is the lock ours
	}
	if err == nil && !o.ReadOnly {
		err = s.sweepTailFiles()
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if !o.ReadOnly {
		writeOwner(dir, o.Now())
		s.workers.Add(2)
		go s.committer()
		go s.sealer()
	}
	return s, nil
}

// readLogHeads reads the first bytes of the files of the value log. Badger
// looks at them through a map of each file as it opens, and where they are not
// in the system's cache it waits there for as much as the disk reads ahead,
// which may be a quarter of a file.
func readLogHeads(dir string) error {
	logs, err := filepath.Glob(filepath.Join(dir, "*.vlog"))
	if err != nil {
		return err
	}
	for _, name := range logs {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		_, err = f.Read(make([]byte, 1))
		if err = errors.Join(err, f.Close()); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	return nil
}

// openBadger tries for a moment longer when the lock is taken: it may be held
// by a process that is ending, or by a child of this one between fork and exec.
// It also tries again after a log file that was made and not yet given its
// first bytes when the program was killed: badger makes it anew, under its
// lock, and then gives up.
func openBadger(o badger.Options) (db *badger.DB, err error) {
	for try, empty := 0, 0; ; {
		db, err = badger.Open(o)
		switch {
		case err == nil:
			return db, nil
		case isLocked(err) && try < 10:
			try++
			time.Sleep(20 * time.Millisecond)
		case isEmptyLog(err) && !o.ReadOnly && empty < 10:
			empty++
		default:
			return nil, err
		}
	}
}

// isEmptyLog reports whether an error of badger is that a file of its logs was
// empty. It keeps nothing but the text of what was wrong.
func isEmptyLog(err error) bool { return strings.Contains(err.Error(), "Create a new file") }

// load reads the state and the definitions of all tables. What tables hold is
// read when they are first used.
func (s *Store) load() error {
	return s.db.View(func(txn *badger.Txn) error {
		b, err := get(txn, stateKey())
		if err != nil {
			return err
		}
		if b != nil {
			if s.state, err = decodeState(b); err != nil {
				return err
			}
		}
		last := s.state.lastID
		err = scanPrefix(txn, newKey(kindGarbage), false, func(k key, _ []byte) error {
			g, err := parseGarbage(k)
			if err == nil {
				s.garbage = append(s.garbage, g)
				last = max(last, g.id)
			}
			return err
		})
		if err != nil {
			return err
		}
		s.lastID.Store(last)
		if m, err := get(txn, markKey(freedMark)); err != nil {
			return err
		} else if m != nil {
			s.freed.Store(1)
		}
		n := 0
		err = scanPrefix(txn, newKey(kindTable), true, func(k key, b []byte) error {
			d, err := decodeDef(b)
			if err != nil {
				return err
			}
			s.tables[d.Name] = newTable(s, d)
			n++
			return nil
		})
		if err == nil && b == nil && n > 0 {
			err = corrupt("the state record is missing")
		}
		return err
	})
}

// Close ends all work and closes the database. A large tail is sealed first.
// Scans must have been closed.
func (s *Store) Close() error {
	s.once.Do(func() {
		var err error
		if !s.opts.ReadOnly && s.failure() == nil {
			if err = s.sealAll(context.Background(), s.large(s.opts.SealRows/16)); err == nil {
				err = s.mergeAll()
			}
		}
		close(s.closed)
		s.workers.Wait()
		s.mapping.Lock()
		s.unmapped = true
		s.mapping.Unlock()
		s.closeErr = errors.Join(err, s.db.Close())
		if !s.opts.ReadOnly {
			removeOwner(s.dir)
		}
	})
	return s.closeErr
}

// failure is the error of an earlier write, if one failed.
func (s *Store) failure() error {
	if err, ok := s.failed.Load().(error); ok {
		return err
	}
	return nil
}

// fail makes the store refuse further writes.
func (s *Store) fail(err error) error {
	err = fmt.Errorf("%w (%w)", ErrFailed, err)
	s.failed.CompareAndSwap(nil, err)
	return err
}

// lookup returns a table by name.
func (s *Store) lookup(name string) (*tbl, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if t := s.tables[name]; t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("%w: %q", ErrNoTable, name)
}

// Tables returns the names of all tables, sorted.
func (s *Store) Tables() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := make([]string, 0, len(s.tables))
	for n := range s.tables {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Table returns the table named name as it is defined now. A column added
// later is not in its schema; rows committed later are in its scans.
func (s *Store) Table(name string) (table.Source, bool) {
	t, err := s.lookup(name)
	if err != nil {
		return nil, false
	}
	return &source{t: t, def: t.def.Load()}, true
}

// Mark returns what a committed batch stored under key, or nil.
func (s *Store) Mark(name string) ([]byte, error) {
	var b []byte
	err := s.db.View(func(txn *badger.Txn) (err error) {
		b, err = get(txn, markKey(name))
		return err
	})
	return b, err
}

// get returns a copy of the payload under k, nil when there is none. A payload
// may be empty but is then not nil.
func get(txn *badger.Txn, k key) ([]byte, error) {
	item, err := txn.Get(k)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, corrupt("read %q: %v", string(k), err)
	}
	v, err := item.ValueCopy(nil)
	if err != nil {
		return nil, corrupt("read %q: %v", string(k), err)
	}
	b, err := unwrap(k, v)
	if err != nil {
		return nil, fmt.Errorf("record %q: %w", string(k), err)
	}
	return b, nil
}

func put(txn *badger.Txn, k key, payload []byte) error { return txn.Set(k, wrap(k, payload)) }

// scanPrefix calls f for each key with the prefix, in order, with the payload
// when values is set. Both are copies.
func scanPrefix(txn *badger.Txn, prefix key, values bool, f func(k key, payload []byte) error) error {
	o := badger.DefaultIteratorOptions
	o.Prefix = prefix
	o.PrefetchValues = false
	it := txn.NewIterator(o)
	defer it.Close()
	for it.Seek(prefix); it.ValidForPrefix(prefix); it.Next() {
		k := key(it.Item().KeyCopy(nil))
		var b []byte
		if values {
			v, err := it.Item().ValueCopy(nil)
			if err == nil {
				b, err = unwrap(k, v)
			}
			if err != nil {
				return fmt.Errorf("record %q: %w", string(k), err)
			}
		}
		if err := f(k, b); err != nil {
			return err
		}
	}
	return nil
}

// broadcast wakes everybody who waits.
type broadcast struct {
	mu sync.Mutex
	ch chan struct{}
}

// wait returns a channel that is closed at the next signal.
func (b *broadcast) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

func (b *broadcast) signal() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}
