package storage

import (
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"
)

// What is too large for one transaction is stored in several before it is
// published by one more. Until then nothing refers to it and a garbage mark
// says that it is to be deleted; the publishing transaction removes the mark.
// So after a crash either is true: published whole, or garbage.

// garbage is keys that are to be deleted: those with the prefix.
type garbage struct {
	prefix key
	id     uint64  // of the tail entry or extent
	extent *extent // deleted only once no scan reads it
}

func parseGarbage(k key) (garbage, error) {
	p, ok := parseKey(k)
	if !ok || len(p.rest) < 9 {
		return garbage{}, corrupt("garbage mark %x", []byte(k))
	}
	g := garbage{prefix: key(p.rest)}
	if p.rest[0] == kindMark {
		return g, nil
	}
	// The rest is a prefix of a key: complete it to decode it.
	full := append(append(key(nil), p.rest...), 0, 0, 0, 0)
	if p.rest[0] == kindChunk {
		full = append(full, 0, 0, 0, 0)
	}
	x, ok := parseKey(full)
	if !ok || x.kind != kindChunk && x.kind != kindTailData {
		return garbage{}, corrupt("garbage mark %x", []byte(k))
	}
	g.id = x.id
	return g, nil
}

// hidden writes values that are not published yet.
type hidden struct {
	s    *Store
	txn  *badger.Txn
	size int
}

// hiddenWriter sets the garbage mark and returns a writer for values under it.
func (s *Store) hiddenWriter(g garbage) (*hidden, error) {
	if err := s.writable(); err != nil {
		return nil, err
	}
	err := s.db.Update(func(txn *badger.Txn) error { return put(txn, garbageKey(g.prefix), nil) })
	if err != nil {
		return nil, s.fail(err)
	}
	return &hidden{s: s}, nil
}

func (h *hidden) put(k key, v []byte) error {
	if h.size+len(v) > groupInline {
		if err := h.flush(); err != nil {
			return err
		}
	}
	if h.txn == nil {
		h.txn = h.s.db.NewTransaction(true)
	}
	h.size += len(v) + len(k) + 32
	return h.txn.Set(k, v)
}

// pieces cuts b into values of at most size bytes of payload.
func (h *hidden) pieces(b []byte, size int, keyOf func(int) key) ([]piece, error) {
	var ps []piece
	for i := 0; len(b) > 0; i++ {
		n := min(size, len(b))
		k := keyOf(i)
		v := wrap(k, b[:n])
		if err := h.put(k, v); err != nil {
			return nil, err
		}
		ps = append(ps, piece{size: n, sum: valueSum(v)})
		b = b[n:]
	}
	return ps, nil
}

// pieceWriter cuts what is written to it into values of equal size, the last
// one smaller, as pieces does.
type pieceWriter struct {
	h     *hidden
	size  int
	keyOf func(int) key
	buf   []byte
	ps    []piece
}

func (x *pieceWriter) write(b []byte) error {
	x.buf = append(x.buf, b...)
	whole := len(x.buf) / x.size * x.size
	if whole == 0 {
		return nil
	}
	err := x.put(x.buf[:whole])
	x.buf = append(x.buf[:0], x.buf[whole:]...)
	return err
}

// end writes the last piece and returns all.
func (x *pieceWriter) end() ([]piece, error) {
	err := x.put(x.buf)
	return x.ps, err
}

func (x *pieceWriter) put(b []byte) error {
	first := len(x.ps)
	ps, err := x.h.pieces(b, x.size, func(i int) key { return x.keyOf(first + i) })
	x.ps = append(x.ps, ps...)
	return err
}

// flush commits what has been put.
func (h *hidden) flush() error {
	if h.txn == nil {
		return nil
	}
	if err := h.s.writable(); err != nil {
		h.txn.Discard()
		return err
	}
	err := h.txn.Commit()
	h.txn, h.size = nil, 0
	if err != nil {
		return h.s.fail(err)
	}
	return nil
}

// bury gives garbage to the sealer, which deletes it.
func (s *Store) bury(gs ...garbage) {
	if len(gs) == 0 {
		return
	}
	s.buried.Lock()
	s.garbage = append(s.garbage, gs...)
	s.buried.Unlock()
	s.poke()
}

// pokeIfGarbage wakes the sealer when a scan that ends may have kept
// something from being deleted.
func (s *Store) pokeIfGarbage() {
	s.buried.Lock()
	n := len(s.garbage)
	s.buried.Unlock()
	if n > 0 {
		s.poke()
	}
}

// collect deletes the garbage that nobody reads.
func (s *Store) collect() error {
	s.collecting.Lock() // who returns from here knows that what was garbage is gone
	defer s.collecting.Unlock()
	s.buried.Lock()
	var now, later []garbage
	for _, g := range s.garbage {
		if g.extent != nil && g.extent.refs.Load() > 0 {
			later = append(later, g)
		} else {
			now = append(now, g)
		}
	}
	s.garbage = later
	s.buried.Unlock()
	for _, g := range now {
		if g.extent != nil {
			s.cache.forget(g.extent)
		}
		if err := s.deleteGarbage(g); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) deleteGarbage(g garbage) error {
	var keys []key
	err := s.db.View(func(txn *badger.Txn) error {
		return scanPrefix(txn, g.prefix, false, func(k key, _ []byte) error {
			keys = append(keys, k)
			return nil
		})
	})
	if err != nil {
		return err
	}
	keys = append(keys, garbageKey(g.prefix)) // last: it must outlive what it marks
	for len(keys) > 0 {
		n := min(len(keys), 10000)
		err := s.db.Update(func(txn *badger.Txn) error {
			for _, k := range keys[:n] {
				if err := txn.Delete(k); err != nil {
					return err
				}
			}
			if g.prefix[0] != kindChunk || n < len(keys) {
				return nil
			}
			return put(txn, markKey(freedMark), nil)
		})
		if err != nil {
			return s.fail(fmt.Errorf("delete garbage: %w", err))
		}
		keys = keys[n:]
	}
	if g.prefix[0] == kindChunk {
		s.freed.Store(freedRounds)
	}
	// Badger keeps the old versions that a transaction may read: those before
	// the last one that has ended.
	return s.db.View(func(*badger.Txn) error { return nil })
}

// writable reports why nothing can be written, if so.
func (s *Store) writable() error {
	if s.opts.ReadOnly {
		return ErrReadOnly
	}
	if err := s.failure(); err != nil {
		return err
	}
	if s.opts.DiskReserve < 0 {
		return nil
	}
	free, err := freeSpace(s.dir)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find out the free disk space of %s: %w", s.dir, err)
	}
	if free < uint64(s.opts.DiskReserve) {
		return fmt.Errorf("%w: %s has %d MiB, the reserve is %d MiB", ErrDiskSpace, s.dir, free>>20, s.opts.DiskReserve>>20)
	}
	return nil
}
