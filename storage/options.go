package storage

import (
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// Options say how a database is opened. The zero value opens one that exists,
// for reading and writing.
type Options struct {
	// Create makes the database where there is none.
	Create bool
	// ReadOnly opens for reading only; several processes may do so at once.
	// It needs a database that was closed properly.
	ReadOnly bool
	// BlockRows is the most rows of a block that a scan hands out; 0 is 16,384.
	BlockRows int
	// SealRows is how many rows a table's tail has before it is made into an
	// extent; 0 is 1,000,000. Parts of a batch with as many rows become extents
	// at once.
	SealRows int
	// MergeRows is how many rows an extent has at most that is made of smaller
	// ones in the background; 0 is 1,000,000, negative merges none.
	MergeRows int
	// CacheBytes bounds the memory of what is kept of extents that have been
	// read; negative is none. 0 is 704 MiB, and for tables that have more on disk
	// as much as that, up to a quarter of the machine's memory.
	CacheBytes int64
	// Cached is told how many bytes are kept of extents, whenever that has
	// changed by some megabytes. It may be nil.
	Cached func(bytes int64)
	// DiskReserve is the free space, in bytes, below which commits are refused:
	// a disk that fills up under badger kills the process. 0 is 1 GiB,
	// negative none.
	DiskReserve int64
	// Now is the clock that ingestion times come from; nil is time.Now.
	Now func() time.Time
}

func (o Options) withDefaults() Options {
	if o.BlockRows <= 0 {
		o.BlockRows = 16384
	}
	if o.SealRows <= 0 {
		o.SealRows = maxExtentRows
	}
	o.SealRows = min(o.SealRows, maxExtentRows)
	if o.MergeRows == 0 {
		o.MergeRows = maxExtentRows
	}
	o.MergeRows = min(o.MergeRows, maxExtentRows)
	if o.DiskReserve == 0 {
		o.DiskReserve = 1 << 30
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// sizes are the badger options that must not change once a database is made:
// reopened with a smaller memtable after a crash, badger ends the process.
type sizes struct {
	MemTableSize     int64 `json:"memTableSize"`
	ValueLogFileSize int64 `json:"valueLogFileSize"`
	ValueThreshold   int64 `json:"valueThreshold"`
	BlockSize        int   `json:"blockSize"`
}

// Chunks of extents of 64 KiB and more are written once, to the value log.
// The tail, which dies young, is cut into smaller values: these live in the
// tree, whose compactions drop them.
var defaultSizes = sizes{
	MemTableSize:     16 << 20,
	ValueLogFileSize: 32 << 20, // the one that is written counts as memory
	ValueThreshold:   64 << 10,
	BlockSize:        16 << 10,
}

const (
	tailPieceSize  = 60 << 10 // bytes of a piece of tail rows: below ValueThreshold
	chunkPieceSize = 2 << 20  // bytes of a piece of a chunk
	// A badger transaction holds at most 15 % of a memtable, 2,516,582 bytes.
	// These stay below it.
	partInline  = 2 << 20         // what of one batch goes into the committing transaction
	groupInline = 2<<20 + 128<<10 // what all batches of the transaction together have in it
)

func badgerOptions(dir string, z sizes, readOnly bool) badger.Options {
	return badger.DefaultOptions(dir).
		WithSyncWrites(true).
		WithCompression(options.None).
		WithChecksumVerificationMode(options.NoVerification). // ours are checked, see wire.go
		WithDetectConflicts(false).                           // there is one writer
		WithNumVersionsToKeep(1).
		WithMetricsEnabled(false).
		WithMemTableSize(z.MemTableSize).
		WithNumMemtables(2).
		WithBaseTableSize(4 << 20).
		WithBaseLevelSize(16 << 20).
		WithValueLogFileSize(z.ValueLogFileSize).
		WithValueThreshold(z.ValueThreshold).
		WithBlockSize(z.BlockSize).
		WithBlockCacheSize(0). // needed for compressed or encrypted tables only
		WithIndexCacheSize(32 << 20).
		WithNumCompactors(2).
		WithNumLevelZeroTables(3).  // dead tail goes when these are merged
		WithCompactL0OnClose(true). // not left for the next process to read
		WithReadOnly(readOnly).
		WithLogger(quiet{})
}

// quiet keeps badger from writing to the user's terminal.
type quiet struct{}

func (quiet) Errorf(string, ...any)   {}
func (quiet) Warningf(string, ...any) {}
func (quiet) Infof(string, ...any)    {}
func (quiet) Debugf(string, ...any)   {}
