package table

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
)

// Catalog finds tables by name. Names are case-sensitive.
type Catalog interface {
	// Table returns the table named name, or false.
	Table(name string) (Source, bool)
	// Tables returns the names of all tables, sorted.
	Tables() []string
}

// Source is something that can be queried.
type Source interface {
	Name() string
	Schema() *Schema
	// Scan begins to read. It sees the rows committed before the call and
	// none committed after it.
	Scan(ctx context.Context, r Request) (Scan, error)
}

// Request says what a scan needs. All but Columns are hints: a source may
// ignore them, and may return more rows than they ask for, but never fewer.
type Request struct {
	Columns []int       // the columns that will be read, as places in the schema; others may be absent
	Where   []Predicate // all of which hold for every row that matters
	Limit   int64       // how many rows are enough; 0 means all
	Count   *Count      // set: only numbers of rows are wanted
	// NoPruning reads all rows whatever Where says, to see what pruning does.
	NoPruning bool
}

// Count asks for numbers of rows in place of rows. It is asked for only where Where
// says all that is to be known of a row: each of its predicates is Exact. A
// source may answer with blocks that have counts alone, for some of the rows.
type Count struct {
	By int // how many rows have each value of this column of strings; -1: how many there are
}

// Scan hands out the rows of a source block by block.
type Scan interface {
	// Next returns the next block, or io.EOF after the last. It may be called
	// from several goroutines; each block goes to one of them.
	Next(ctx context.Context) (Block, error)
	// Stats may be called at any time.
	Stats() ScanStats
	io.Closer
}

// BlockReader hands out blocks; the part of Scan that a reader of one extent has.
type BlockReader interface {
	// Next returns the next block, or io.EOF after the last.
	Next(ctx context.Context) (Block, error)
}

// Block is rows of one extent, in their order: a run of them, or those that
// the request's predicates leave. It is used by one goroutine, which may have
// others call Column.
type Block interface {
	// Rows is the number of rows.
	Rows() int
	// Column returns column i of the schema, for the rows in sel (ascending)
	// or for all of them where sel is nil. Strings may come as a dictionary;
	// blocks of one extent then share the dictionary array, so that work on
	// it can be done once. Arrays are immutable and may be kept.
	Column(i int, sel []int32) (arrow.Array, error)
}

// ScanStats counts what a scan did.
type ScanStats struct {
	RowsScanned    int64 // rows in the blocks handed out
	ExtentsTotal   int64
	ExtentsScanned int64 // extents that pruning did not skip
	BytesRead      int64 // bytes of column chunks fetched
	Pruned         Pruned
}

// Pruned counts what a scan passed over because of its predicates, by what
// told.
type Pruned struct {
	ExtentsByRange int64 `json:"extents_by_range,omitempty"` // the range of values excludes the extent
	ExtentsByText  int64 `json:"extents_by_text,omitempty"`  // none of its values has the characters, terms or parts looked for
	ExtentsByValue int64 `json:"extents_by_value,omitempty"` // its dictionary has no value that satisfies
	ExtentsByCount int64 `json:"extents_by_count,omitempty"` // only numbers of rows were wanted, and were known
	BlocksByRange  int64 `json:"blocks_by_range,omitempty"`  // blocks, of other extents, that the range of values excludes
	RowsByValue    int64 `json:"rows_by_value,omitempty"`    // rows of other extents whose values do not satisfy
}

// Add adds the counts of o.
func (p *Pruned) Add(o Pruned) {
	p.ExtentsByRange += o.ExtentsByRange
	p.ExtentsByText += o.ExtentsByText
	p.ExtentsByValue += o.ExtentsByValue
	p.ExtentsByCount += o.ExtentsByCount
	p.BlocksByRange += o.BlocksByRange
	p.RowsByValue += o.RowsByValue
}

// Add adds the counts of o.
func (s *ScanStats) Add(o ScanStats) {
	s.RowsScanned += o.RowsScanned
	s.ExtentsTotal += o.ExtentsTotal
	s.ExtentsScanned += o.ExtentsScanned
	s.BytesRead += o.BytesRead
	s.Pruned.Add(o.Pruned)
}

// PredicateOp is the relation of a predicate.
type PredicateOp uint8

// The relations a source may prune by.
const (
	Equal        PredicateOp = iota // the column equals one of Values
	Less                            // the column is less than Values[0]
	LessEqual                       //
	Greater                         //
	GreaterEqual                    //
	Contains                        // the column contains Values[0], ignoring case
	Has                             // the column has the term Values[0], ignoring case
	HasPrefix                       // the column starts with Values[0], ignoring case
	Matches                         // Match says; what matches contains each of Values, ignoring case
	Or                              // any of Of holds
	And                             // all of Of hold
)

// Predicate is a condition that a source may use to skip rows. Null satisfies
// none. Every row of which the condition is true satisfies it; it may be
// satisfied by more.
type Predicate struct {
	Column int // of one; Or and And have those of their parts
	Op     PredicateOp
	Values []any // bool, int64, float64 or string, by the column's layout
	Of     []Predicate

	// Match is the condition itself, for columns of type string: it tells for
	// each of some values whether a row that has it matters, or gives nil where
	// that cannot be told from a value alone. It may be called from several
	// goroutines. Nil where there are only Op and Values to go by.
	Match func(values *array.String) []bool
	// Same is equal for conditions that match the same values, and stays so from
	// one query to the next, so that what matches can be remembered. Empty where
	// nothing is known to be the same.
	Same string
}

// Exact reports that the rows which satisfy the predicate are those of which the
// condition is true, and that equal predicates can be known by name: strings that
// a column of strings is to equal, or a condition with Match and Same.
func (p Predicate) Exact() bool {
	if p.Op != Equal {
		return p.Match != nil && p.Same != ""
	}
	for _, v := range p.Values {
		if _, ok := v.(string); !ok {
			return false
		}
	}
	return true
}

// Appender takes rows.
type Appender interface {
	// Commit stores a batch: all of it or nothing. When it returns nil the
	// batch is on disk and visible to queries that begin afterwards.
	Commit(ctx context.Context, b *Batch) error
	// Mark returns what a committed batch stored under key, or nil.
	Mark(key string) ([]byte, error)
}

// Batch is the unit of durability. It may hold rows of several tables.
type Batch struct {
	Parts []Part
	// Marks are small values that change together with the rows: how far a
	// file has been read, the last snapshot of a computer. Nil deletes.
	Marks map[string][]byte
	// Clear names tables whose earlier rows go when the batch comes.
	Clear []string
	// Epochs are the epochs of tables that the batch was made for: it is
	// refused with ErrCleared where a table has another by then.
	Epochs map[string]uint64
}

// ErrCleared says that a table was dropped or emptied while rows for it were
// on their way.
var ErrCleared = errors.New("the table was dropped or emptied meanwhile")

// RowMarks is what the names of marks begin with that tell of the rows of a
// table in an epoch: they go with the rows when the table is dropped or
// emptied. Tables of epoch 0 were made before there were epochs.
func RowMarks(name string, epoch uint64) string {
	if epoch == 0 {
		return "ingest/ids/" + name + "/"
	}
	return fmt.Sprintf("rows/%s/%d/", url.PathEscape(name), epoch)
}

// Part is the rows of a batch for one table. The record's fields are columns
// of the table by name, in the layout of Type.Arrow; columns of the table that
// the record lacks are empty strings or nulls.
type Part struct {
	Table string
	Rows  arrow.Record
}
