package storage

import (
	"errors"

	"github.com/dgraph-io/badger/v4"
)

// piece is a stored value that is a part of something too long for one value.
type piece struct {
	size int    // bytes of payload
	sum  uint64 // the checksum in its envelope
	at   place  // where it was when it was written, of parts of columns
}

func (w *writer) pieces(ps []piece) {
	w.uint(uint64(len(ps)))
	for _, p := range ps {
		w.uint(uint64(p.size))
		w.u64(p.sum)
	}
}

func (r *reader) pieces() []piece {
	n := r.count(len(r.b) / 9)
	ps := make([]piece, 0, n)
	for i := 0; i < n && r.err == nil; i++ {
		ps = append(ps, piece{size: r.count(maxStringBytes), sum: r.u64()})
	}
	return ps
}

func sizeOf(ps []piece) (n int) {
	for _, p := range ps {
		n += p.size
	}
	return n
}

// readPieces fetches the pieces of something and puts them together.
func readPieces(db *badger.DB, ps []piece, keyOf func(int) key) ([]byte, error) {
	return appendPieces(make([]byte, 0, sizeOf(ps)), db, ps, keyOf, 0)
}

// readAhead is how many bytes of pieces are on their way from disk at most
// before the first of them is waited for.
const readAhead = 4 << 20

// appendPieces appends the pieces of something to out. A piece that is not
// there is damage, for it is listed. Pieces that are stored together lie behind
// each other in the value log, so they are asked for together, and so is what
// the caller expects to read of the bytes behind them.
func appendPieces(out []byte, db *badger.DB, ps []piece, keyOf func(int) key, behind int) ([]byte, error) {
	inLog := db.Opts().ValueThreshold // the size from which on values are there
	left, asked := sizeOf(ps)+behind, 0
	err := db.View(func(txn *badger.Txn) error {
		for i, p := range ps {
			k := keyOf(i)
			item, err := txn.Get(k)
			if errors.Is(err, badger.ErrKeyNotFound) {
				return corrupt("piece %d of %d is missing", i+1, len(ps))
			}
			if err == nil {
				err = item.Value(func(v []byte) error {
					if int64(len(v)) >= inLog {
						if asked <= 0 {
							asked = min(left, readAhead)
							willRead(v, asked-p.size)
						}
						defer wasRead(v)
					}
					b, err := unwrap(k, v)
					if err == nil && (valueSum(v) != p.sum || len(b) != p.size) {
						err = corrupt("piece %d of %d is not the one that the manifest lists", i+1, len(ps))
					}
					out = append(out, b...)
					return err
				})
			}
			if err != nil && !errors.Is(err, ErrCorrupt) {
				err = corrupt("piece %d of %d cannot be read: %v", i+1, len(ps), err)
			}
			if err != nil {
				return err
			}
			left, asked = left-p.size, asked-p.size
		}
		return nil
	})
	return out, err
}
