package ingest

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"time"
	"unicode/utf8"

	"tidemark/internal/dyn"
	"tidemark/table"
)

// Destination is where loaded rows go.
type Destination interface {
	table.Appender
	// Schema returns the schema of a table, and whether there is such a table.
	Schema(table string) (*table.Schema, bool)
	// Epoch returns a number that changes when a table is dropped and made
	// anew, and when it is emptied, and whether there is such a table.
	Epoch(table string) (uint64, bool)
}

// Options say how to load. The zero value detects the format and takes the
// table from the records.
type Options struct {
	Format   string         // name of the format; empty detects it
	Table    string         // where all rows go; empty takes it from the records
	Source   string         // name of the input, for messages
	Computer string         // of records that do not name one
	Zone     *time.Location // of times that a header calls local; nil refuses them

	// Mapping is for a format that Tidemark does not know: it takes the place of
	// Format, and Transformer runs its query.
	Mapping     *Mapping
	Transformer Transformer

	// Again loads a file from its beginning, whatever of it was loaded before,
	// and keeps no position. Rows whose EventId is stored are left out still.
	Again bool

	// DedupWindow leaves out rows without an EventId whose whole content equals
	// that of one stored, by a load with the same window, not longer ago. What
	// is loaded fills in itself does not count. It knows the last million rows
	// of a table at most. 0 leaves out none.
	DedupWindow time.Duration

	BatchRows  int           // records in a batch; 0 is 16384
	BatchBytes int           // bytes of input in a batch; 0 is 8 MB
	BatchWait  time.Duration // how long a record may wait for its batch to fill; 0 is 250 ms
	Decoders   int           // goroutines that decode; 0 is one a core

	// Rejects gets a line of JSON for each rejected record:
	// {"source":…,"line":…,"offset":…,"class":…,"reason":…,"raw":…}.
	Rejects io.Writer
	// MaxFailures is how many rejected records of the load go to the table
	// _IngestionFailures in an hour; 0 is 10,000, less than 0 none.
	MaxFailures int
	// Progress is told after each batch how far the load is.
	Progress func(Stats)
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Limits of Options.
const (
	defaultBatchRows  = 16384
	maxBatchRows      = 65536
	defaultBatchBytes = 8 << 20
	listBatchBytes    = 2 << 20
	defaultBatchWait  = 250 * time.Millisecond
)

// Stats tell what a load did.
type Stats struct {
	Format        string // the format that was named or detected
	RowsIn        int64  // rows stored
	RowsRejected  int64  // records that could not be read
	RowsDuplicate int64  // rows left out: their EventId is stored, or what the window has, or the part of the file that has them was loaded
	BytesIn       int64  // text read, unpacked
	FileBytes     int64  // read of the input as it is, packed or not
	Batches       int64
	Reasons       map[Bad]int64    // rejected records by class of reason
	Tables        map[string]int64 // rows stored by table
	Passed        map[string]int64 // records passed over, as they tell of no change and no item, by what they tell of
	Rejects       []Reject         // the first rejected records
	Before        *Before          // what was loaded of the file before; nil where nothing was

	FailuresLeftOut int64 // rejected records beyond MaxFailures, set when the load has ended
}

// clone copies what later batches will change.
func (s Stats) clone() Stats {
	s.Reasons, s.Tables, s.Passed = maps.Clone(s.Reasons), maps.Clone(s.Tables), maps.Clone(s.Passed)
	s.Rejects = s.Rejects[:len(s.Rejects):len(s.Rejects)]
	return s
}

const (
	keptRejects = 20   // how many rejected records Stats holds
	maxRaw      = 4096 // how much of a rejected record is kept
)

// Reject is a record that could not be read. The database keeps it in the table
// _IngestionFailures, up to Options.MaxFailures.
type Reject struct {
	Source string
	Line   int64 // the first line is 1
	Offset int64 // in bytes, of the unpacked text
	Class  Bad
	Reason string
	Raw    string // the record, or its beginning
}

func newReject(source string, line, offset int64, err error, raw []byte) Reject {
	if raw = trim(raw); len(raw) > maxRaw {
		raw = raw[:maxRaw]
	}
	r := Reject{Source: source, Line: line, Offset: offset, Class: Internal, Reason: err.Error(), Raw: string(bytes.ToValidUTF8(raw, []byte(string(utf8.RuneError))))}
	var bad *badRecord
	if errors.As(err, &bad) {
		r.Class = bad.class
	}
	return r
}

// appendJSON appends the reject as a line of JSON.
func (r *Reject) appendJSON(b []byte) []byte {
	b = dyn.AppendString(append(b, `{"source":`...), r.Source)
	b = appendInt(append(b, `,"line":`...), r.Line)
	b = appendInt(append(b, `,"offset":`...), r.Offset)
	b = dyn.AppendString(append(b, `,"class":`...), string(r.Class))
	b = dyn.AppendString(append(b, `,"reason":`...), r.Reason)
	b = dyn.AppendString(append(b, `,"raw":`...), r.Raw)
	return append(b, '}', '\n')
}
