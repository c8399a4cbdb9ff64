package table

import (
	"context"
	"io"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// Memory is a Source over records in memory: for tests, for programs that
// embed Tidemark, and for tables that are empty so far.
type Memory struct {
	name    string
	schema  *Schema
	records []arrow.Record
}

// NewMemory makes a source of records whose columns are those of the schema,
// in order, in the layout of Type.Arrow (strings also as dictionaries).
func NewMemory(name string, s *Schema, records ...arrow.Record) *Memory {
	return &Memory{name: name, schema: s, records: records}
}

// Name is the table's name.
func (m *Memory) Name() string { return m.name }

// Schema is the table's schema.
func (m *Memory) Schema() *Schema { return m.schema }

// Scan hands out a block a record.
func (m *Memory) Scan(context.Context, Request) (Scan, error) {
	return &memoryScan{records: m.records}, nil
}

type memoryScan struct {
	mu      sync.Mutex
	records []arrow.Record
	given   int
	stats   ScanStats
}

func (s *memoryScan) Next(ctx context.Context) (Block, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(s.records) == 0 {
		return nil, io.EOF
	}
	r := s.records[0]
	s.records = s.records[1:]
	s.stats.RowsScanned += r.NumRows()
	s.given++
	return memoryBlock{r, s.given - 1}, nil
}

func (s *memoryScan) Stats() ScanStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

func (s *memoryScan) Close() error { return nil }

type memoryBlock struct {
	record arrow.Record
	at     int
}

// First tells where the block is among the others.
func (b memoryBlock) First() (extent, row int) { return b.at, 0 }

func (b memoryBlock) Rows() int { return int(b.record.NumRows()) }

func (b memoryBlock) Column(i int, sel []int32) (arrow.Array, error) {
	a := b.record.Column(i)
	if sel == nil {
		return a, nil
	}
	return Take(a, sel), nil
}

// Take copies the rows sel of an array of one of our layouts.
func Take(a arrow.Array, sel []int32) arrow.Array {
	switch a := a.(type) {
	case *array.Dictionary:
		codes := Take(a.Indices(), sel)
		return array.NewDictionaryArray(a.DataType(), codes, a.Dictionary())
	case *array.Int32:
		return build(array.NewInt32Builder(memory.DefaultAllocator), a, sel, a.Value)
	case *array.Int64:
		return build(array.NewInt64Builder(memory.DefaultAllocator), a, sel, a.Value)
	case *array.Float64:
		return build(array.NewFloat64Builder(memory.DefaultAllocator), a, sel, a.Value)
	case *array.Boolean:
		return build(array.NewBooleanBuilder(memory.DefaultAllocator), a, sel, a.Value)
	case *array.String:
		return build(array.NewStringBuilder(memory.DefaultAllocator), a, sel, a.Value)
	}
	panic("BUG: no layout of ours: " + a.DataType().String())
}

type builder[T any] interface {
	Append(T)
	AppendNull()
	NewArray() arrow.Array
}

func build[T any](b builder[T], a arrow.Array, sel []int32, value func(int) T) arrow.Array {
	for _, i := range sel {
		if a.IsNull(int(i)) {
			b.AppendNull()
		} else {
			b.Append(value(int(i)))
		}
	}
	return b.NewArray()
}
